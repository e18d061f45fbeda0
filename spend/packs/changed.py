"""The table of what changed between two reports of a period."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from spend.changes import BASE, COUNTED, Amounts, Changes
from spend.models import IssuedReport
from spend.packs import columns
from spend.packs.tables import Behind, Row, Table
from spend.reported import Show
from spend.totals import shown

NOTHING = Decimal(0)
NOTE = (
    "Each line is a cause and what it adds to the sums. The first line and the causes add up to the last line. The "
    "amounts of types overlap."
)


UNCHANGED = "Nothing changed: every sum is the same."


class Line(NamedTuple):
    """A line of the table: its key, its words, and what it adds to each sum."""

    key: str
    words: str
    amounts: Amounts


def table(found: Changes, *, before: str, after: str, names: Mapping[str, str], currency: str) -> Table:
    """Return the table of `found`, whose first line is called `before` and the last `after`.

    `names` are those of the types by key. Types without any amount are left out.
    """
    lines = [
        Line("before", before, found.before),
        *(Line(cause.value, cause.label, amounts) for cause, amounts in found.causes.items()),
        Line("after", after, found.after),
    ]
    types = {key: name for key, name in names.items() if any(line.amounts.get(key) for line in lines)}

    def rows() -> Iterator[Row]:
        for line in lines:
            amounts = {name: shown(line.amounts.get(name, NOTHING)) for name in (BASE, COUNTED, *types)}
            yield {"key": line.key, "name": line.words, **amounts}

    heads = [
        columns.KEY,
        columns.NAME._replace(words="Cause", width=44),
        columns.amount_of(BASE, "Base", "What it adds to the base."),
        columns.amount_of(COUNTED, "Counted", "What it adds to what counts, each payment once."),
        *(columns.amount_of(key, name, f"What it adds to {name}, overlapping.") for key, name in types.items()),
    ]
    note = NOTE if found.causes else UNCHANGED
    return Table("changes", f"What changed since {before[0].lower()}{before[1:]}", note, heads, rows, currency)


def tables(issued: IssuedReport) -> list[Table]:
    """Return the table of what an issued report changed, if it replaced one in the same currency."""
    if not issued.replaces or issued.changes is None:
        return []
    found = table(
        Changes.of_json(issued.changes),
        before=f"Report {issued.replaces.number}",
        after=f"Report {issued.number}",
        names=issued.replaces.names_of_types | issued.names_of_types,
        currency=issued.plain_rules().currency,
    )
    return [found._replace(behind=partial(_behind, {"before": issued.replaces, "after": issued}))]


def _behind(reports: Mapping[str, IssuedReport], row: Row, heading: str) -> Behind:
    """Return what finds the payments behind a sum of either report. What a cause adds is in neither."""
    told = reports.get(str(row["key"]))
    if told is None or heading not in (BASE, COUNTED, *told.names_of_types):
        return {}
    shows = {BASE: {"show": Show.BASE}, COUNTED: {"show": Show.COUNTED}}
    return {"report": str(told.number), **shows.get(heading, {"type": heading})}
