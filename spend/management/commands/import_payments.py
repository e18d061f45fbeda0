from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from spend import payments
from verification.registers.reading.books import BadFile


class Command(BaseCommand):
    help = f"Reads payments from a CSV or .xlsx with {', '.join(payments.BOOK.columns)}. Again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, file: Path, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            with file.open("rb") as opened:
                read = payments.read(opened, name=file.name)
        except BadFile as error:
            raise CommandError(f"{file}: {error}") from error
        for note in read.notes:
            self.stderr.write(note)
        for place, problem in read.problems:
            self.stderr.write(f"{place}: {problem}")
        self.stdout.write(
            f"{read.added} added, {read.corrected} corrected, {read.unchanged} known already, {read.refused} left out."
        )
