"""The report about rows left out of an import: a CSV file without formulas."""

import csv
import io
import tempfile
from typing import Self

from common.tables import safe_cell

LONGEST = 200


class SkippedRows:
    """Writes down the rows that are left out. `file` is open inside the context."""

    def __enter__(self) -> Self:
        self.count = 0
        self.file = tempfile.TemporaryFile()
        self.file.write(b"\xef\xbb\xbf")  # tells spreadsheets the encoding
        self.text = io.TextIOWrapper(self.file, "utf-8", newline="", write_through=True)
        # Quoted, or a spreadsheet that separates by semicolons would find a cell's start within one.
        self.writer = csv.writer(self.text, quoting=csv.QUOTE_ALL)
        self.writer.writerow(["line", "why it was skipped", "row"])
        return self

    def __exit__(self, *error: object) -> None:
        self.text.detach()
        self.file.close()

    def add(self, line: int, reason: str, cells: list[str]) -> None:
        self.count += 1
        row = " | ".join(cell for cell in cells if cell)[:LONGEST]
        self.writer.writerow([line, safe_cell(reason), safe_cell(row)])
