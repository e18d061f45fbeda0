"""The part that the commands share which read a table of the marketplace's books."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from verification.registers.reading.books import BadFile


class ReadsBook(BaseCommand):
    """A command that reads a file and prints what became of its rows."""

    read: ClassVar[Callable[..., Any]]  # reads an open file and returns what is stored of it. Raises BadFile
    replaced: ClassVar[str]  # the name of its count of rows that replaced a known one, as printed

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.epilog = "It ends with status 1 if it skipped any row. The other rows are saved."

    def handle(self, file: Path, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            with file.open("rb") as opened:
                read = self.read(opened, name=file.name)
        except BadFile as error:
            raise CommandError(f"{file}: {error}") from error
        for note in read.notes:
            self.stderr.write(note)
        for place, problem in read.problems:
            self.stderr.write(f"{place}: {problem}")
        self.stdout.write(
            f"{read.added} added, {getattr(read, self.replaced)} {self.replaced}, {read.unchanged} known already, "
            f"{read.refused} skipped."
        )
        if read.refused:
            rows = "1 row was" if read.refused == 1 else f"{read.refused:,} rows were"
            raise CommandError(f"{rows} skipped. Correct the rows and read the file again. The others are saved.")
