"""What a filter of a client's search is: what it asks for, how it is read, told and put to the listing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet, TextChoices

from sourcing.addresses import Chip, Suggestion
from sourcing.choices import Choices
from sourcing.findable import Record
from sourcing.listing import term

NO_TYPE = 0  # no type's key
EVERYONE = "everyone"  # the name of the filter that leaves aside what is about certifications

type Test = Callable[[Record], bool]


@dataclass(frozen=True)
class Filters:
    """The key of each filter of a search. An empty key narrows nothing."""

    words: str = ""
    everyone: bool = False
    types: tuple[int, ...] = ()
    has_all_types: bool = False
    certificate: int | None = None
    body: int | None = None
    step: int = 0
    valid_until: date | None = None
    skills: tuple[str, ...] = ()
    kind: str = ""
    states: tuple[str, ...] = ()
    rate_from: Decimal | int | None = None
    rate_to: Decimal | int | None = None
    new_in: int | None = None
    # Not a filter: the types that the client may be shown. None means every type.
    shown_types: tuple[int, ...] | None = None


class Group(TextChoices):
    """The groups in which the page lists filters, each with its heading."""

    CERTIFICATE = "certificate", "Certificate and certifier"
    WORK = "work", "Skills and rate"


class Filter:
    """One way to narrow a search."""

    name: ClassVar[str]  # of its field, in the form and in addresses
    attribute: ClassVar[str] = ""  # of `Filters`, if that is not its name
    # One and the same certification has to fit all of these. A search of everyone leaves them aside.
    is_about_certifications: ClassVar[bool] = False
    group: ClassVar[Group | None] = None  # on the page; None where the template places it by itself

    def field(self, choices: Choices) -> forms.Field | None:
        """Return its field; None where `SearchForm` has it, since every search of profiles does."""
        return None

    def is_chosen(self, values: dict[str, Any]) -> bool:
        """Return whether the form's `values` have one of it."""
        return bool(values.get(self.name))

    def is_in_force(self, values: dict[str, Any]) -> bool:
        """Return whether it narrows the search that the form's `values` ask for."""
        return self.is_chosen(values) and not (self.is_about_certifications and values.get(EVERYONE))

    def chips(self, value: Any) -> list[Chip]:
        """Return its chips: one, unless single values can be taken out."""
        return [Chip(self.label(value), self.name)]

    def label(self, value: Any) -> str:
        """Return what its chip says."""
        raise NotImplementedError

    def logged(self, value: Any) -> Any:
        """Return what logs keep of the value, as JSON has it."""
        return value

    def suggestions(self, choices: Choices) -> Iterable[Suggestion]:
        """Return the values that people may ask for by words instead."""
        return []

    def key(self, value: Any) -> Any:
        """Return what `Filters` keeps of the value."""
        return value

    def terms(self, filters: Filters) -> list[str]:
        """Return the queries that the terms of a row of the listing must match."""
        return []

    def narrow(self, rows: QuerySet, filters: Filters) -> QuerySet:
        """Return the listing's `rows` that may fit by what is not a term."""
        return rows

    def test(self, filters: Filters) -> Test | None:
        """Return how to tell whether a record fits; None if that is no matter of one record."""
        return None


class TermFilter(Filter):
    """A filter for which the listing has a term of its name."""

    def terms(self, filters: Filters) -> list[str]:
        key = getattr(filters, self.name)
        return [term(self.name, key)] if key else []
