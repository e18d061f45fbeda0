"""Drills about the services that the site uses besides the database."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.drills.databases import HOST, free_port
from deploy.drills.load import Load, Member, Visitor
from deploy.drills.mail_server import MailServer
from deploy.drills.outcomes import SETTLE_SECONDS, Outcome, members, of_load, site_on
from deploy.drills.site import Site, cable, program, status, wait_until
from deploy.drills.uploads import Away, Fate, Owners, while_away

LONGEST_REQUEST = 10  # seconds
LONGEST_WAIT_OF_MAIL = 90
BUCKETS = {"PHOTO_BUCKET": "photos", "PRIVATE_BUCKET": "private"}
VIRUS = b"what the scanner of this drill takes for a virus"
CLAMD = """
Foreground yes
TCPAddr {host}
TCPSocket {port}
DatabaseDirectory {signatures}
"""


def cache_down(folder: Path) -> Outcome:
    """The cache is killed under load and comes back empty. No request fails."""
    port = free_port()
    with site_on(folder, CACHE_URL=f"redis://{HOST}:{port}/0") as (site, server):
        where = ["--bind", HOST, "--port", str(port), "--save", "", "--dir", str(folder)]
        cache = site.start("cache", [program("valkey-server", "redis-server"), *where])
        with Load(site.proxy_port, members(site)) as load:
            time.sleep(SETTLE_SECONDS)
            cache.kill()
            time.sleep(2 * SETTLE_SECONDS)
            cache.start()
            time.sleep(3 * SETTLE_SECONDS)  # longer than the site leaves it alone
        figures, lost = of_load(load, server.port)
        return Outcome(figures, not load.failed() and not lost)


def mail_down(folder: Path) -> Outcome:
    """The mail server is away while people ask for new passwords. Each email leaves once it is back, and only once."""
    port = free_port()
    with site_on(folder, EMAIL_URL=f"smtp://{HOST}:{port}") as (site, server):
        site.start("worker", [sys.executable, "manage.py", "db_worker"])
        people = members(site)
        with Load(site.proxy_port, people) as load:
            time.sleep(SETTLE_SECONDS)
            asked = {f"drill{number}@example.com" for number in range(len(people))}
            for address in asked:
                Visitor(people[0], site.proxy_port, "127.0.2.1").send("/accounts/password/reset/", email=address)
            time.sleep(SETTLE_SECONDS)
            with MailServer(port) as mail:
                took = wait_until(lambda: len(mail.took) >= len(asked), "The emails", LONGEST_WAIT_OF_MAIL)
                time.sleep(SETTLE_SECONDS)  # any that would come twice
        came = sorted(str(message["To"]) for message in mail.took)
        figures, lost = of_load(load, server.port)
        words = f"{len(came)} emails came {took:.0f} s after the mail server, each once. "
        return Outcome(words + figures, came == sorted(asked) and not load.failed() and not lost)


def s3_down(folder: Path) -> Outcome:
    """The service of the buckets is cut off, then hangs. Files are unavailable meanwhile, and pages are not."""
    service = free_port()
    folder.joinpath("s3").mkdir()
    buckets, port = cable(folder / "s3", service)
    keys = {"AWS_ACCESS_KEY_ID": "drill", "AWS_SECRET_ACCESS_KEY": "drill", "AWS_DEFAULT_REGION": "us-east-1"}
    settings = {f"{name}_ENDPOINT": f"http://{HOST}:{port}" for name in BUCKETS} | BUCKETS | keys
    with site_on(folder, machines=2, **settings) as (site, server):
        site.others.append(buckets)
        site.start("s3", [program("moto_server"), "-H", HOST, "-p", str(service)])
        for bucket in BUCKETS.values():
            wait_until(lambda bucket=bucket: status(service, f"/{bucket}", {}, "PUT") == 200, "The bucket")
        people = members(site)
        owners = Owners(people, site)
        owners.change_photo()
        photo = owners.photo()
        with Load(site.proxy_port, people) as load:
            away = while_away(buckets, owners.attach, lambda: _look_at(photo, people, site))
            time.sleep(SETTLE_SECONDS)
        return _judged(load, server.port, owners, away, Fate.UNAVAILABLE)


def clamd_down(folder: Path) -> Outcome:
    """The virus scanner is killed, then hangs. Documents are refused meanwhile, and no other request fails."""
    port, signatures = free_port(), folder / "signatures"
    with site_on(folder, CLAMD_URL=f"tcp://{HOST}:{port}") as (site, server):
        signatures.mkdir()
        (signatures / "drill.ndb").write_text(f"Drill:0:*:{VIRUS.hex()}\n")
        configuration = folder / "clamd.conf"
        configuration.write_text(CLAMD.format(host=HOST, port=port, signatures=signatures))
        scanner = site.start("clamd", [program("clamd"), "--config-file", str(configuration)])
        people = members(site)
        owners = Owners(people, site)
        wait_until(lambda: owners.attach() == Fate.KEPT, "The first document")
        is_scanned = owners.attach(VIRUS, refused="Our virus scanner found a problem") == Fate.REFUSED
        with Load(site.proxy_port, people) as load:
            away = while_away(scanner, owners.attach)
            time.sleep(SETTLE_SECONDS)
        judged = _judged(load, server.port, owners, away, Fate.REFUSED)
        return Outcome(judged.figures, judged.is_kept and is_scanned)


def _look_at(photo: str, people: list[Member], site: Site) -> None:
    """Let all people load a photo again and again for a while."""
    until = time.monotonic() + SETTLE_SECONDS

    def look(visitor: Visitor) -> None:
        while time.monotonic() < until:
            visitor.ask("GET", photo)

    with ThreadPoolExecutor() as threads:
        list(threads.map(look, Owners(people, site).visitors))


def _judged(load: Load, port: int, owners: Owners, away: Away, expected: Fate) -> Outcome:
    """Return the outcome of a drill in which files were to be `expected` while a service was away."""
    figures, lost = of_load(load, port)
    slowest = max(sent.seconds for sent in load.sent)
    documents_lost = owners.lost(port)
    words = (
        f"Files sent meanwhile: {', '.join(away.fates)}; kept again after {away.back_after:.0f} s. "
        f"{len(owners.kept)} documents, {documents_lost} lost. Slowest other request {slowest:.1f} s. "
    )
    are_as_promised = set(away.fates) == {expected} and not documents_lost and slowest <= LONGEST_REQUEST
    return Outcome(words + figures, are_as_promised and not load.failed() and not lost)
