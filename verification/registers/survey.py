"""Surveys the columns of a file: how to read them, and what staff have to know before the file counts."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from common.days import day
from verification.registers.columns import Columns, codes_of
from verification.registers.days import read_days
from verification.registers.reading import Table
from verification.registers.values import HAPPENED, printed_number, says_yes, spoiled

MOST_CODES = 300  # shown for mapping; a column with more is not one of codes
MOST_VALUES = 50_000  # different values, in a column of days or of Yes and No
SAMPLES = 5
OLD = timedelta(days=2 * 365)
# Letters that another encoding was read as: UTF-8 as Windows-1252, Mac Roman or the DOS code page, or text that was
# escaped for a web page or an email and never read. A question mark inside a word stands for a letter that was lost.
GARBLED = re.compile(
    "Ã[\u0080-¿ƒ‚-›\u2018-\u2022€™]|â€|Â[\u00a0-¿]|\ufffd|[ÅÄ][\u0080-\u009f\u2018-\u203a€™]|"  # noqa: RUF001
    r"(?<=[^\W\d_])[¡-§¨«¬¯±¶¸»¿†‡‰‹›√-⋿─-▟„‚ˆ˜]{1,2}(?=[^\W\d_])|"  # noqa: RUF001
    r"(?<=[^\W\d_])[?](?=[a-z])|\\u00[0-9a-f]{2}|[=%]C3[=%][0-9A-F]{2}"
)
OF_A_MAC = re.compile("(?<=[a-z])[\u2013\u2014Ž‡„œ](?=[a-z]|$)")  # in a file that is taken for Windows-1252
DAYS = {"certified_on": "certification date", "expires_on": "expiration date"}


@dataclass
class Survey:
    """The result of one pass over a table with given columns."""

    rows: int = 0
    left_out: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    day_first: dict[str, bool] = field(default_factory=dict)  # by date field: whether "3/4/2027" is in April
    unread_days: int = 0  # rows whose last day cannot be read
    lost_numbers: int = 0  # rows whose number a spreadsheet damaged
    notes: list[dict[str, Any]] = field(default_factory=list)  # dicts of `text` and `samples`, for staff

    def note(self, text: str, samples: Iterable[str] = ()) -> None:
        self.notes.append({"text": text, "samples": list(samples)[:SAMPLES]})


def survey(
    table: Table, columns: Columns, *, as_of: date, today: date, every: Callable[[], None] | None = None
) -> Survey:
    """Return the survey of `table` with `columns`. `every` is called now and then while it goes on."""
    found = Survey()
    seen = _read(table, columns, found, every)
    found.left_out = seen.problems.total()
    if seen.problems:
        found.note(
            f"{seen.problems.total():,} lines will be skipped.",
            [f"{text} ({count:,})" for text, count in seen.problems.most_common()],
        )
    for name, words in DAYS.items():
        position = getattr(columns, name)
        if position is not None:
            _days(found, name, f"“{table.header[position]}” ({words})", seen.values[position])
    _ages(found, columns, seen.values, as_of, today)
    for position in columns.yes_no:
        _flags(found, table.header[position], seen.values[position])
    if columns.number is not None:
        seen.numbers.tell(found, table.header[columns.number])
    if table.other_lines:
        found.note(
            f"{table.other_lines:,} lines are in Windows-1252 and the others in UTF-8. "
            "We read each line in its own encoding."
        )
    if seen.garbled:
        found.note(
            f"{len(seen.garbled):,} names have letters that were garbled before the file was saved. "
            "Ask for another export.",
            seen.garbled,
        )
    if table.left_out:
        found.note("Sheets with other columns are skipped.", table.left_out)
    return found


def _read(table: Table, columns: Columns, found: Survey, every: Callable[[], None] | None) -> "_Seen":
    """Read `table` once, count its rows and codes in `found`, and return what the notes are about."""
    dates_and_flags = (columns.certified_on, columns.expires_on, *columns.yes_no)
    seen = _Seen({position: Counter() for position in dates_and_flags if position is not None})
    for row in table.rows():
        found.rows += 1
        if every and not found.rows % 25_000:
            every()
        if row.problem:
            seen.problems[row.problem] += 1
            continue
        cells = row.cells
        if len(found.codes) <= MOST_CODES:
            found.codes.update(set(codes_of(cells, columns, table.header)))
        for position, counts in seen.values.items():
            if len(counts) < MOST_VALUES or cells[position] in counts:
                counts[cells[position]] += 1
        if columns.number is not None:
            seen.numbers.add(cells[columns.number].strip())
        name = cells[columns.name] if columns.name is not None else ""
        if GARBLED.search(name) or (table.encoding == "cp1252" and OF_A_MAC.search(name)):
            seen.garbled.append(name)
    return seen


def _days(found: Survey, name: str, title: str, counts: Counter[str]) -> None:
    """Note how a column of dates is read, and which cells cannot be."""
    firsts, unread, periods, day_firsts = Counter(), Counter(), {}, []
    for text, count in counts.items():
        try:
            read = read_days(text)
        except ValueError:
            unread[text.strip()] += count
            continue
        firsts[read.first] += count
        if read.first == "day" and read.found:
            day_firsts.append(f"{text.strip()} is read as {day(read.earliest)}")
        if read.is_period:
            periods[f"{text.strip()} is read as {day(read.earliest)}"] = count
    found.day_first[name] = firsts["day"] > firsts["month"]
    order = "the day before the month" if found.day_first[name] else "the month before the day"
    if firsts["day"] and firsts["month"]:
        found.note(
            f"{title}: some dates can only be day first and others only month first. We read the rest with {order}.",
            day_firsts,
        )
    elif firsts["day"]:
        found.note(f"{title}: dates are read with {order}.", day_firsts)
    elif firsts["either"] and not firsts["month"]:
        found.note(f"{title}: no date shows whether the day or the month comes first. We read them with {order}.")
    if periods:
        text = f"{title}: {sum(periods.values()):,} cells have only a month, a quarter or a year. We use its last day."
        found.note(text, periods)
    if unread and name == "expires_on":
        found.unread_days = unread.total()
        found.note(
            f"{title}: {unread.total():,} cells can't be read. "
            "We keep their rows, but don't verify anything with them automatically.",
            [text for text, _ in unread.most_common()],
        )
    elif unread:
        found.note(
            f"{title}: {unread.total():,} cells can't be read. We leave them empty.",
            [text for text, _ in unread.most_common()],
        )


def _ages(found: Survey, columns: Columns, values: dict[int, Counter[str]], as_of: date, today: date) -> None:
    """Note that the file is old, if it is."""

    def newest(name: str) -> date | None:
        position = getattr(columns, name)
        days = []
        for text in values.get(position, ()):
            try:
                days += read_days(text, found.day_first[name]).found
            except ValueError:
                continue
        return max(days, default=None)

    last, certified = newest("expires_on"), newest("certified_on")
    if last and last < today:
        found.note(f"Every expiration date in this file has passed. The latest is {day(last)}.")
    elif certified and certified < today - OLD:
        found.note(f"The newest certification date in this file is {day(certified)}. The list may be years old.")
    if as_of < today - OLD:
        found.note(f"The data is as of {day(as_of)}, which is years ago.")


def _flags(found: Survey, title: str, counts: Counter[str]) -> None:
    neither = Counter({text.strip(): count for text, count in counts.items() if says_yes(text, title) is None})
    if neither:
        found.note(
            f"“{title}”: {neither.total():,} cells say neither Yes nor No. We read them as No.",
            [text for text, _ in neither.most_common()],
        )


class _Numbers:
    """Damage to a column of numbers by spreadsheets."""

    def __init__(self) -> None:
        self.spoiled, self.samples = Counter(), {}
        self.fractions = 0
        self.lengths = Counter()  # of numbers with digits only
        self.shorter = {}  # one number of each length

    def add(self, number: str) -> None:
        if number.isdigit():
            self.lengths[len(number)] += 1
            self.shorter.setdefault(len(number), number)
        how = spoiled(number)
        if how:
            self.spoiled[how] += 1
            self.samples.setdefault(how, {})[number] = None
        elif number and printed_number(number) != number:
            self.fractions += 1

    def tell(self, found: Survey, title: str) -> None:
        found.lost_numbers = self.spoiled.total()
        for how, count in self.spoiled.items():
            _, happened = HAPPENED[how]
            found.note(
                f"“{title}”: {count:,} numbers {happened} in a spreadsheet. These rows can only be found by name. "
                "Ask for an export with this column as text.",
                self.samples[how],
            )
        if self.fractions:
            found.note(f"“{title}”: {self.fractions:,} numbers end in .0. We drop that.")
        [(usual, count)] = self.lengths.most_common(1) or [(0, 0)]
        shorter = sum(rows for length, rows in self.lengths.items() if length < usual)
        if shorter and usual > 3 and 4 * count >= 3 * self.lengths.total():
            found.note(
                f"“{title}”: most numbers have {usual} digits, and {shorter:,} have fewer. A spreadsheet may have "
                "dropped zeros at the front. We show them as they are, and find them with and without the zeros.",
                [number for length, number in sorted(self.shorter.items(), reverse=True) if length < usual],
            )


@dataclass
class _Seen:
    """What one pass over a table found and the notes are written from."""

    values: dict[int, Counter[str]]  # of the columns of dates and of Yes and No, by position
    numbers: _Numbers = field(default_factory=_Numbers)
    garbled: list[str] = field(default_factory=list)  # names
    problems: Counter[str] = field(default_factory=Counter)  # of rows that cannot be read, with how often
