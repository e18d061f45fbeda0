"""Rows written as CSV or XLSX: dates as dates, text as text that no spreadsheet executes."""

import csv
import io
from datetime import date

import xlsxwriter
from xlsxwriter.utility import xl_range

from common.tables import safe_cell

HEADINGS = (
    "Profile",
    "Profile page",
    "Legal business name",
    "Type",
    "Certificate",
    "Certifying body",
    "Certificate number",
    "Issued",
    "Expires",
    "Does not expire",
    "Renewal filed",
    "Evidence step",
    "Evidence date",
    "As of",
)
ABOUT = """
Each row is what a business has reported about a certificate, and how that is known.
Self-reported means entered by the business itself, not checked.
A certificate says who owns a registered business, and nothing of the work.
What was hidden, ended or is not for your organization is not in it.
It is true as of the moment above and no later.
"""


class CsvFile:
    """A CSV file: UTF-8 with a byte order mark, by which spreadsheets know it, and dates as in ISO 8601."""

    def __init__(self, file, as_of):
        self.text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        self.as_of = f"{as_of:%Y-%m-%dT%H:%M:%SZ}"
        # Quoted, or a spreadsheet that separates by semicolons would find a cell's start within one.
        self.writer = csv.writer(self.text, quoting=csv.QUOTE_ALL)
        self.writer.writerow(HEADINGS)

    def add(self, row):
        cells = [value.isoformat() if isinstance(value, date) else safe_cell(value or "") for value in row]
        self.writer.writerow([*cells, self.as_of])

    def close(self, **about):
        self.text.detach()


class XlsxFile:
    """A spreadsheet with a second sheet that says what it is. Its rows go to disk as they come."""

    WIDTHS = (28, 40, 30, 22, 40, 34, 20, 12, 12, 16, 14, 28, 14, 22)

    def __init__(self, file, as_of):
        self.book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
        self.as_of = f"{as_of:%Y-%m-%dT%H:%M:%SZ}"
        self.sheet = self.book.add_worksheet("Certifications")
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.text = self.book.add_format({"num_format": "@"})  # stays text where someone edits the cell
        self.bold = self.book.add_format({"bold": True})
        self.sheet.freeze_panes(1, 1)
        for column, (heading, width) in enumerate(zip(HEADINGS, self.WIDTHS, strict=True)):
            self.sheet.set_column(column, column, width)
            self.sheet.write_string(0, column, heading, self.bold)
        self.rows = 0

    def add(self, row):
        self.rows += 1
        for column, value in enumerate((*row, self.as_of)):
            if isinstance(value, date):
                self.sheet.write_datetime(self.rows, column, value, self.day)
            elif value:
                self.sheet.write_string(self.rows, column, value, self.text)

    def close(self, **about):
        cells = xl_range(0, 0, self.rows, len(HEADINGS) - 1)
        self.sheet.autofilter(cells)
        self.sheet.ignore_errors({"number_stored_as_text": cells})
        sheet = self.book.add_worksheet("About this file")
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90, self.book.add_format({"text_wrap": True}))
        told = [("As of", self.as_of), *about.items(), ("What it is", " ".join(ABOUT.split()))]
        for line, (name, words) in enumerate(told):
            sheet.write_string(line, 0, name, self.bold)
            sheet.write_string(line, 1, str(words))
        self.book.close()


WRITERS = {"csv": CsvFile, "xlsx": XlsxFile}
