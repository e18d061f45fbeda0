"""Directories as they are published, well made and not."""

import csv
import io
import random
import re
import tracemalloc
import zipfile
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from verification.registers.columns import Columns, codes_of, recognise
from verification.registers.days import read_days
from verification.registers.reading import ALL_SHEETS, IS_OWN_LINE, BrokenFile, open_table
from verification.registers.report import SkippedRows, safe_cell
from verification.registers.values import DEFAULT_CODES, cell_text, codes, says_yes, spoiled, types_of

HEADER = "Certification Number,Business Name,Certification,Expiration Date"
ROWS = ["0012-5,Brightwater LLC,MBE,03/31/2029", "12-6,Voss & Sons,WBE,2028-01-05"]


@pytest.fixture
def read(tmp_path):
    """Reads bytes or lines: the table, and its rows as (line, cells, problem)."""

    def read(content, **options):
        path = tmp_path / "directory"
        path.write_bytes(content if isinstance(content, bytes) else "\n".join(content).encode())
        table = open_table(path, **options)
        return table, [tuple(row) for row in table.rows()]

    return read


@pytest.fixture
def workbook(tmp_path):
    """Builds an XLSX file by `build(book)` and gives its bytes."""

    def make(build):
        path = tmp_path / "made.xlsx"
        with xlsxwriter.Workbook(path) as book:
            build(book)
        return path.read_bytes()

    return make


def cells(rows):
    return [row[1] for row in rows]


# CSV


@pytest.mark.parametrize(
    "content",
    [
        "\n".join([HEADER, *ROWS]).encode(),
        ("\ufeff" + "\r\n".join([HEADER, *ROWS, "", ""])).encode(),
        "\n".join([HEADER, *ROWS]).replace(",", ";").encode(),
        "\n".join([HEADER, *ROWS]).replace(",", "\t").encode("utf-16"),
        "\n".join([HEADER, *ROWS]).replace(",", "|").encode("cp1252"),
        (HEADER + "\r\n" + "\r".join(ROWS)).encode(),
        "\r".join([HEADER, *ROWS]).replace(",", ";").encode(),
        "\n".join(["Export Date: 3/1/2026", "Matching Records: 2", "", "", HEADER, *ROWS]).encode(),
    ],
    ids=[
        "plain",
        "mark and CRLF",
        "semicolons",
        "tabs in UTF-16",
        "bars in cp1252",
        "mixed line ends",
        "lone CRs",
        "title lines",
    ],
)
def test_the_same_table_is_read_from_every_format(read, content):
    table, rows = read(content)

    assert table.header == HEADER.split(",")
    assert cells(rows) == [row.split(",") for row in ROWS]


@pytest.mark.slow
def test_windows_letters_are_recognized_anywhere_in_the_file(read):
    table, rows = read("\n".join([HEADER, *ROWS * 40_000]).encode() + "\n9,Petrós™ Glass,MBE,".encode("cp1252"))

    assert table.encoding == "cp1252"
    assert rows[-1][1][1] == "Petrós™ Glass"
    assert rows[-1][0] == 80_002


def test_the_last_letter_of_a_file_may_reveal_the_encoding(read):
    table, rows = read(f"{HEADER}\n1,Petr".encode() + "é".encode("cp1252"))

    assert (table.encoding, rows[0][1][1]) == ("cp1252", "Petré")


def test_each_line_is_decoded_by_itself(read):
    lines = [
        HEADER.encode(),
        "1,Peña Design,MBE,".encode(),
        "2,Café Río,MBE,".encode("cp1252"),
        "3,Ñandú,MBE,".encode(),
    ]
    for end in (b"\n", b"\r\n", b"\r"):
        table, rows = read(end.join(lines))

        assert (table.encoding, table.other_lines) == ("utf-8", 1)
        assert [row[1] for row in cells(rows)] == ["Peña Design", "Café Río", "Ñandú"]


def test_utf_16_without_a_byte_order_mark_is_read(read):
    for encoding in ("utf-16-le", "utf-16-be"):
        table, rows = read("\n".join([HEADER, *ROWS]).encode(encoding))

        assert (table.encoding, len(rows)) == (encoding, 2)


def test_a_file_without_a_header_is_recognized_by_its_first_row(read):
    table, rows = read(["BOF PUBLIC V2 20271231", "A1|Voss|27~A2|20271231", "A2|Ross|2X|20271231", "EOF PUBLIC V2"])

    assert (table.header_line, table.header) == (0, ["Column 1", "Column 2", "Column 3", "Column 4"])
    assert [row[1][1] for row in rows if not row[2]] == ["Voss", "Ross"]
    assert [row[0] for row in rows if row[2] == IS_OWN_LINE] == [1, 4]


def test_a_count_below_the_rows_is_not_a_business(read):
    _, rows = read([HEADER, *ROWS, "Total: 2 records,,,", "Source: the county,,,"])

    assert [row[2] for row in rows] == ["", "", IS_OWN_LINE, IS_OWN_LINE]


@pytest.mark.parametrize(
    "line",
    [
        HEADER,
        "Number,Name,Type,Date",
        "Total,2,,",
        ",,Grand total:,2",
        "Number of firms: 2,,,",
        "This list is updated nightly and has no warranty.,,,",
        "For more information call the county.,,,",
        "Total records: 2, , ,",
        " ,Total:, ,2",
        ",Total records: 2,,",
        ",Grand total 2,,",
        ",250 records found,,",
        ",End of report,,",
        ",*** End of list ***,,",
        ",EOF,,",
        ",----------,,",
        ",© Example County,,",
        ",Source: the county,,",
        ",As of March 2026,,",
        ",Page 1 of 3,,",
        ",This list is updated nightly,,",
        ",Please contact the county with questions.,,",
        ",For more information visit www.example.gov,,",
        ",Prepared by: Purchasing,,",
    ],
)
def test_a_line_that_a_program_added_is_not_a_business(read, line):
    _, rows = read([HEADER, line, *ROWS])

    assert [row[2] for row in rows] == [IS_OWN_LINE, "", ""]


def test_a_row_with_few_cells_may_be_a_business(read):
    _, rows = read([HEADER, "77,Total Safety,,", ",Records & Rows LLC,,", ",2 Brothers,MBE,"])

    assert [row[2] for row in rows] == ["", "", ""]


@pytest.mark.parametrize(
    "name",
    [
        "Please Contact Us LLC",
        "Please Contact Us, L.L.C.",
        "Please Note Stationery",
        "Prepared By Ana Catering",
        "Number Of Ones 1 Inc",
        "The List Group Has Style LLC",
        "The Table Is Set Inc.",
        "Source: Organic LLC",
        "Source Consulting",
        "Notes Bakery",
        "Copyright Law Group",
        "End of the Road Towing",
        "Page 1 Books",
        "3 Records Music",
        "HDR Painting",
        "Total 24 Fitness",
    ],
)
def test_a_row_with_only_a_name_may_be_a_business(read, name):
    for lines in (
        [HEADER, f',"{name}", ,', *ROWS],
        ["Owner,Nombre,Type,Date", f',"{name}",,', *ROWS],  # no title says where names are
    ):
        _, rows = read(lines)
        assert [row[2] for row in rows] == ["", "", ""]


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf", b"\xff\xfe", b"\n \n", b"\xef\xbb\xbf\n"])
def test_a_file_of_byte_order_marks_has_no_rows(read, content):
    with pytest.raises(BrokenFile, match="has no rows"):
        read(content)


def test_byte_order_marks_are_not_part_of_a_title(read):
    table, _ = read(["\ufeff\ufeff" + HEADER, *ROWS])

    assert table.header == HEADER.split(",")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n\n%PDF-1.7\n", "a PDF"),
        (b"\xef\xbb\xbf%PDF-1.7\n", "a PDF"),
        (b"BZh91AY&SY", "a compressed file"),
        (b"\xfd7zXZ\x00", "a compressed file"),
        (b"ID;PWXL;N;E\nC;Y1;X1;K1\n", "a SYLK file"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n<html>", "a saved web page or an email"),
        (b"\x00\x01\x00\x00Standard Jet DB\x00", "a database"),
    ],
)
def test_files_that_are_not_tables_are_recognized_by_their_first_bytes(read, content, message):
    with pytest.raises(BrokenFile, match=message):
        read(content)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("content.xml", "an OpenDocument file"),
        ("word/document.xml", "a text document or a presentation"),
        ("Index/Document.iwa", "Numbers, Pages or Keynote"),
    ],
)
def test_other_office_files_are_recognized_by_their_parts(read, part, message):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr(part, "<x/>")
    with pytest.raises(BrokenFile, match=message):
        read(archive.getvalue())


@pytest.mark.parametrize(
    "text",
    [
        ["hello world this is a letter", "Dear Sir,", "yours"],
        ["Dear team,", "", "please find, as agreed, the list, which is long.", "Regards"],
    ],
)
def test_a_letter_is_not_a_table(read, text):
    with pytest.raises(BrokenFile, match="This isn't a table"):
        read(text)


def test_lines_are_counted_as_an_editor_does_with_line_breaks_in_cells(read):
    _, rows = read([HEADER, '1,"Two', 'lines",MBE,', "2,One line,MBE,"])

    assert [(line, row[1]) for line, row, _ in rows] == [(2, "Two\nlines"), (4, "One line")]


def test_rows_of_another_width_are_padded_or_reported(read):
    _, rows = read([HEADER, "1,Short", "2,Long,MBE,,extra", "3,Blank beyond,MBE,,,"])

    assert rows[0] == (2, ["1", "Short", "", ""], "")
    assert rows[1][2] == "It has 5 cells, but the header has 4"
    assert rows[2][2] == ""


def test_columns_without_a_title_or_with_the_same_one_get_distinct_titles(read):
    table, _ = read(["Name,,Name,Name (3),Name", "a,b,c,d,e"])

    assert table.header == ["Name", "Column 2", "Name (2)", "Name (3)", "Name (4)"]


def test_a_first_column_titled_pk_makes_no_zip_archive(read):
    table, _ = read(["PK,Business Name", "1,Voss"])

    assert (table.kind, table.header) == ("csv", ["PK", "Business Name"])


def test_a_last_column_without_a_title_loses_no_row(read):
    table, rows = read(["Business Name,City,", "Voss,Albany,x", "Ross,Troy,,y"])

    assert table.header == ["Business Name", "City"]
    assert rows == [
        (2, ["Voss", "Albany"], ""),
        (3, ["Ross", "Troy"], "It has 4 cells, but the header has 3"),
    ]


def test_a_header_of_unknown_words_is_found_by_its_shape(read):
    table, rows = read(["Stand 3/1/2026,,", "2 Treffer,,", "", "Firma,Ort,Art", "Voss,Albany,x", "Ross,,y"])

    assert (table.header_line, table.header) == (4, ["Firma", "Ort", "Art"])
    assert len(rows) == 2


def test_rows_of_spaces_are_left_out(read):
    _, rows = read([HEADER, "  , ,,", "1,Voss,,"])

    assert [row[0] for row in rows] == [3]


def test_a_quote_that_means_inches_opens_no_cell(read):
    _, rows = read([HEADER, '1,Pipes 5" and up,MBE,', '2,Pipes 7" and up,WBE,'])

    assert [row[1] for row in cells(rows)] == ['Pipes 5" and up', 'Pipes 7" and up']


def test_staff_may_choose_the_line_of_the_header(read):
    table, rows = read(["a,b", "Firm,Id", "Voss,1"], header_line=2)

    assert (table.header, len(rows)) == (["Firm", "Id"], 1)


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (b"", "The file is empty", None),
        (b"\n\n \n", "has no rows", None),
        (HEADER.encode(), "no rows below", 1),
        (f"{HEADER}\n1,a\0b,MBE,".encode(), "zero byte", 2),
        (f'{HEADER}\n1,ok,MBE,\n2,"never closed,MBE,\n3,x,y,z'.encode(), "never closed", 3),
        (f"{HEADER}\n1,ok,MBE,\n2,{'x' * 1_000_000},MBE,".encode(), "longer than 100,000", 3),
        (f'{HEADER}\n1,"two\nlines","never closed,\n3,x,y,z'.encode(), "never closed", 3),
        (f"{HEADER}\n{'x,' * 2_000_000}".encode(), "line is longer than 2,000,000", 2),
        (f"{HEADER}\n1,a\0b,MBE,".encode("utf-16"), "zero byte", 2),
        (f"{HEADER}\n1,a,MBE,".encode("utf-16")[:-1], "damaged or cut off", None),
        (f"{HEADER}\n1,a,MBE,".encode("utf-16") + b"\x00\xd8\x41\x00", "damaged or cut off", None),
        (b"%PDF-1.7", "This is a PDF", None),
        (b'[{"name": "Voss"}]', "This is JSON", None),
        (b'\xef\xbb\xbf{\n  "data": []}', "This is JSON", None),
        (b"{\\rtf1 x}", "a text document", None),
        (b"\x1f\x8b\x08\x00", "a compressed file", None),
        (b"\x89PNG\r\n", "a picture", None),
        (b"\xef\xbb\xbf \n<html><table><tr><td>Business Name", "a web page or XML", None),
        (b"\xd0\xcf\x11\xe0" + b"0" * 100, "old Excel file .* or one with a password", None),
        (b"PK\x03\x04" + b"0" * 100, "damaged or cut off", None),
    ],
)
def test_a_broken_file_says_what_is_wrong_and_where(read, content, message, line):
    with pytest.raises(BrokenFile, match=message) as broken:
        read(content)

    assert broken.value.line == line


def test_an_unclosed_quote_does_not_fill_the_memory(tmp_path):
    path = tmp_path / "directory"
    path.write_text(HEADER + '\n1,"' + "x,y,z\n" * 2_000_000)
    tracemalloc.start()
    with pytest.raises(BrokenFile):
        list(open_table(path).rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 20_000_000


tables = st.integers(2, 6).flatmap(
    lambda width: st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from(' "\n,;'), max_size=12),
            min_size=width,
            max_size=width,
        ).filter(any),
        min_size=1,
        max_size=12,
    )
)


@pytest.mark.slow
@given(
    tables,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(max_examples=100, deadline=None)
def test_the_output_of_a_csv_writer_is_read_back(tmp_path_factory, table, delimiter, end, quoting, encoding):
    width = len(table[0])
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["Business Name", *(f"City {number}" for number in range(width - 1))])
    writer.writerows(table)
    path = tmp_path_factory.mktemp("table") / "table"
    path.write_bytes(file.getvalue().encode(encoding))

    found = open_table(path, header_line=1)

    assert found.delimiter == delimiter
    assert [row.cells for row in found.rows()] == [row for row in table if any(map(str.strip, row))]


# XLSX


def test_a_workbook_is_read_as_it_is_printed(read, workbook):
    def build(book):
        sheet = book.add_worksheet("Firms")
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write_string(1, 0, "0012")
        sheet.write_number(2, 0, 12)
        sheet.write_datetime(1, 3, date(2029, 3, 31), book.add_format({"num_format": "mm/dd/yyyy"}))
        sheet.write_boolean(2, 2, True)
        sheet.write_formula(3, 1, '=HYPERLINK("http://evil")', None, "Cached LLC")
        sheet.write_string(1, 1, "Brightwater LLC")
        sheet.write_string(2, 1, "=cmd()")

    table, rows = read(workbook(build))

    assert (table.kind, table.sheet) == ("xlsx", "Firms")
    assert cells(rows) == [
        ["0012", "Brightwater LLC", "", "2029-03-31"],
        ["12", "=cmd()", "Yes", ""],
        ["", "Cached LLC", "", ""],
    ]


def test_a_hidden_sheet_is_never_chosen(read, workbook):
    def build(book):
        book.add_worksheet("Front")
        hidden = book.add_worksheet("Old")
        hidden.write_row(0, 0, ["Business Name", "City"])
        hidden.hide()
        sheet = book.add_worksheet("List")
        sheet.write_row(0, 0, ["Business Name", "City"])
        sheet.write_row(1, 0, ["Voss", "Albany"])

    content = workbook(build)
    table, rows = read(content)

    assert (table.sheet, table.sheets, len(rows)) == ("List", ["Front", "List"], 1)
    with pytest.raises(BrokenFile, match="No visible sheet of the name “Old”"):
        read(content, sheet="Old")


def test_all_sheets_with_the_same_columns_are_read_at_once(read, workbook):
    def build(book):
        book.add_worksheet("Read me").write_row(0, 0, ["Column", "What it means"])
        for title, rows in (("MBE", [["Voss", 1], ["Ross", 2]]), ("WBE", [["Quill", 3]])):
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, ["Business Name", "Certification Number"])
            for line, row in enumerate(rows, 1):
                sheet.write_row(line, 0, row)
        turned = book.add_worksheet("VBE")
        turned.write_row(0, 0, ["Certification Number", "Business Name"])
        turned.write_row(1, 0, [4, "Oak"])

    table, rows = read(workbook(build), sheet=ALL_SHEETS)

    assert table.header == ["Business Name", "Certification Number", "Sheet"]
    assert cells(rows) == [["Voss", "1", "MBE"], ["Ross", "2", "MBE"], ["Quill", "3", "WBE"], ["Oak", "4", "VBE"]]
    assert table.left_out == ["Read me"]


def test_a_number_with_too_many_digits_is_printed_with_an_exponent(read, workbook):
    def build(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Business Name", "Certification Number"])
        sheet.write_row(1, 0, ["Voss", 12345678901234567890])

    _, rows = read(workbook(build))

    assert spoiled(cells(rows)[0][1]) == "digits lost"


@pytest.mark.slow
def test_a_sheet_that_claims_a_million_rows_is_read_fast(read, workbook):
    def build(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Business Name", "City"])
        sheet.write_row(1, 0, ["Voss", "Albany"])
        sheet.write_blank(1_048_575, 16_000, None, book.add_format({"bold": True}))

    content = workbook(build)
    tracemalloc.start()
    _, rows = read(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(rows) == 1
    assert peak < 50_000_000


def test_a_workbook_that_is_cut_off_is_refused(read, workbook):
    def build(book):
        sheet = book.add_worksheet()
        for number in range(2000):
            sheet.write_row(number, 0, ["Business Name", number, f"Firm {number}"])

    content = workbook(build)
    with pytest.raises(BrokenFile, match="damaged or cut off"):
        read(content[: len(content) // 2])


@pytest.fixture
def altered(workbook):
    """A small workbook's bytes, with one part (by its name) replaced by what `change` makes of it, or left out."""

    def alter(part, change):
        content = workbook(lambda book: book.add_worksheet().write_column(0, 0, ["Business Name", "Voss", "Ross"]))
        result = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
            for each in source.infolist():
                data = source.read(each)
                deflated = zipfile.ZIP_DEFLATED if each.filename == part else zipfile.ZIP_STORED
                target.writestr(each.filename, change(data) if each.filename == part else data, deflated)
        return result.getvalue()

    return alter


SHEET, TEXTS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"


@pytest.mark.slow
def test_a_zip_bomb_is_refused_before_it_is_unpacked(read, altered):
    with pytest.raises(BrokenFile, match="unpacks to far more"):
        read(altered(SHEET, lambda data: data + b" " * 60_000_000))


@pytest.mark.slow
def test_a_large_part_that_would_be_read_whole_is_refused(read, altered):
    with pytest.raises(BrokenFile, match="unpacks to far more"):
        read(altered(STYLES, lambda data: data + b"<!-- " + random.Random(1).randbytes(11_000_000).hex().encode()))


@pytest.mark.slow
@pytest.mark.parametrize("part", [SHEET, TEXTS])
def test_a_text_without_an_end_does_not_fill_the_memory(read, altered, part):
    endless = {SHEET: (b"<sheetData>", b'<sheetData><row><c t="inlineStr"><is><t>'), TEXTS: (b"<t>", b"<t>")}[part]
    filling = random.Random(1).randbytes(11_000_000).hex().encode()

    with pytest.raises(BrokenFile, match="far longer"):
        read(altered(part, lambda data: data.replace(endless[0], endless[1] + filling, 1)))


def test_entities_that_expand_are_refused(read, altered):
    entity = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">]>'

    for part in (SHEET, TEXTS):
        with pytest.raises(BrokenFile, match="entities"):
            read(altered(part, lambda data: entity + data.split(b"?>", 1)[1]))


def test_a_sheet_without_a_stated_size_is_read(read, altered):
    _, rows = read(altered(SHEET, lambda data: re.sub(rb"<dimension[^>]*>", b"", data)))

    assert cells(rows) == [["Voss"], ["Ross"]]


@pytest.mark.slow
def test_the_share_of_a_sheet_that_was_read_is_known(tmp_path, workbook):
    def build(book):
        sheet = book.add_worksheet()
        for number in range(5000):
            sheet.write_row(number, 0, ["Business Name", number])

    workbook(build)
    table = open_table(tmp_path / "made.xlsx")
    shares = [table.share_read for _ in table.rows()]

    assert 0 < shares[0] < 0.2
    assert shares == sorted(shares)
    assert shares[-1] > 0.8


def test_a_zip_archive_is_not_taken_for_a_workbook(read):
    for name, message in (("directory.csv", "a ZIP archive, not a workbook"), ("xl/workbook.bin", "binary Excel")):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as target:
            target.writestr(name, "x")
        with pytest.raises(BrokenFile, match=message):
            read(archive.getvalue())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # openpyxl warns of what it then reads nevertheless
def test_a_workbook_that_was_damaged_anywhere_is_read_or_refused_in_words(read, altered):
    draw = random.Random(1)

    def damage(data):
        at = draw.randrange(len(data))
        return data[:at] + draw.choice([b"<", b'"', b"&", b"x", b"\0"]) + data[at + draw.randrange(20) :]

    parts = [SHEET, TEXTS, STYLES, "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"]
    damaged = [altered(part, damage) for part in parts for _ in range(15)]
    damaged += [damage(altered(SHEET, bytes)) for _ in range(60)]
    refused = 0
    for content in damaged:
        try:
            read(content)
        except BrokenFile:
            refused += 1

    assert refused > len(damaged) / 2


# Columns


@pytest.mark.parametrize(
    ("header", "sample", "expected"),
    [
        (
            "Account_Number,Vendor_Formal_Name,Vendor_DBA,Certification,Certification_Renewal_Date,Ethnicity",
            "1,Voss,,MBE,3/31/2029,BLACK",
            {"name": 1, "dba": 2, "number": 0, "expires_on": 4, "type": [3, 5]},
        ),
        (
            "vendorid,vendorname,certificationtype,woman,disabled,activedate,expirationdate",
            "12826,Voss,SBE,No,Yes,2014-11-20,2016-11-20",
            {"name": 1, "number": 0, "certified_on": 5, "expires_on": 6, "type": [2], "yes_no": [3, 4]},
        ),
        (
            "certno,company,race,contracttype,contractstatus,certdate,expirationdate",
            "10-35,Voss,Asian,MBE,CERTIFY,1290457980,1353484800",
            {"name": 1, "number": 0, "certified_on": 5, "expires_on": 6, "status": 4, "type": [2, 3]},
        ),
        (
            "company_name,dba_name,phone_number,omwbe,veteran_owned",
            "Voss,,555,,Y",
            {"name": 0, "dba": 1, "yes_no": [3, 4]},
        ),
        ("Company Name,Cert. No.,Exp Date", "Voss,1,1/1/2029", {"name": 0, "number": 1, "expires_on": 2}),
        (
            "NAME,CERT_NBR,EXPIRE_DT,ETHNICITY_CD,Certification Type(s)",
            "Voss,1,1/1/2029,BLACK,MBE",
            {"name": 0, "number": 1, "expires_on": 2, "type": [3, 4]},
        ),
        (
            "Name of Firm,Date Certified,Certified Through",
            "Voss,1/1/2026,1/1/2029",
            {"name": 0, "certified_on": 1, "expires_on": 2},
        ),
        ("Firm,Renewal,Expires", "Voss,Yes,1/1/2029", {"name": 0, "expires_on": 2}),
        (
            "UEI,Legal Business Name,VO,SD VOSB,8(a),WOSB,Certification Entrance Date,Certification Exit Date",
            "ABC,Voss,X,,X,,1/1/2024,1/1/2030",
            {"name": 1, "number": 0, "certified_on": 6, "expires_on": 7, "yes_no": [2, 3, 4, 5]},
        ),
        (
            "Firm,Qualification Status,Contract Status,Contract End Date,Certified Since,Cert Expiration",
            "Voss,OK,Open,1/1/2025,1/1/2020,Perpetual",
            {"name": 0, "certified_on": 4, "expires_on": 5},
        ),
        ("Vendor,HUB Cert No,Women Owned", "Voss,1,●", {"name": 0, "number": 1, "yes_no": [2]}),
        # Columns that are empty in the first rows.
        (
            "Company,Minority Group,MBE Expiration Date,Woman Owned",
            "Voss,,,",
            {"name": 0, "expires_on": 2, "type": [1], "yes_no": [3]},
        ),
    ],
)
def test_columns_are_recognized_by_their_titles(header, sample, expected):
    found = recognise(header.split(","), [sample.split(",")])

    assert found == Columns(**expected)
    assert Columns.from_dict(found.as_dict()) == found


# Values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3/31/2029", date(2029, 3, 31)),
        ("03-31-2029", date(2029, 3, 31)),
        ("3/31/29", date(2029, 3, 31)),
        ("2029-03-31", date(2029, 3, 31)),
        ("2029-03-31T00:00:00.000", date(2029, 3, 31)),
        ("March 31, 2029", date(2029, 3, 31)),
        ("31-Mar-2029", date(2029, 3, 31)),
        ("47208", date(2029, 3, 31)),
        ("1290457980", date(2010, 11, 22)),
        ("Exit Date: 7/19/2022", date(2022, 7, 19)),
        ("Suite 23456, until 3/31/2029", date(2029, 3, 31)),
        ("March 31st, 2029", date(2029, 3, 31)),
        ("2029-03-31 00:00:00.000+00:00", date(2029, 3, 31)),
        ("3/31/2029 12:00:00 AM", date(2029, 3, 31)),
        ("47209 | 47208", date(2029, 3, 31)),
        ("04/30/2026;03/31/2026", date(2026, 3, 31)),  # of several nothing holds longer than its own
        ("20271231", date(2027, 12, 31)),
        ("2027/03/31", date(2027, 3, 31)),
        ("31.03.2027", date(2027, 3, 31)),
        ("31-MAR-27", date(2027, 3, 31)),
        ("31DEC2027", date(2027, 12, 31)),
        ("12 31 2027", date(2027, 12, 31)),
        ("12312027", date(2027, 12, 31)),
        ("20271231T000000", date(2027, 12, 31)),
        ("1774915200000", date(2026, 3, 31)),
        ("46112.5", date(2026, 3, 31)),
        ("31 de marzo de 2027", date(2027, 3, 31)),
        ("Wed, March 31, 2027", date(2027, 3, 31)),
        ("Suite 12, until 3/31/2029", date(2029, 3, 31)),
        ("Dec 31 '27", date(2027, 12, 31)),
        ("Fri Dec 31 00:00:00 EST 2027", date(2027, 12, 31)),
        ("2027-12-31-05:00", date(2027, 12, 31)),
        ("20271231T00:00:00Z", date(2027, 12, 31)),
        ("12\\31\\2027", date(2027, 12, 31)),
        ("Dec/31/2027", date(2027, 12, 31)),
        ("2027 12 31", date(2027, 12, 31)),
        ("１２/３１/２０２７", date(2027, 12, 31)),
        ("\u200e12/31/2027\u202c", date(2027, 12, 31)),
        ('="12/31/2027"', date(2027, 12, 31)),
        ("12–31–2027", date(2027, 12, 31)),
        ("1/1/2026 - 12/31/2027", date(2027, 12, 31)),  # a span of time ends with its last day
        ("2026-01-01 to 2027-12-31", date(2027, 12, 31)),
        ("del 1/1/2026 al 12/31/2027", date(2027, 12, 31)),
        ("1/1/2026 → 12/31/2027", date(2027, 12, 31)),
        ("1/1/2026 - 1/1/2026", date(2026, 1, 1)),
        ("1/1/2026 - 2027", date(2027, 12, 31)),
        ("1/1/2026 through 2027", date(2027, 12, 31)),
        ("Jan 2026 to 2027", date(2027, 12, 31)),
        ("2026 - 6/30/2027", date(2027, 6, 30)),
        ("12/31/2027 - renewal pending", date(2027, 12, 31)),
        ("12/31/2027 - Suite 23456", date(2027, 12, 31)),
        ("12/31/2027, to be renewed", date(2027, 12, 31)),
        ("12/31/2027 to be renewed", date(2027, 12, 31)),
        ("12/31/2027 and 1/31/2028", date(2027, 12, 31)),
        ("", None),
        ("N/A", None),
    ],
)
def test_a_day_is_read_in_every_format(text, expected):
    assert read_days(text).earliest == expected


@pytest.mark.parametrize(
    "text",
    [
        "2/30/2029",
        "soon",
        "13/13/2029",
        "Smarch 3, 2029",
        "103/31/2029",
        "3/31/20291",
        "2029-03-3112",
        "3/31/129",
        "in 20 days",
        "Suite 23456",
        "12/31/99",
        "3/12",
        "Expired",
        "#####",
        "#REF!",
        "12|15|2027",
        "12,15,2027",
        "2027365",
        "1.8302112E9",
        "12/31/2O27",
        "2027-00-00",
        "Pending renewal",
        "3 years",
        "Unexpired",
        "un-expired",
        "Not expired",
        "Nonexpired",
        "Has not expired",
        "Never expired",
        "Not permanent",
        "Non-perpetual",
        "Not ongoing",
        "No longer continuous",
        "6/30/2026 - 1/1/2025",
        "12/31/2027 to 1/1/2026",
        "1/1/2026 - 2025",
        "6/30/2026 - 1/12/2026",
        "1/1/2026 to present",
        "1/1/2026 to",
        "1/1/2026 - present",
        "1/1/2026 – Current",
        "1/1/2026-present",
        "1/1/2026 -",
        "January 1, 2026 through today",
        "1/1/2026 until revoked",
        "1/1/2026 onward",
        "1/1/2026 - 27",
        "1/1/2026 hasta la fecha",
    ],
)
def test_text_that_is_not_a_day_is_refused(text):
    with pytest.raises(ValueError, match="is no date"):
        read_days(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("March 2027", date(2027, 3, 31)),
        ("Mar-27", date(2027, 3, 31)),
        ("Mar '27", date(2027, 3, 31)),
        ("FEB-2028", date(2028, 2, 29)),
        ("2027-03", date(2027, 3, 31)),
        ("03/2027", date(2027, 3, 31)),
        ("12/27", date(2027, 12, 31)),
        ("202703", date(2027, 3, 31)),
        ("Q1 2027", date(2027, 3, 31)),
        ("4Q27", date(2027, 12, 31)),
        ("2027", date(2027, 12, 31)),
        ("End of March 2027", date(2027, 3, 31)),
    ],
)
def test_a_month_a_quarter_or_a_year_lasts_until_its_last_day(text, expected):
    read = read_days(text)

    assert (read.earliest, read.is_period) == (expected, True)


@pytest.mark.parametrize(
    "text",
    [
        "Perpetual", "PERMANENT", "Indefinite", "Does not expire", "doesn't expire", "Never expires", "No expiration",
        "No Expiration Date", "None", "N/A", "Lifetime", "Life", "Ongoing", "Continuous", "Until revoked",
        "Valid until cancelled", "Until further notice", "Non-expiring", "Not applicable", "No end date", "-", "\u2014",
        "9999-99-99", "9999-12-31", "12/31/9999", "99/99/9999", "00/00/0000", "0000-00-00", "1/1/1900", "Open-ended",
        "Open", "Open End", "DNE", "UFN", "Nonexpiring", "Unexpiring", "12/31/2999", "99/99/99", "1/0/1900",
        "1970-01-01", "0001-01-01T00:00:00", "01/01/0001", "NaN", "NaT", "#N/A", "(blank)", "TBD", "Unk", "Not listed",
        "…", "–", "**",
        "Sin vencimiento", "No caduca", "Permanente", "Not expiring", "Won't expire", "Never ends",
    ],
)  # fmt: skip
def test_words_for_no_last_day_give_no_day(text):
    assert read_days(text).found == ()


def test_a_span_of_time_begins_with_its_first_day():
    assert read_days("1/1/2026 - 12/31/2027").start == date(2026, 1, 1)
    assert read_days("12/31/2027; 1/31/2028").start == date(2027, 12, 31)


def test_a_span_that_runs_forward_in_only_one_order_reveals_the_order():
    read = read_days("10/01/2026 - 02/12/2026")

    assert (read.begun, read.found, read.first) == ((date(2026, 1, 10),), (date(2026, 12, 2),), "day")
    assert read_days("01/10/2026 - 12/02/2026", day_first=True).first == "month"


def test_a_column_reveals_whether_the_day_or_the_month_comes_first():
    assert read_days("3/4/2027").earliest == date(2027, 3, 4)
    assert read_days("3/4/2027", day_first=True).earliest == date(2027, 4, 3)
    assert read_days("3/31/2027", day_first=True).earliest == date(2027, 3, 31)
    assert [read_days(text).first for text in ("3/4/2027", "3/31/2027", "31/3/2027", "4/4/2027", "2027-03-04")] == [
        "either", "month", "day", "", "",
    ]  # fmt: skip


def test_several_codes_in_a_cell_are_separated():
    assert codes("MBE,WBE/DBE; 8(a)\nasian american &amp; x") == ("MBE", "WBE", "DBE", "8(A)", "ASIAN AMERICAN & X")
    assert codes("ASIAN AMERICAN / FEMALE") == ("ASIAN AMERICAN", "FEMALE")
    assert codes("M/WBE") == ("MWBE",)
    assert codes("PROGRAM/WBE") == ("PROGRAM", "WBE")
    assert codes("27~2X~A2") == ("27", "2X", "A2")
    assert codes("MBE^WBE|DBE\nSBE • HUB") == ("MBE", "WBE", "DBE", "SBE", "HUB")
    assert codes("[\"MBE\", 'WBE']") == codes("{MBE,WBE}") == codes("<b>MBE</b><br/>WBE") == ("MBE", "WBE")
    assert codes("MBE\\WBE\u2028DBE\x0bSBE") == ("MBE", "WBE", "DBE", "SBE")
    assert codes("ＭＢＥ\u00a0") == ("MBE",)


@pytest.mark.parametrize("text", ["", " ", "N/A", "n/a", "None", "-", "&nbsp;", "/"])
def test_a_cell_with_a_filler_has_no_code(text):
    assert codes(text) == ()


def test_no_control_character_gets_into_a_code():
    assert codes("MBE\0\x01\u200b; N/A, a\tb") == ("MBE", "A B")


def test_a_column_that_says_yes_is_a_code():
    columns = Columns(name=0, type=[1], yes_no=[2, 3])

    assert codes_of(["Voss", "SBE", "Yes", "n"], columns, ["name", "type", "woman", "disabled"]) == ["SBE", "WOMAN"]


def test_codes_stand_for_our_types_or_for_none():
    assert DEFAULT_CODES["FBE"] == ["woman"]
    assert DEFAULT_CODES["WMBE"] == ["minority", "woman"]
    assert DEFAULT_CODES["PBE"] == ["disability"]
    assert all(DEFAULT_CODES[code] == [] for code in ("DBE", "SBE", "8(A)", "HUBZONE", "SDB"))


@pytest.mark.parametrize(
    ("code", "types"),
    [
        ("VO", ["veteran"]),
        ("SD VOSB", ["veteran"]),
        ("SDVOSB", ["veteran"]),
        ("SERVICE-DISABLED VETERAN-OWNED SMALL BUSINESS", ["veteran"]),
        ("WOSB", ["woman"]),
        ("EDWOSB", ["woman"]),
        ("WOMEN-OWNED SMALL BUSINESS", ["woman"]),
        ("LGBTBE", ["lgbtq"]),
        ("LGBTQ+-OWNED", ["lgbtq"]),
        ("DOBE", ["disability"]),
        ("BLACK-OWNED", ["minority"]),
        ("BL", ["minority"]),
        ("A2", ["woman"]),
        ("8(A)", []),
        ("DBE", []),
        ("HUBZONE", []),
        ("SMALL DISADVANTAGED BUSINESS", []),
        ("XYZ", None),
        ("MBE WBE", ["minority", "woman"]),
        ("MBE & WBE", ["minority", "woman"]),
        ("MBE AND WBE", ["minority", "woman"]),
        ("MBE-WBE", ["minority", "woman"]),
        ("27:2X:A2", ["woman"]),
        ("MBE (BLACK)", ["minority"]),
        ("MBE - AFRICAN AMERICAN", ["minority"]),
        ("WOMEN OWNED SMALL BUSINESS (WOSB)", ["woman"]),
        ("NOT WBE", None),
        ("MBE XYZ", None),
    ],
)
def test_codes_of_programs_are_recognized_in_every_spelling(code, types):
    assert types_of(code) == types


@pytest.mark.parametrize(
    "text", ["1", "t", "TRUE", "Y", "yes", "✓", "✔", "☑", "●", "•", "x", "X", "*", "Si", "VOSB", "✔\ufe0f", "☑\ufe0f",
    "🗹", "◉", "Certified", "APPROVED", "Yes.", "(Y)", '"Y"', "'Yes", "Ｙ", "\u200bYes", "Veteran-Owned"],
)  # fmt: skip
def test_yes_is_recognized_in_every_spelling(text):
    assert says_yes(text, "VOSB") is True


@pytest.mark.parametrize(
    "text", ["0", "f", "FALSE", "N", "No", "☐", "-", "–", "", "n/a", "⚪", "Not certified", "Expired", "[ ]", "NaN"]
)
def test_no_is_recognized_in_every_spelling(text):
    assert says_yes(text, "VOSB") is False


@pytest.mark.parametrize("text", ["maybe", "2", "?", "Self-certified", "#N/A", "Woman-Owned", "M"])
def test_cells_that_say_neither_yes_nor_no_are_noted(text):
    assert says_yes(text, "VOSB") is None


@pytest.mark.parametrize(
    ("number", "how"),
    [
        ("1.23457E+10", "digits lost"),
        ("1,23457e+10", "digits lost"),
        ("12345678901234500000", "digits lost"),
        ("######", "digits lost"),
        ("Mar-01", "made a date"),
        ("1-Mar", "made a date"),
        ("2012-05-01", "made a date"),
        ("1.23457E 10", "digits lost"),
        ("5-mar.", "made a date"),
        ("Jan 16", "made a date"),
        ("ene-05", "made a date"),
        ("#REF!", "made an error"),
        ("#N/A", "made an error"),
        ("MARTA-1234", ""),
        ("DECA-12", ""),
        ("MAR-123", ""),
        ("16-346", ""),
        ("219E01", ""),
        ("12E5", ""),
        ("0012345", ""),
        ("1234567890123456", ""),
    ],
)
def test_numbers_damaged_by_a_spreadsheet_are_recognized(number, how):
    assert spoiled(number) == how


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" A &amp; B\u202e\n  C\x07 ", "A & B C"),
        ("Bright\u200bpath\u00a0LLC\ufeff", "Brightpath LLC"),
        ('="0012"', "0012"),
        ("'0012", "0012"),
        ("'Round Midnight Music", "'Round Midnight Music"),
        ('=""', ""),
    ],
)
def test_cells_are_cleaned(cell, text):
    assert cell_text(cell) == text


# The report


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\t=1",
        "\tx",
        "\rx",
        "  =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "﹦1",
        "\ufeff=1",
        "\u200b\xa0=1",
    ],
)
def test_a_spreadsheet_executes_no_cell(text):
    assert safe_cell(text) == f"'{text}"
    assert safe_cell("plain - text") == "plain - text"


def test_the_report_has_line_reason_and_row():
    with SkippedRows() as skipped:
        skipped.add(7, "It has no name", ["", "=cmd|x", "Albany;=1+1"])
        skipped.file.seek(0)
        text = skipped.file.read().decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(text))) == [
        ["line", "why it was skipped", "row"],
        ["7", "It has no name", "'=cmd|x | Albany;=1+1"],
    ]
    assert '"It has no name","\'=cmd|x | Albany;=1+1"' in text  # quoted: no cell begins after the semicolon
