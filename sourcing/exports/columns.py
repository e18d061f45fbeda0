"""The columns of an export: its rows and both kinds of file are made of COLUMNS."""

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from certifications.models import Certification, Step
from common.mail.letters import absolute
from profiles.models import Profile


def moment(as_of: datetime) -> str:
    """Return a moment in UTC as files have it."""
    return f"{as_of:%Y-%m-%dT%H:%M:%SZ}"


type Cell = str | date | None
type Row = dict[str, Cell]  # by heading


class Line(NamedTuple):
    """The subject of a row of an export. The record is None if the profile has none that may be shown."""

    profile: Profile
    record: Certification | None
    as_of: datetime

    def row(self) -> Row:
        """Return its cells."""
        return {column.heading: column.value(self) for column in COLUMNS}


class Column(NamedTuple):
    """A column: its heading, its width in a spreadsheet, and its cell of a line."""

    heading: str
    width: int
    value: Callable[[Line], Cell]


def _of_record(value: Callable[[Certification], Cell]) -> Callable[[Line], Cell]:
    """Return what gives a cell of a line's record: an empty one where there is no record."""
    return lambda line: value(line.record) if line.record else None


COLUMNS = (
    Column("Profile", 28, lambda line: line.profile.name),
    Column("Profile page", 40, lambda line: absolute(line.profile.get_absolute_url())),
    Column("Legal business name", 30, _of_record(lambda record: record.legal_business_name)),
    Column("Type", 22, _of_record(lambda record: record.type.name)),
    Column("Certificate", 40, _of_record(lambda record: record.label)),
    Column("Issued by", 34, _of_record(lambda record: record.body_name)),
    Column("Certificate number", 20, _of_record(lambda record: record.number)),
    Column("Issued", 12, _of_record(lambda record: record.issued_on)),
    Column("Expires", 12, _of_record(lambda record: record.expires_on)),
    Column("Does not expire", 16, _of_record(lambda record: "yes" if record.does_not_expire else "no")),
    Column("Renewal filed", 14, _of_record(lambda record: record.renewal_filed_on)),
    Column("Verification level", 28, _of_record(lambda record: Step(record.step).label)),
    Column("Verified on", 14, _of_record(lambda record: record.known_on)),
    Column("As of", 22, lambda line: moment(line.as_of)),
)
