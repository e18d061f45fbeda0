"""The columns of the tables of an issued report, with what each means."""

from enum import Enum, auto
from typing import NamedTuple


class Holds(Enum):
    """What a column holds, which decides how people read it."""

    TEXT = auto()
    AMOUNT = auto()
    COUNT = auto()
    SHARE = auto()  # in percent
    KEY = auto()  # for programs: in files alone

    @property
    def is_number(self) -> bool:
        return self in (Holds.AMOUNT, Holds.COUNT, Holds.SHARE)


class Column(NamedTuple):
    """A column: its heading in files and on pages, what it means, and its width in a spreadsheet."""

    heading: str
    words: str
    meaning: str
    width: int = 16
    holds: Holds = Holds.TEXT


AMOUNT = Column("amount", "Amount", "The exact sum, shown with two decimals, rounded half to even.", 18, Holds.AMOUNT)
PAYMENTS = Column("payments", "Payments", "How many payments are in the sum.", 16, Holds.COUNT)
BUSINESSES = Column("businesses", "Businesses", "How many businesses they were made to.", 16, Holds.COUNT)
SHARE = Column(
    "share", "Share", "The share of the base in percent, with one decimal, rounded half to even.", 12, Holds.SHARE
)


def _key(heading: str, words: str, meaning: str, width: int = 16) -> Column:
    return Column(heading, words, meaning, width, Holds.KEY)


def amount_of(heading: str, words: str, meaning: str) -> Column:
    return Column(heading, words, meaning, 18, Holds.AMOUNT)


KEY = _key("key", "Key", "The key of the line.")
NAME = Column("name", "Name", "The line in words.", 34)
CURRENCY = Column("currency", "Currency", "The currency of the amount.", 10)
FROZEN_COLUMNS = (
    Column("position", "Row", "The number of the row in this report.", 10, Holds.COUNT),
    Column(
        "business", "Business", "The number of the business in this report; empty if it names none.", 10, Holds.COUNT
    ),
    Column("quarter", "Quarter from", "The first day of the quarter of the payment.", 14),
    _key("kind", "Kind (key)", "What the payment is for, as a key."),
    AMOUNT._replace(meaning="The amount of the payment. Money that came back is negative."),
    CURRENCY,
    _key("types", "Types (keys)", "The types that it counts under, the primary one first, separated by ;.", 28),
    _key("level", "Level", "The verification level on that day: 0 self-reported to 3 confirmed.", 8),
    _key("reason", "Reason (key)", "Why it doesn't count, as a key; empty if it counts.", 20),
)
SUMMARY = (KEY, NAME, AMOUNT, PAYMENTS, BUSINESSES, SHARE)
TYPES = (
    KEY,
    NAME._replace(words="Type"),
    amount_of("overlapping", "Overlapping", "The payments in full under each of their types."),
    amount_of("primary", "Primary", "The payments under their first type alone."),
    amount_of("split", "Split", "The payments in equal parts under their types."),
    PAYMENTS,
    BUSINESSES,
    SHARE._replace(meaning="The overlapping amount as a share of the base, in percent."),
)
QUARTERS = (
    NAME._replace(words="Quarter", width=24),
    _key("starts_on", "From", "The first day of the quarter."),
    _key("ends_on", "To", "The last day of the quarter."),
    amount_of("base", "Base", "The base of the quarter."),
    amount_of("unduplicated", "Counted", "What counts, each payment once."),
    SHARE._replace(meaning="What counts as a share of the base of the quarter, in percent."),
)
TOGETHER = (
    _key("types", "Types (keys)", "The types of the payments, separated by ;.", 28),
    Column("names", "Types", "The types in words.", 40),
    AMOUNT,
    PAYMENTS,
    BUSINESSES,
    amount_of("beyond_once", "Counted again", "The amount times the number of types after the first."),
)
LEVELS = (
    _key("level", "Level", "The verification level, from 0 to 3.", 8),
    NAME._replace(words="Verification level"),
    AMOUNT,
    PAYMENTS,
    BUSINESSES,
    SHARE._replace(meaning="The share of what counts, in percent."),
)
NOT_COUNTED = (
    _key("reason", "Reason (key)", "The reason as a key.", 20),
    Column("words", "Reason", "The reason in words.", 60),
    _key("currency", "Currency", "The currency of the amount.", 10),
    AMOUNT,
    PAYMENTS,
    BUSINESSES,
)
ALL_PAYMENTS = (
    *FROZEN_COLUMNS,
    Column("kind_in_words", "Kind", "What the payment is for.", 18),
    Column("reason_in_words", "Why not", "Why it doesn't count.", 50),
    Column("payee", "Paid to", "The business as it was named when the report was issued.", 30),
    Column("number", "Payment", "The number of the payment in the marketplace's books.", 20),
    Column("version", "Version", "The version of the payment: 1, or more after a correction.", 8),
    Column("paid_on", "Paid on", "The day of the payment.", 14),
    Column("refers_to", "Goes back to", "The payment that this one gives back or adjusts.", 20),
)
CERTIFICATES = (
    FROZEN_COLUMNS[0]._replace(meaning="The row of the payment that counts by it."),
    _key("type", "Type", "The type that the payment counts under, as a key.", 20),
    Column("certificate", "Certificate", "The name of the certificate.", 40),
    Column("body", "Certifier", "Who issued it.", 34),
    Column("number", "Number", "The number of the certificate.", 20),
    Column("legal_business_name", "Legal business name", "The business as the certificate names it.", 34),
    Column("starts_on", "Valid from", "The first day on which it is valid.", 14),
    Column("ends_on", "Valid to", "Its last day; empty if it doesn't expire.", 14),
    _key("level", "Level", "The verification level on the day of the payment, from 0 to 3.", 8),
    Column("level_in_words", "Level in words", "The verification level.", 28),
)
