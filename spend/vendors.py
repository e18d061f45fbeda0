"""The vendor check: which businesses of a client's own list are certified here, and how that is known."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, NamedTuple

from django.db.models import TextChoices
from django.db.models.functions import Lower
from django.utils import timezone

from certifications.models import Certification, Consent, Step
from certifications.numbers import number_key
from certifications.sharing.consents import FOUND_BY_CERTIFICATE, versions_since
from common.days import day
from common.mail.letters import absolute
from common.text import readable
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing.look_up import name_words
from spend.models import VendorList
from verification.registers.columns import recognise
from verification.registers.names import AGREES, AGREES_BY_NUMBER, score
from verification.registers.reading import BrokenFile, open_table

MOST_ROWS = 1_000
MOST_COLUMNS = 60
MOST_BYTES = 2_000_000
LONGEST_CELL = 500  # characters that are kept
BATCH = 50  # rows that are looked up in one go
MOST_CANDIDATES = 5


class Said(TextChoices):
    """What the check says of a row."""

    NUMBER = "number", "Found by its certificate number"
    NAME = "name", "Found by its name"
    OTHER_NAME = "other_name", "This number is on a certificate of a business with another name"
    SEVERAL = "several", "Several businesses could be meant"
    NOTHING = "nothing", "Not found"
    EMPTY = "empty", "No name and no number"


class Answer(NamedTuple):
    """The answer about a row. `profiles` is one business, or the candidates. `records` are those of that business."""

    said: Said
    profiles: list[Profile]
    records: list[Certification]

    def cells(self) -> dict[str, str]:
        """Return what a file adds to the row, by heading."""
        return {
            "Result": self.said.label,
            "Profile": "; ".join(profile.name for profile in self.profiles),
            "Profile page": "; ".join(absolute(profile.get_absolute_url()) for profile in self.profiles),
            "Certified as": "; ".join(record.type.name for record in self.records),
            "Issued by": "; ".join(record.body_name for record in self.records),
            "Valid until": "; ".join(
                day(record.expires_on) if record.expires_on else "Doesn't expire" for record in self.records
            ),
            "Verification level": "; ".join(Step(record.step).label for record in self.records),
        }


HEADINGS = list(Answer(Said.EMPTY, [], []).cells())


def read(file: BinaryIO, *, name: str) -> VendorList:
    """Return the unsaved list in a CSV or XLSX file, with the columns that its titles tell. Raise BrokenFile."""
    with NamedTemporaryFile() as copy:
        while chunk := file.read(1 << 16):
            copy.write(chunk)
        copy.flush()
        table = open_table(Path(copy.name))
        if len(table.header) > MOST_COLUMNS:
            raise BrokenFile(f"The file has more than {MOST_COLUMNS} columns.")
        rows = []
        for row in table.rows():
            if len(rows) == MOST_ROWS:
                raise BrokenFile(f"The file has more than {MOST_ROWS:,} rows. Split it.")
            rows.append([_cell(cell) for cell in row.cells])
        columns = recognise(table.header, table.sample)
    header = [_cell(title) or f"Column {position + 1}" for position, title in enumerate(table.header)]
    return VendorList(name=name[:200], header=header, rows=rows, name_column=columns.name, number_column=columns.number)


def _cell(text: str) -> str:
    return readable(text).strip()[:LONGEST_CELL]


class Wanted(NamedTuple):
    """What a row says of its vendor."""

    name: str
    number: str


def wanted(listed: VendorList, rows: Iterable[Sequence[str]]) -> list[Wanted]:
    def at(row: Sequence[str], column: int | None) -> str:
        return row[column] if column is not None and column < len(row) else ""

    return [Wanted(at(row, listed.name_column), at(row, listed.number_column)) for row in rows]


def check(rows: Sequence[Wanted], viewer: Viewer, policy: RolloutPolicy) -> list[Answer]:
    """Return the answer about each row, as far as `viewer` may find it. The queries do not depend on what is found.

    A row names a business by a certificate number or a legal business name, as when someone looks it up, or by the
    public name of a profile. Of a business that is found, it tells the certifications that a search would show.
    """
    agreed_to = versions_since(Consent.Purpose.FIND, FOUND_BY_CERTIFICATE)
    active = Profile.objects.active()
    findable = Certification.objects.findable_by(viewer, policy, agreed_to=agreed_to).filter(profile__in=active)
    numbers, names = [row.number for row in rows], [name_words(row.name) for row in rows]
    proposed = list(
        findable.of_numbers_or_names(numbers, names)
        .select_related("profile", "certificate__body")
        .order_by("profile__name", "pk")
    )
    spelled = {row.name.lower() for row in rows if row.name}
    by_name: dict[str, list[Profile]] = {}
    for profile in active.annotate(spelled=Lower("name")).filter(spelled__in=spelled).order_by("pk"):
        by_name.setdefault(profile.name.lower(), []).append(profile)
    found = [_match(row, proposed, by_name.get(row.name.lower(), [])) for row in rows]
    certain = {answer.profiles[0].pk for answer in found if len(answer.profiles) == 1}
    records: dict[int, list[Certification]] = {}
    for record in (
        Certification.objects.findable_by(viewer, policy).filter(profile__in=certain).with_step().for_display()
    ):
        records.setdefault(record.profile_id, []).append(record)
    return [
        answer._replace(records=records.get(answer.profiles[0].pk, []))
        if answer.said in (Said.NUMBER, Said.NAME)
        else answer
        for answer in found
    ]


def _match(row: Wanted, proposed: Iterable[Certification], named: Sequence[Profile]) -> Answer:
    key = number_key(row.number)
    numbered = {record.profile: record for record in proposed if key and key in record.number_keys}
    if row.name:
        agreeing = [
            profile
            for profile, record in numbered.items()
            if profile in named or score(row.name, record.legal_business_name, beside_number=True) >= AGREES_BY_NUMBER
        ]
    else:
        agreeing = list(numbered)
    if agreeing:
        return _answer(Said.NUMBER, agreeing)
    if numbered:
        return Answer(Said.OTHER_NAME, list(numbered)[:MOST_CANDIDATES], [])
    if row.name:
        alike = [record.profile for record in proposed if score(row.name, record.legal_business_name) >= AGREES]
        if either := list(dict.fromkeys([*named, *alike])):
            return _answer(Said.NAME, either)
    return Answer(Said.NOTHING if row.name or key else Said.EMPTY, [], [])


def _answer(said: Said, profiles: list[Profile]) -> Answer:
    return Answer(said if len(profiles) == 1 else Said.SEVERAL, profiles[:MOST_CANDIDATES], [])


def remove_old() -> int:
    """Delete the lists whose time is over. Return the number."""
    return VendorList.objects.filter(uploaded_at__lt=timezone.now() - VendorList.KEPT_FOR).delete()[0]
