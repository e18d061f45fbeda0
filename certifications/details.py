"""What a certificate says, as every page of it lists it: badges, the owner's pages and the review."""

from datetime import date
from typing import NamedTuple, Protocol

from common.days import day


class Detail(NamedTuple):
    """A line of a summary list."""

    term: str
    value: str
    is_name: bool = False  # or a number: browsers do not translate it


class Detailed(Protocol):
    """A record, or a badge of one."""

    @property
    def legal_business_name(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def issued_on(self) -> date | None: ...


def details_of(shown: Detailed) -> list[Detail]:
    """Return what the certificate says beside its name, body and last day."""
    details = [
        Detail("Legal business name", shown.legal_business_name, is_name=True),
        Detail("Certificate number", shown.number, is_name=True),
    ]
    if shown.issued_on:
        details.append(Detail("Issued on", day(shown.issued_on)))
    return details
