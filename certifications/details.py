"""The details on a certificate, as badges, the owner's pages, the review and the administration list them."""

from datetime import date
from typing import NamedTuple

from common.days import day


class Detail(NamedTuple):
    """A line of a summary list."""

    term: str
    value: str
    is_name: bool = False  # a name or a number, which browsers must not translate


class DetailField(NamedTuple):
    """A field of a record that is a detail on its certificate."""

    name: str
    term: str
    is_name: bool = False


# All but the certificate's name, certifier and last day, which pages show by themselves.
DETAIL_FIELDS = (
    DetailField("legal_business_name", "Legal business name", is_name=True),
    DetailField("number", "Certificate number", is_name=True),
    DetailField("issued_on", "Issued"),
)


def details_of(shown: object) -> list[Detail]:
    """Return the details of a record or of its badge, without those that were not given."""
    values = [(field, getattr(shown, field.name)) for field in DETAIL_FIELDS]
    return [
        Detail(field.term, day(value) if isinstance(value, date) else value, field.is_name)
        for field, value in values
        if value
    ]
