"""What staff are told of a file before it is loaded."""

from datetime import date

import pytest

from verification.registers.columns import recognise
from verification.registers.reading import open_table
from verification.registers.survey import survey

HEADER = "Certification Number,Business Name,Certification,Expiration Date"


@pytest.fixture
def told(tmp_path):
    """Surveys lines, or bytes: {note: its samples}."""

    def told(*lines):
        path = tmp_path / "directory"
        [content] = lines if isinstance(lines[0], bytes) else ["\n".join([HEADER, *lines]).encode()]
        path.write_bytes(content)
        table = open_table(path)
        columns = recognise(table.header, table.sample)
        found = survey(table, columns, as_of=date(2026, 11, 1), today=date(2026, 11, 27))
        return {note["text"]: note["samples"] for note in found.notes}

    return told


def of_names(*names):
    return [f"{number},{name},MBE,12/31/2029" for number, name in enumerate(names, 1)]


@pytest.mark.parametrize(
    "name",
    [
        "PeÃ±a Design",
        "CafÃ© RÃ­o",
        "Oâ€™Brien Paving",
        "Å\u0081ukasz Nowak",
        "Peña".encode().decode("mac_roman"),
        "Peña".encode().decode("cp437"),
        "Peña".encode().decode("cp1252").encode().decode("cp1252"),
        "Pe\ufffda Design",
        "Pe?a Design",
        "Pe\\u00f1a Design",
        "Pe=C3=B1a Design",
        "Pe%C3%B1a Design",
    ],
)
def test_garbled_names_are_noted(told, name):
    assert told(*of_names("Voss LLC", name)) == {
        "1 names have letters that were garbled before the file was saved. Ask for another export.": [name]
    }


@pytest.mark.parametrize(
    "name",
    [
        "Peña & Hijos",
        "Łukasz Đặng–Müller",
        "Col·legi d’Àrea",
        "E=MC² Tutoring™",
        "Ångström Äpfel",
        "Who? What? LLC",
        "I ❤ Cakes",
        "李明 Trading",
        "½ Price",
        "A/B=C Labs",
    ],
)
def test_names_of_any_origin_are_not_garbled(told, name):
    assert told(*of_names(name, "Voss LLC")) == {}


def test_letters_garbled_by_a_mac_are_noted(told):
    notes = told("\n".join([HEADER, *of_names("Peña Café")]).encode("mac_roman"))

    assert list(notes.values()) == [["Pe–a CafŽ"]]


def test_numbers_that_may_have_lost_zeros_are_noted(told):
    numbers = [*range(12345, 12345 + 30), 1234, 567, "00089"]
    notes = told(*(f"{number},Firm {number},MBE,12/31/2029" for number in numbers))

    assert notes == {
        "“Certification Number”: most numbers have 5 digits, and 2 have fewer. A spreadsheet may have dropped zeros at "
        "the front. We show them as they are, and find them with and without the zeros.": ["1234", "567"]
    }


def test_numbers_that_count_up_are_not_noted(told):
    assert told(*(f"{number},Firm {number},MBE,12/31/2029" for number in range(5, 120))) == {}


def test_numbers_damaged_by_a_spreadsheet_are_noted_by_kind_of_damage(told):
    numbers = ["1.23457E+10", "Mar-05", "#REF!", "#####", "12345678901234000", "16-346"]
    notes = told(*(f"{number},Firm {place},MBE,12/31/2029" for place, number in enumerate(numbers)))

    happened = {text.partition(" in a spreadsheet")[0]: samples for text, samples in notes.items()}
    assert happened == {
        "“Certification Number”: 3 numbers lost digits": ["1.23457E+10", "#####", "12345678901234000"],
        "“Certification Number”: 1 numbers were turned into dates": ["Mar-05"],
        "“Certification Number”: 1 numbers were replaced by errors": ["#REF!"],
    }


def test_dates_read_day_first_are_noted_with_their_reading(told):
    assert told("1,Voss,MBE,27-12-31", "2,Ross,MBE,31/1/2029") == {
        "“Expiration Date” (expiration date): dates are read with the day before the month.": [
            "27-12-31 is read as Dec 27, 2031",
            "31/1/2029 is read as Jan 31, 2029",
        ]
    }
