"""Owners who attach documents and change their photos, while what these need is taken from the site."""

import json
import re
import time
from collections.abc import Callable
from enum import StrEnum
from html import unescape
from io import BytesIO
from itertools import cycle
from typing import NamedTuple

from PIL import Image

from deploy.drills import databases
from deploy.drills.load import Answer, File, Member, Visitor
from deploy.drills.outcomes import SETTLE_SECONDS
from deploy.drills.site import Process, Site, wait_until

DAMAGED = "import json; from deploy.drills.people import damaged_documents; print(json.dumps(damaged_documents()))"
NAMES = "SELECT json_agg(name) FROM verification_document"
PHOTO = re.compile(r'src="(/photos/[^"]+)"')


class Fate(StrEnum):
    """What became of a file that an owner sent. Whoever reads UNAVAILABLE or REFUSED knows that it is not kept."""

    KEPT = "kept"
    REFUSED = "refused"
    UNAVAILABLE = "503"
    UNCLEAR = "unclear"


class Owners:
    """All members, who take turns: a certification holds few documents."""

    def __init__(self, people: list[Member], site: Site) -> None:
        self.site = site
        self.visitors = [Visitor(member, site.proxy_port, f"127.0.2.{at}") for at, member in enumerate(people, 1)]
        self.turns = cycle(self.visitors)
        self.sent = 0
        self.kept: list[str] = []

    def attach(self, more: bytes = b"", refused: str = "We can't check files for viruses right now") -> Fate:
        """Attach a new document, and return what the site says of it. `refused`: with these words."""
        self.sent += 1
        name = f"certificate {self.sent}.png"
        visitor = next(self.turns)
        page = visitor.member.certification
        answer = visitor.send(page, f"{page}documents/", document=(name, picture(self.sent) + more, "image/png"))
        fate = _fate(answer, kept=f"{name}</bdi> attached", refused=refused)
        if fate == Fate.KEPT:
            self.kept.append(name)
        return fate

    def change_photo(self) -> Fate:
        self.sent += 1
        visitor = next(self.turns)
        photo: File = ("me.png", picture(self.sent), "image/png")
        answer = visitor.send(f"{visitor.member.profile}edit/photo/", photo=photo)
        return _fate(answer, kept="Photo saved", refused="\0")

    def photo(self) -> str:
        """Return the address of the photo of whoever changed theirs last."""
        pages = (visitor.ask("GET", visitor.member.profile).page for visitor in self.visitors)
        return next(found[1] for page in pages if (found := PHOTO.search(page)))

    def lost(self, port: int) -> int:
        """Return how many documents the site said it keeps, and does not. `port`: the database's."""
        damaged = json.loads(self.site.manage("shell", "--no-imports", "--command", DAMAGED))
        whole = set(databases.ask(port, NAMES) or []) - set(damaged)
        return len(set(self.kept) - whole)


def _fate(answer: Answer, *, kept: str, refused: str) -> Fate:
    if answer.status == 503:
        return Fate.UNAVAILABLE
    if answer.status == 200 and kept in answer.page:
        return Fate.KEPT
    return Fate.REFUSED if answer.status == 200 and refused in unescape(answer.page) else Fate.UNCLEAR


def picture(number: int) -> bytes:
    """Return a picture unlike that of every other number."""
    output = BytesIO()
    image = Image.new("RGB", (300, 400), "white")
    image.paste((number, 2 * number, 3 * number), (20, 20, 200, 300))
    image.save(output, "PNG")
    return output.getvalue()


class Away(NamedTuple):
    """What became of the files that were sent while a service was killed and while it hung.

    `back_after`: how many seconds after its return files were kept again, at the latest.
    """

    fates: list[Fate]
    back_after: float


def while_away(service: Process, attempt: Callable[[], Fate], others: Callable[[], None] = lambda: None) -> Away:
    """Kill `service` and bring it back, then let it hang and go on. `others` is called each time it is away."""
    fates, longest = [], 0.0
    for take, give in ((service.kill, service.start), (service.freeze, service.thaw)):
        time.sleep(SETTLE_SECONDS)
        take()
        fates.append(attempt())
        others()
        give()
        longest = max(longest, wait_until(lambda: attempt() == Fate.KEPT, "A file that is kept again"))
    return Away(fates, longest)
