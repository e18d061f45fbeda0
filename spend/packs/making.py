"""Makes audit packs: everything about one issued report in a ZIP, with the hash of each file and a signature."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import blake2b, sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files import File
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from common import unwanted
from common.days import day
from common.mail.letters import absolute
from common.paper import Paper
from rollout.models import RolloutPolicy
from sourcing.exports import files
from sourcing.exports.columns import moment
from sourcing.exports.files import Sheet
from spend import wording
from spend.models import AuditPack, IssuedReport
from spend.packs import changed, coupa, keeping, signing, tables
from spend.packs.tables import Behind, Content, Shown, Table
from spend.reported import Show
from spend.saying import Names, Said, said
from spend.sums import Figures
from spend.totals import Line

AT_ONCE = 2_000  # rows that are written while the browser waits
FORMAT = 1  # of the pack: another number when its files or their columns change
ZIPPED_ON = (1980, 1, 1, 0, 0, 0)  # every file, so that the same report makes the same bytes
READER = "verify_pack.py"
BLOCK = 1 << 16


def all_tables(content: Content) -> list[Table]:
    return [*sums_tables(content), *tables.of_payments(content), *coupa.tables(content)]


def sums_tables(content: Content) -> list[Table]:
    """Return the tables with sums, which the page of the report and its PDF show."""
    return [*changed.tables(content.issued), *tables.of_sums(content.figures)]


def sheet(table: Table, content: Content) -> Sheet:
    """Return a table of the report for a file."""
    issued = content.issued
    about = {
        "Report": f"{issued.number} of {issued.client.name}, {issued.starts_on} to {issued.ends_on}",
        "Cut-off": moment(issued.cutoff),
        "What it is": table.note,
        **{column.heading: column.meaning for column in table.columns},
    }
    return Sheet(table.title, table.columns, table.cells, about, made_at=issued.cutoff)


def ask(issued: IssuedReport) -> AuditPack:
    """Make the pack of a report, or have it made if it is large. Return it. Two at once start it once."""
    rows = issued.payments.count()
    pack, is_new = AuditPack.objects.get_or_create(report=issued, defaults={"rows_found": rows})
    stopped = AuditPack.objects.filter(pk=pack.pk).exclude(state__in=[AuditPack.State.WAITING, AuditPack.State.RUNNING])
    anew = {"state": AuditPack.State.WAITING, "touched_at": timezone.now(), "rows_done": 0, "rows_found": rows}
    if is_new or stopped.update(**anew):
        if rows <= AT_ONCE:
            make(pack.pk)
        else:
            transaction.on_commit(partial(make_in_background.enqueue, pack.pk))
    pack.refresh_from_db()
    return pack


def names(content: Content) -> str:
    """Return the digest of whom a report names now, and of whether another report replaced it."""
    said = (sorted((payee.business, payee.name) for payee in content.named.values()), content.issued.is_superseded)
    return blake2b(repr(said).encode(), digest_size=16).hexdigest()


@task
def make_in_background(pk: int) -> None:
    """Make the pack of a large report. May run twice: whoever comes second finds it taken."""
    make(pk)


def make(pk: int) -> None:
    """Write the file of a waiting pack. What goes wrong is said by its state, and raised."""
    waiting = AuditPack.objects.filter(pk=pk, state=AuditPack.State.WAITING)
    if not waiting.update(state=AuditPack.State.RUNNING, touched_at=timezone.now()):
        return
    running = AuditPack.objects.filter(pk=pk, state=AuditPack.State.RUNNING)
    pack = AuditPack.objects.select_related("report__client").get(pk=pk)
    try:
        key = signing.private_key()
        if key is None:
            raise LookupError("SIGNING_KEY is not set")
        content = Content.of(pack.report, RolloutPolicy.in_force())
        old = pack.file.name
        with TemporaryFile() as file:
            write(file, content, key, pack)
            file.seek(0)
            pack.file.save(names(content), File(file), save=False)
        is_done = running.update(
            state=AuditPack.State.DONE, file=pack.file.name, touched_at=timezone.now(), rows_done=pack.rows_found
        )
        # Of one that was taken for stopped, and was started again meanwhile, one file stays.
        if unneeded := old if is_done else pack.file.name:
            unwanted.delete_later("private", str(unneeded))
        if names(Content.of(_report(pack), RolloutPolicy.in_force())) != names(content):
            keeping.drop([pack.report_id])  # someone withdrew while the file was written, and found none to delete
    except BaseException:
        running.update(state=AuditPack.State.FAILED)
        raise


def _report(pack: AuditPack) -> IssuedReport:
    """Return the report of `pack` as it is now."""
    return IssuedReport.objects.select_related("client").get(pk=pack.report_id)


def restart_stopped() -> int:
    """Start again what was stopped in the middle. Returns how many."""
    moving = [AuditPack.State.WAITING, AuditPack.State.RUNNING]
    before = timezone.now() - AuditPack.STOPPED_AFTER
    keys = list(AuditPack.objects.filter(state__in=moving, touched_at__lt=before).values_list("pk", flat=True))
    AuditPack.objects.filter(pk__in=keys).update(state=AuditPack.State.WAITING, touched_at=timezone.now())
    for pk in keys:
        make_in_background.enqueue(pk)
    return len(keys)


def write(file: IO[bytes], content: Content, key: Ed25519PrivateKey, pack: AuditPack) -> None:
    """Write the pack into `file`, and into the row of `pack` how far it is."""
    listed = {}
    progress = AuditPack.objects.filter(pk=pack.pk)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, made in _files(content, key):
            with made:
                listed[name] = _add(archive, name, made)
            done = min(pack.rows_found, pack.rows_found * len(listed) // _count(content))
            progress.update(rows_done=done, touched_at=timezone.now())
        manifest = _json({"format": FORMAT, "files": listed})
        _add(archive, "manifest.json", io.BytesIO(manifest))
        _add(archive, "manifest.sig", io.BytesIO(key.sign(manifest)))


def _add(archive: zipfile.ZipFile, name: str, file: IO[bytes]) -> dict[str, str | int]:
    """Copy `file` into the pack, block by block. Return its hash and its size."""
    entry = zipfile.ZipInfo(name, ZIPPED_ON)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.file_size = file.seek(0, io.SEEK_END)  # by which it knows whether it has to be a large entry
    file.seek(0)
    hashed = sha256()
    with archive.open(entry, "w") as target:
        while block := file.read(BLOCK):
            hashed.update(block)
            target.write(block)
    return {"sha256": hashed.hexdigest(), "size": file.tell()}


def _count(content: Content) -> int:
    return 9 + 2 * len(all_tables(content))


def _files(content: Content, key: Ed25519PrivateKey) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the name of each file, and the file, without the manifest and its signature."""
    left_out = []
    for table in all_tables(content):
        for ending in files.CONTENT_TYPES:
            name = f"tables/{table.name}.{ending}"
            try:
                yield name, files.written(sheet(table, content), ending)
            except files.TooManyRowsError:
                left_out.append(name)
    small = {
        "report.html": page(content).encode(),
        "report.pdf": paper(content).pdf(),
        "report.json": _json(_about(content)),
        "rules.txt": "".join(f"{rule.term}: {rule.value}\n" for rule in _rules(content.issued)).encode(),
        "rules.json": _json(content.issued.rules),
        "data-dictionary.csv": _dictionary(content),
        "public-key.pem": signing.public_pem(key),
        READER: (Path(__file__).parent / READER).read_bytes(),
        "README.txt": _readme(content, left_out),
    }
    for name, made in small.items():
        yield name, io.BytesIO(made)


def _readme(content: Content, left_out: list[str]) -> bytes:
    values = {"issued": content.issued, "left_out": left_out, "key_url": absolute(reverse("spend:signing_key"))}
    return render_to_string("spend/pack/readme.txt", values).encode()


def _json(value: object) -> bytes:
    return f"{json.dumps(value, indent=1, ensure_ascii=False)}\n".encode()


def _about(content: Content) -> dict[str, object]:
    issued = content.issued
    return {
        "client": issued.client.name,
        "number": issued.number,
        "starts_on": issued.starts_on.isoformat(),
        "ends_on": issued.ends_on.isoformat(),
        "cutoff": issued.cutoff.isoformat(),
        "signer": {"name": issued.signer_name, "title": issued.signer_title, "statement": issued.statement},
        "replaces": issued.replaces.number if issued.replaces else None,
        "reason": issued.reason,
        "superseded_by": issued.replaced_by.number if issued.is_superseded else None,
        "types": issued.type_names,
        "quarters": [
            [part.period.starts_on.isoformat(), part.period.ends_on.isoformat()] for part in content.sums.quarters
        ],
        "addressable": None if issued.addressable is None else str(issued.addressable),
        "addressable_note": issued.addressable_note,
        "rows": issued.payments.count(),
        "rows_sha256": issued.digest,
        "rules": issued.rules,
    }


def _dictionary(content: Content) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(("table", "column", "meaning"))
    for table in all_tables(content):
        writer.writerows((table.name, column.heading, column.meaning) for column in table.columns)
    return file.getvalue().encode("utf-8-sig")


def page(content: Content) -> str:
    """Return the report as an HTML page that stands alone."""
    return render_to_string("spend/pack/report.html", context(content))


def context(content: Content, link: Callable[[Behind], str] | None = None) -> dict[str, object]:
    """Return what `spend/report_body.html` shows. `link` gives the address of the payments behind a number."""
    return {
        "issued": content.issued,
        "addressable": _addressable(content.issued),
        "rules": _rules(content.issued),
        "removed": _removed(content),
        **figures_context(content.figures, sums_tables(content), link),
    }


def figures_context(
    figures: Figures, shown: Iterable[Table], link: Callable[[Behind], str] | None = None
) -> dict[str, object]:
    """Return what `spend/report_figures.html` and `spend/report_tables.html` show of a report or a draft."""
    counted, base = figures.sums.totals.unduplicated, figures.sums.totals.base

    def number(line: Line, show: Show) -> Shown:
        return Shown(wording.money(line.amount, figures.rules.currency), link({"show": show}) if link else "")

    return {
        "counted": number(counted, Show.COUNTED),
        "line": counted,
        "base": number(base, Show.BASE),
        "share": wording.percentage(counted.amount, base.amount),
        "tables": [table._replace(link=link) for table in shown],
    }


def _addressable(issued: IssuedReport) -> str:
    """Return the addressable spend of the report, with its note, if the client entered it."""
    if issued.addressable is None:
        return ""
    return f"{wording.money(issued.addressable, issued.plain_rules().currency)}. {issued.addressable_note}".strip()


def _rules(issued: IssuedReport) -> list[Said]:
    """Return the rules of the report in words, with the names that its types had."""
    names = Names.read()
    return said(issued.plain_rules(), replace(names, types={**names.types, **issued.names_of_types}))


def _removed(content: Content) -> int:
    """Return how many businesses of the report may no longer be named."""
    rows = content.issued.payments.filter(business__isnull=False)
    return rows.values("business").distinct().count() - len(content.named)


def paper(content: Content) -> Paper:
    """Return the report as a document to print."""
    issued = content.issued
    made = Paper(
        f"Spend with certified businesses, report {issued.number}",
        footer=f"{issued.client.name}, report {issued.number}, cut-off {moment(issued.cutoff)}",
    )
    made.paragraph(f"{issued.client.name}, {day(issued.starts_on)} to {day(issued.ends_on)}.")
    made.paragraph(f"It includes what was known before the cut-off, {moment(issued.cutoff)}.")
    if issued.replaces:
        made.paragraph(f"It replaces report {issued.replaces.number}: {issued.reason}")
    if issued.is_superseded:
        made.paragraph(f"It is superseded by report {issued.replaced_by.number}: {issued.replaced_by.reason}")
    made.paragraph(f"{issued.statement} Signed by {issued.signer_name}, {issued.signer_title}.")
    if addressable := _addressable(issued):
        made.paragraph(f"Addressable spend: {addressable}")
    for table in sums_tables(content):
        made.heading(table.title)
        made.paragraph(table.note)
        columns = table.read_columns
        widths = [-column.width if column.holds.is_number else column.width for column in columns]
        made.table(
            [column.words for column in columns],
            [[cell.text for cell in row] for row in table.read_cells],
            widths=widths,
        )
    made.heading("Rules")
    made.table(["Rule", "What it says"], [[rule.term, rule.value] for rule in _rules(issued)], widths=[1, 3])
    made.paragraph(f"SHA-256 of the rows: {issued.digest}")
    return made
