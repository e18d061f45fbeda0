import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from certifications.numbers import differ_by_letters, is_specific, number_key
from common.tables import read_table
from verification.registers import names

COLUMNS = ("reported_name", "reported_number", "directory_name", "directory_number")


class Command(BaseCommand):
    help = (
        "Compares pairs of a reported name and one of a directory, and writes them with two more columns: score (0 to "
        "1, of the names alone) and agrees. Names alone, where a number is missing, agree from a score of "
        f"{names.AGREES}; beside equal numbers much less is enough; with two different numbers they never agree."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pairs", type=Path, help=f"CSV with the columns {', '.join(COLUMNS)}")

    def handle(self, pairs: Path, **options: Any) -> None:
        with read_table(pairs, COLUMNS) as rows:
            writer = csv.DictWriter(self.stdout, [*rows.fieldnames, "score", "agrees"], lineterminator="\n")
            writer.writeheader()
            for row in rows:
                reported, listed = names.Name(row["reported_name"]), names.Name(row["directory_name"])
                score = names.score(reported, listed)
                agrees = _agrees(
                    reported, listed, number_key(row["reported_number"]), number_key(row["directory_number"])
                )
                writer.writerow(row | {"score": f"{score:.4f}", "agrees": str(agrees).lower()})


def _agrees(reported: names.Name, listed: names.Name, number: str, listed_number: str) -> bool:
    """Return whether two names with the keys of their numbers ("" for none) are one business."""
    if number and number == listed_number:
        return names.score(reported, listed, beside_number=is_specific(number)) >= names.AGREES_BY_NUMBER
    if number and listed_number and not differ_by_letters(number, listed_number):
        return False
    return names.score(reported, listed) >= names.AGREES
