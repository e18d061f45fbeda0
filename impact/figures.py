"""The monitor's tables as one table of figures, for a file."""

from collections.abc import Iterator
from datetime import date

from impact.measures import MEASURES
from impact.report import Line, Report

COLUMNS = (
    "Week of", "Outcome", "Unit", "Scope", "Finding", "Shown", "Holdout", "Difference", "95% interval",
    "Smallest effect we could detect", "Sample (shown / holdout)", "Views",
)  # fmt: skip


def rows(report: Report) -> Iterator[list[str]]:
    """Yield the rows: each outcome as a whole, by type and by plan. What the page leaves out is left out here."""
    for (name, measure), overall in zip(MEASURES.items(), report.overall(), strict=True):
        yield _row(report.week, measure.label, "All types and plans", overall)
        for line in [*report.by_type(name), *report.by_plan(name)]:
            yield _row(report.week, measure.label, line.label, line)


def _row(week: date | None, outcome: str, scope: str, line: Line) -> list[str]:
    return [
        week.isoformat() if week else "", outcome, line.unit, scope, line.words, line.exposed, line.held_out,
        line.estimate, line.interval, line.detectable, line.compared, line.views,
    ]  # fmt: skip
