#!/usr/bin/env python3
"""Check an audit pack: python3 verify_pack.py [FOLDER or FILE.zip]. By default the folder that this file is in.

It needs Python 3.9 or newer and nothing else. It checks the SHA-256 of every file, recomputes every total of every view
from the rows of the pack, and reconciles them to the cent. It ends with 0 if all agrees, and else says what differs and
ends with 1. It does not check the signature: README.txt says how openssl does.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
import zipfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

OUTSIDE_THE_BASE = {"excluded_kind", "other_currency", "unknown_payment"}
FROZEN = ["position", "business", "quarter", "kind", "amount", "currency", "types", "level", "reason"]
# What the list of files does not list: itself and its signature.
UNLISTED = {"manifest.json", "manifest.sig"}


class Pack:
    """The files of a pack by name, from a folder or a ZIP."""

    def __init__(self, path: Path) -> None:
        if path.is_dir():
            found = {p.relative_to(path).as_posix(): p for p in path.rglob("*") if p.is_file()}
            self.files = {name: p.read_bytes() for name, p in found.items() if "__pycache__" not in name}
        else:
            with zipfile.ZipFile(path) as archive:
                self.files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}

    def json(self, name: str) -> Any:
        return json.loads(self.files[name].decode("utf-8"))

    def table(self, name: str) -> list[dict[str, str]]:
        text = io.StringIO(self.files[f"tables/{name}.csv"].decode("utf-8-sig"), newline="")
        return list(csv.DictReader(text))


def shown(number: Fraction | int, places: int = 2) -> str:
    """A number as the tables show it: rounded half to even."""
    return str(Decimal(round(Fraction(number) * 10**places)).scaleb(-places))


def share(part: Fraction, base: Fraction) -> str:
    return shown(Fraction(part) / Fraction(base) * 100 if base else 0, 1)


class Row:
    """A payment of the pack."""

    def __init__(self, cells: dict[str, str]) -> None:
        self.cells = cells
        self.amount = Fraction(Decimal(cells["amount"]))
        self.business = cells["business"]
        self.types = cells["types"].split(";") if cells["types"] else []
        self.reason = cells["reason"]
        self.level = cells["level"]
        self.currency = cells["currency"]
        self.quarter = cells["quarter"]


def total(rows: list[Row]) -> Fraction:
    return sum((row.amount for row in rows), Fraction(0))


def businesses(rows: list[Row]) -> str:
    return str(len({row.business for row in rows} - {""}))


def sums(rows: list[Row], base: Fraction) -> dict[str, str]:
    return {
        "amount": shown(total(rows)),
        "payments": str(len(rows)),
        "businesses": businesses(rows),
        "share": share(total(rows), base),
    }


class Check:
    """The comparison of a pack with itself. `problems` has a sentence for each difference."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.problems: list[str] = []

    def same(self, what: str, found: Any, recomputed: Any) -> None:
        if found != recomputed:
            said, says = (shown(value) if isinstance(value, Fraction) else value for value in (found, recomputed))
            self.problems.append(f"{what}: the pack says {said}, its rows say {says}.")

    def hashes(self) -> None:
        listed = self.pack.json("manifest.json")["files"]
        for name in sorted(set(listed) | set(self.pack.files) - UNLISTED):
            if name not in self.pack.files:
                self.problems.append(f"{name} is missing.")
            elif name not in listed:
                self.problems.append(f"{name} is not in manifest.json.")
            elif hashlib.sha256(self.pack.files[name]).hexdigest() != listed[name]["sha256"]:
                self.problems.append(f"{name} was changed: its SHA-256 is not the one in manifest.json.")

    def totals(self) -> None:
        report = self.pack.json("report.json")
        currency = report["rules"]["currency"]
        names = dict(report["types"])
        rows = [Row(cells) for cells in self.pack.table("payments")]
        self.rows(report, rows)
        own = [row for row in rows if row.reason != "other_currency"]
        counted = [row for row in own if row.types]
        base_rows = [row for row in own if row.reason not in OUTSIDE_THE_BASE]
        base = total(base_rows)
        of_type = {key: [row for row in counted if key in row.types] for key in names}
        first = {key: [row for row in found if row.types[0] == key] for key, found in of_type.items()}
        split = {key: sum((row.amount / len(row.types) for row in rows), Fraction(0)) for key, rows in of_type.items()}
        views = {
            "overlapping": sum(map(total, of_type.values()), Fraction(0)),
            "primary": sum(map(total, first.values()), Fraction(0)),
            "split": sum(split.values(), Fraction(0)),
        }
        self.summary(report, base_rows, counted, views)
        self.table_of(
            "types",
            "key",
            {
                key: {
                    "overlapping": shown(total(found)),
                    "primary": shown(total(first[key])),
                    "split": shown(split[key]),
                    "payments": str(len(found)),
                    "businesses": businesses(found),
                    "share": share(total(found), base),
                }
                for key, found in of_type.items()
            },
        )
        self.quarters(report, own, names)
        together: dict[str, list[Row]] = {}
        for row in counted:
            together.setdefault(";".join(row.types), []).append(row)
        self.table_of(
            "together",
            "types",
            {
                key: {
                    "amount": shown(total(found)),
                    "payments": str(len(found)),
                    "businesses": businesses(found),
                    "beyond_once": shown(total(found) * key.count(";")),
                }
                for key, found in together.items()
            },
        )
        levels = {level: [row for row in counted if row.level == level] for level in "3210"}
        self.table_of("levels", "level", {level: sums(found, total(counted)) for level, found in levels.items()})
        self.not_counted(rows, currency)
        # The views reconcile to the cent.
        beyond = sum((total(found) * key.count(";") for key, found in together.items()), Fraction(0))
        self.same("The sum of the primary types", views["primary"], total(counted))
        self.same("The sum of the split types", views["split"], total(counted))
        self.same("The overlapping types less what they count again", views["overlapping"] - beyond, total(counted))
        self.same("The sum of the verification levels", sum(map(total, levels.values()), Fraction(0)), total(counted))
        left = total([row for row in base_rows if not row.types])
        self.same("The base less what does not count", base - left, total(counted))
        self.coupa(names, first, counted)
        if "tables/changes.csv" in self.pack.files:
            of_types = {key: total(found) for key, found in of_type.items()}
            self.changes({"base": base, "unduplicated": total(counted), **of_types})

    def rows(self, report: dict[str, Any], rows: list[Row]) -> None:
        lines = "".join(",".join(row.cells[name] for name in FROZEN) + "\n" for row in rows)
        self.same("The digest of the rows", report["rows_sha256"], hashlib.sha256(lines.encode("utf-8")).hexdigest())
        self.same("The number of rows", report["rows"], len(rows))
        self.same(
            "The numbers of the rows", [row.cells["position"] for row in rows], [str(n + 1) for n in range(len(rows))]
        )
        for row in rows:
            if bool(row.types) == bool(row.reason) or bool(row.types) != bool(row.level):
                self.problems.append("Row {} both counts and does not.".format(row.cells["position"]))
            if row.quarter not in [start for start, _ in report["quarters"]]:
                self.problems.append("Row {} is in a quarter that the report lacks.".format(row.cells["position"]))
        counts = {row.cells["position"]: set(row.types) for row in rows}
        for certificate in self.pack.table("certificates"):
            if certificate["type"] not in counts.get(certificate["position"], ()):
                self.problems.append(
                    "A certificate stands at row {}, which does not count by it.".format(certificate["position"])
                )

    def changes(self, after: dict[str, Fraction]) -> None:
        """Check that what changed leads from the sums of the replaced report to those of this one."""
        lines = self.pack.table("changes")
        for name in [column for column in lines[0] if column not in ("key", "name")]:
            amounts = [Fraction(Decimal(line[name])) for line in lines]
            self.same(f"tables/changes.csv, after, {name}", shown(amounts[-1]), shown(after.get(name, Fraction(0))))
            self.same(f"tables/changes.csv, the sum of before and the causes, {name}", amounts[-1], sum(amounts[:-1]))

    def table_of(self, name: str, key: str, recomputed: dict[str, dict[str, str]]) -> None:
        """Compare a table with its recomputed cells, by the value of its column `key`."""
        found = {row[key]: row for row in self.pack.table(name)}
        self.same(f"The lines of tables/{name}.csv", sorted(found), sorted(recomputed))
        for line in sorted(set(found) & set(recomputed)):
            for column, value in recomputed[line].items():
                self.same(f"tables/{name}.csv, {line}, {column}", found[line][column], value)

    def summary(
        self, report: dict[str, Any], base_rows: list[Row], counted: list[Row], views: dict[str, Fraction]
    ) -> None:
        base = total(base_rows)
        lines = {"base": sums(base_rows, base), "unduplicated": sums(counted, base)}
        for key, amount in views.items():
            lines[key] = {"amount": shown(amount), "payments": "", "businesses": "", "share": share(amount, base)}
        if report["addressable"] is not None:
            addressable = Fraction(Decimal(report["addressable"]))
            lines["addressable"] = {"amount": shown(addressable), "share": share(total(counted), addressable)}
        self.table_of("summary", "key", lines)

    def quarters(self, report: dict[str, Any], own: list[Row], names: dict[str, str]) -> None:
        lines = {}
        for start, end in report["quarters"]:
            rows = [row for row in own if row.quarter == start]
            base = total([row for row in rows if row.reason not in OUTSIDE_THE_BASE])
            counted = total([row for row in rows if row.types])
            lines[start] = {"ends_on": end, "base": shown(base), "unduplicated": shown(counted)}
            lines[start]["share"] = share(counted, base)
            for key in names:
                lines[start][key] = shown(total([row for row in rows if key in row.types]))
        self.table_of("quarters", "starts_on", lines)

    def not_counted(self, rows: list[Row], currency: str) -> None:
        found: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            if row.reason:
                code = row.currency if row.reason == "other_currency" else currency
                found.setdefault((row.reason, code), []).append(row)
        table = {(row["reason"], row["currency"]): row for row in self.pack.table("not-counted")}
        self.same("The lines of tables/not-counted.csv", sorted(table), sorted(found))
        for key in sorted(set(table) & set(found)):
            said = tuple(table[key][column] for column in ("amount", "payments", "businesses"))
            rows = found[key]
            self.same(f"Not counted, {key[0]}", said, (shown(total(rows)), str(len(rows)), businesses(rows)))

    def coupa(self, names: dict[str, str], first: dict[str, list[Row]], counted: list[Row]) -> None:
        direct = self.pack.table("coupa-tier-2-direct")
        spent = sum((Fraction(Decimal(row["total-spend"])) for row in direct), Fraction(0))
        self.same("The direct spend in Coupa's layout", spent, total(counted))
        spent_by_type = [shown(total(first[key])) for key in names]
        for column in ("direct-spend-credit", "total-spend"):
            said = [row[column] for row in self.pack.table("coupa-tier-2-summary")]
            self.same(f"The summary in Coupa's layout, {column}", said, spent_by_type)


def main(arguments: list[str]) -> int:
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        check = Check(Pack(path))
        check.hashes()
        check.totals()
    except (OSError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        print(f"This is not a whole audit pack: {type(error).__name__}: {error}")
        return 1
    for problem in check.problems:
        print(problem)
    if check.problems:
        count = len(check.problems)
        print(f"The pack does NOT agree with itself: {count} {'difference' if count == 1 else 'differences'}.")
        return 1
    report = check.pack.json("report.json")
    print("Report {} of {}: every hash and every total agrees.".format(report["number"], report["client"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
