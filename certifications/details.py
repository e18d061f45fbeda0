"""The details on a certificate, as badges, the owner's pages and the review list them."""

from datetime import date
from typing import NamedTuple, Protocol

from common.days import day


class Detail(NamedTuple):
    """A line of a summary list."""

    term: str
    value: str
    is_name: bool = False  # a name or a number, which browsers must not translate


class Detailed(Protocol):
    """A record or its badge."""

    @property
    def legal_business_name(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def issued_on(self) -> date | None: ...


def details_of(shown: Detailed) -> list[Detail]:
    """Return the details on the certificate besides its name, certifier and last day."""
    details = [
        Detail("Legal business name", shown.legal_business_name, is_name=True),
        Detail("Certificate number", shown.number, is_name=True),
    ]
    if shown.issued_on:
        details.append(Detail("Issued", day(shown.issued_on)))
    return details
