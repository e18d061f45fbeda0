import csv
from pathlib import Path

from django.core.management.base import BaseCommand

from certifications.management.tables import read_table
from certifications.registers import names

COLUMNS = ("reported_name", "reported_number", "directory_name", "directory_number")


class Command(BaseCommand):
    help = (
        "Compares pairs of a reported name and one of a directory, and writes them with two more columns: score (0 to "
        "1, of the names alone) and agrees. Names alone, where a number is missing, agree from a score of "
        f"{names.AGREES}; beside equal numbers from {names.AGREES_BY_NUMBER}; with two different numbers never."
    )

    def add_arguments(self, parser):
        parser.add_argument("pairs", type=Path, help=f"CSV with the columns {', '.join(COLUMNS)}")

    def handle(self, pairs, **options):
        with read_table(pairs, COLUMNS) as rows:
            writer = csv.DictWriter(self.stdout, [*rows.fieldnames, "score", "agrees"], lineterminator="\n")
            writer.writeheader()
            for row in rows:
                score = names.score(row["reported_name"], row["directory_name"])
                reported, listed = names.number_key(row["reported_number"]), names.number_key(row["directory_number"])
                if reported and listed:
                    agrees = reported == listed and score >= names.AGREES_BY_NUMBER
                else:
                    agrees = score >= names.AGREES
                writer.writerow(row | {"score": f"{score:.4f}", "agrees": str(agrees).lower()})
