"""Numbers of certificates: what is compared of them, and which are nearly alike."""

import pytest
from django.db.models import Value
from hypothesis import given, settings
from hypothesis import strategies as st

from certifications.entry.placeholders import is_no_name, is_no_number
from certifications.models import CertificationType
from certifications.numbers import acronyms, are_near, differ_by_letters, number_key, number_key_sql, with_and_without


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (" 0016-346 ", "16346"),
        ("16-046", "16046"),
        ("wbe.2005", "WBE2005"),
        ("No. 12345", "12345"),
        ("no12345", "12345"),
        ("№ 12345", "12345"),
        ("Nº 12345", "12345"),
        ("N° 12345", "12345"),
        ("Número: 12345", "12345"),
        ("#12345", "12345"),
        ("# 12345", "12345"),
        ("ID: 12345", "12345"),
        ("ID12345", "12345"),
        ("Cert # WBE2301234", "WBE2301234"),
        ("Certificate Number: WBE2301234", "WBE2301234"),
        ("Certification no WBE2301234", "WBE2301234"),
        ("Certificate No.: 0012345", "12345"),
        ("WBE Certificate # 2301234", "WBE2301234"),
        ("Reg. No. 12345", "12345"),
        ("MBE-00123", "MBE123"),
        ("MBE123", "MBE123"),
        ("MBE 0123", "MBE123"),
        ("0000115128", "115128"),
        ("219E01", "219E1"),
        ("１２３４５", "12345"),
        ("\u202d12345\u202c", "12345"),
        ("12–345", "12345"),
        ("NORTH-123", "NORTH123"),  # no label, though it begins like one
        ("CERTX9", "CERTX9"),
        ("N.º 12345", "12345"),
        ("n.o 12345", "12345"),
        ("I.D. No. 12345", "12345"),
        ("License No. 12345", "12345"),
        ("Membership # 12345", "12345"),
        ("Número de certificación: 12345", "12345"),
        ("número de registro 12345", "12345"),
        ("Certificate number is 12345", "12345"),
        ("No. is 12345", "12345"),
        ("Number: is 12345", "12345"),
        ("Certificate # is 12345", "12345"),
        ("Cert. no. is: 12345", "12345"),
        ("Cert #: is 12345", "12345"),
        ("Certificate ID is #12345", "12345"),
        ("número es 12345", "12345"),
        ("Número de certificación es: 12345", "12345"),
        ("Cert. IS-12345", "IS12345"),  # letters of the number
        ("No. ES-12345", "ES12345"),
        ("Certificate ISO 12345", "ISO12345"),
        ("CertID12345", "12345"),
        ("UEI: ABCD12345EFG", "ABCD12345EFG"),
        ("DE-12345", "DE12345"),
        ("CASEY-12", "CASEY12"),
        ("٤٥٦٧٨", "45678"),
        ("१२३४५", "12345"),
        ("МВЕ-123", "MBE123"),  # of a Cyrillic keyboard
        ("12\u00ad345\ufeff", "12345"),
        ("-", ""),
        ("000", ""),
        ("No.", ""),
        ("Certificate number", ""),
        ("", ""),
    ],
)
def test_a_number_is_its_letters_and_digits_without_label_and_padding(number, key):
    assert number_key(number) == key


numbers = st.text(max_size=20).filter(lambda text: "\0" not in text) | st.lists(
    st.sampled_from(
        [
            "No. ",
            "cert",
            "#",
            "ID",
            "WBE",
            "00",
            "7",
            "-",
            " ",
            "ß",
            "ı",
            "é",
            "N°",
            "½",
            "№",
            "\u0301",
            "٤",
            "В",
            "н",
            "N.o",
            "de ",
            " is",
            "es ",
            ": ",
        ]
    )
).map("".join)


@pytest.mark.slow
@pytest.mark.django_db
@given(numbers)
@settings(max_examples=200, deadline=None)
def test_the_database_makes_the_same_key(text):
    text = text.encode("utf-8", "ignore").decode()
    CertificationType.objects.get_or_create(key="any", defaults={"name": "Any"})

    [key] = CertificationType.objects.order_by().values_list(number_key_sql(Value(text)), flat=True)[:1]

    assert key == number_key(text)


@pytest.mark.slow
@given(numbers)
def test_a_key_is_its_own_key_unless_it_reads_like_a_label(text):
    key = number_key(text)

    assert key.isascii()
    assert number_key(number_key(key)) == number_key(key)


def test_a_body_prints_its_acronym_or_its_initials():
    assert acronyms("North Carolina DOT") == {"DOT", "NCDOT"}
    assert acronyms("City of Springfield", "WBE", "8(a)", "") == {"COS", "CS", "WBE"}
    assert acronyms("ncdot") == {"NCDOT"}


@pytest.mark.parametrize(
    ("typed", "listed", "is_same"),
    [
        ("NCDOT 115128", "0000115128", True),
        ("115128", "NCDOT-0115128", True),
        ("115128 NCDOT", "115128", True),
        ("NCDOT WBE 115128", "115128", True),
        ("WBE 115128", "NCDOT 115128", True),
        ("WBE 123", "MBE 123", False),
        ("123", "MBE 123", False),
        ("115128", "115129", False),
        ("NCDOT", "115128", False),
    ],
)
def test_the_acronym_of_the_body_or_certificate_may_be_present_or_missing(typed, listed, is_same):
    assert (number_key(listed) in with_and_without(number_key(typed), {"NCDOT", "WBE"})) is is_same


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("WBE2301234", "WBE2301235", True),
        ("WBE2301234", "WBE2302134", True),
        ("WBE2301234", "WBE230123", True),
        ("WBE2301234", "WBE23O1234", True),
        ("WBE2301234", "W8E23OI234", True),
        ("WBE2301234", "2301234", True),
        ("WBE2301234", "MBE2301234", True),
        ("WBE2301234", "WBE2301234", False),
        ("WBE2301234", "WBE2310243", False),
        ("WBE2301234", "WBE230123401", True),
        ("WBE2301234", "WBE23012342027", True),
        ("202712345", "12345", True),
        ("202700123", "2027123", True),
        ("WBE2301234", "WBE230123456789", False),
        ("10203", "123", False),
        ("1234", "1235", False),
        ("16346", "18349", False),
        ("", "1", False),
    ],
)
def test_a_number_with_one_slip_is_near(one, other, is_near):
    assert are_near(one, other) is is_near
    assert are_near(other, one) is is_near


@pytest.mark.parametrize(
    ("one", "other", "do_they"),
    [
        ("NCDOT115128", "115128", True),
        ("115128A", "115128", True),
        ("WBE115128", "MBE115128", False),
        ("WBE123", "123", False),
        ("115128", "115128", False),
        ("1A15128", "115128", False),
    ],
)
def test_numbers_that_differ_only_by_letters_are_recognized(one, other, do_they):
    assert differ_by_letters(one, other) is do_they
    assert differ_by_letters(other, one) is do_they


# Placeholders


@pytest.mark.parametrize(
    "text",
    [
        "pending", "Pending…", "PENDING APPROVAL", "Pending 2026", "N/A", "n.a.", "NA", "none", "None yet", "applied",
        "Applied for", "applied 03/2026", "TBD", "T.B.D.", "see attached", "See attached certificate", "unknown", "xxx",
        "XX-XXX", "to be determined", "in process", "not yet issued", "waiting on certificate", "don't have it yet",
        "I don’t know", "will add later", "Certificate pending", "no number", "pendiente", "aaaa", "NaN", "null",
    ],
)  # fmt: skip
def test_placeholders_for_a_number_are_recognized(text):
    assert is_no_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "WBE2301234", "12345", "16-346", "NA-12345", "A-12", "N/A-12345", "C-APPLIED", "MWBEC", "KLMTRW", "219E01", "7",
        "NO-2026-15", "XXX-1234", "PENDLETON", "NONE1", "1111111", "IN 12345", "NYC-SEE-4", "ABA", "TBD2026",
    ],
)  # fmt: skip
def test_a_real_number_is_not_taken_for_a_placeholder(text):
    assert not is_no_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "pending",
        "N/A",
        "n/a",
        "None",
        "TBD",
        "see attached",
        "Unknown",
        "xxx",
        "Not applicable",
        "applied",
        "Pending approval",
    ],
)
def test_placeholders_for_a_name_are_recognized(text):
    assert is_no_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Pending Productions LLC", "None Such Records", "Unknown Pleasures Inc", "Applied Physics", "The New One",
        "Na Li", "A & A", "Progress", "Waiting Room Café", "XO", "On File LLC", "AAA Plumbing", "AAA", "IT",
    ],
)  # fmt: skip
def test_a_real_name_is_not_taken_for_a_placeholder(text):
    assert not is_no_name(text)
