"""Rows written as CSV or XLSX: dates as dates, text as text that no spreadsheet executes."""

import csv
import io
from datetime import date
from typing import IO

import xlsxwriter
from xlsxwriter.utility import xl_range

from common.tables import safe_cell
from sourcing.exports.columns import COLUMNS, Row
from sourcing.models import Export

ABOUT = """
Each row is what a business reported about a certification, and its verification level.
Self-reported means that the business entered it and no one checked it.
A certification says who owns a registered business, and nothing about the work.
Certifications that are hidden, expired or not visible to your organization are left out.
This file is accurate as of the time above.
"""


class CsvFile:
    """A CSV file: UTF-8 with a byte order mark, by which spreadsheets know it, and dates as in ISO 8601."""

    def __init__(self, file: IO[bytes]) -> None:
        self.text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        # Quoted, or a spreadsheet that separates by semicolons would find a cell's start within one.
        self.writer = csv.writer(self.text, quoting=csv.QUOTE_ALL)
        self.writer.writerow(column.heading for column in COLUMNS)

    def add(self, row: Row) -> None:
        cells = [row[column.heading] for column in COLUMNS]
        self.writer.writerow(cell.isoformat() if isinstance(cell, date) else safe_cell(cell or "") for cell in cells)

    def close(self, about: dict[str, str]) -> None:
        self.text.detach()


class XlsxFile:
    """A spreadsheet with a second sheet that says what it is. Its rows go to disk as they come."""

    def __init__(self, file: IO[bytes]) -> None:
        self.book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
        self.sheet = self.book.add_worksheet("Certifications")
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.text = self.book.add_format({"num_format": "@"})  # stays text where someone edits the cell
        self.bold = self.book.add_format({"bold": True})
        self.sheet.freeze_panes(1, 1)
        for number, column in enumerate(COLUMNS):
            self.sheet.set_column(number, number, column.width)
            self.sheet.write_string(0, number, column.heading, self.bold)
        self.rows = 0

    def add(self, row: Row) -> None:
        self.rows += 1
        for number, column in enumerate(COLUMNS):
            cell = row[column.heading]
            if isinstance(cell, date):
                self.sheet.write_datetime(self.rows, number, cell, self.day)
            elif cell:
                self.sheet.write_string(self.rows, number, cell, self.text)

    def close(self, about: dict[str, str]) -> None:
        """`about`: what the second sheet says of the file."""
        cells = xl_range(0, 0, self.rows, len(COLUMNS) - 1)
        self.sheet.autofilter(cells)
        self.sheet.ignore_errors({"number_stored_as_text": cells})
        sheet = self.book.add_worksheet("About this file")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90, self.book.add_format({"text_wrap": True}))
        for number, (name, text) in enumerate({**about, "What it is": " ".join(ABOUT.split())}.items()):
            sheet.write_string(number, 0, name, self.bold)
            sheet.write_string(number, 1, text)
        self.book.close()


WRITERS: dict[str, type[CsvFile] | type[XlsxFile]] = {Export.Format.CSV: CsvFile, Export.Format.XLSX: XlsxFile}
