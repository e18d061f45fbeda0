import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certifications.numbers import acronyms
from common.tables import read_table
from verification.models import Register, RegisterFile
from verification.registers import lookup

COLUMNS = ("reported_name", "reported_number")


class Command(BaseCommand):
    help = (
        "Looks reported names and numbers up in a register, and writes them with the likeliest row's name and number "
        "(directory_name, directory_number, empty if nothing is like it) and the score of the names."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", help="the key of the register")
        parser.add_argument("queries", type=Path, help=f"CSV with the columns {', '.join(COLUMNS)}")

    def handle(self, register: str, queries: Path, **options: Any) -> None:
        file = RegisterFile.objects.filter(current_of__key=register).select_related("register__body").first()
        if file is None:
            keys = ", ".join(Register.objects.filter(current__isnull=False).values_list("key", flat=True))
            raise CommandError(f"No register {register} is loaded. Loaded are: {keys or 'none'}.")
        body = file.register.body
        known = acronyms(file.register.agency, body.short_name, body.name)
        with read_table(queries, COLUMNS) as rows:
            added = ["directory_name", "directory_number", "score"]
            writer = csv.DictWriter(self.stdout, [*rows.fieldnames, *added], lineterminator="\n")
            writer.writeheader()
            for row in rows:
                rows_found = lookup.find(file.pk, row["reported_name"], row["reported_number"], known)
                best = next(iter(rows_found), None)
                said = (best.entry.name, best.entry.number, f"{best.score:.4f}") if best else ("", "", "")
                writer.writerow(row | dict(zip(added, said, strict=True)))
