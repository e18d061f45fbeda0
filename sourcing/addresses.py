"""The address of a client's search: what is kept of it, and the addresses of other searches one click away."""

from collections.abc import Iterable
from typing import NamedTuple

from django.http import QueryDict
from django.urls import reverse

from sourcing.choices import Match, Sort

POSITION = ("after", "before")  # in the results
NEW_IN = "new_in"
# What the search does where its address does not say.
DEFAULTS = {("match", Match.ANY.value), ("sort", Sort.RELEVANCE.value)}


class Chip(NamedTuple):
    """A filter in force, to read, and what to take out of the address to be rid of it.

    That is one `value` of the field `name`, or without a value all of the field. `instead` says what is searched for
    then, where that is more than to do without.
    """

    label: str
    name: str
    value: str = ""
    instead: str = ""


class Suggestion(NamedTuple):
    """A value of a filter, as an address has it, and the names that people may type to ask for it."""

    value: str | int
    label: str
    names: Iterable[str] = ()


def search_url(query: str) -> str:
    """Return the address of the search that `query` spells."""
    return f"{reverse('sourcing:search')}?{query}"


def url_of(query: QueryDict) -> str:
    """Return the address of the first page of the search that `query` spells."""
    first = query.copy()
    for name in POSITION:
        first.pop(name, None)
    return search_url(first.urlencode()) if first else reverse("sourcing:search")


def kept(query: QueryDict, *, keeps_news: bool = False) -> str:
    """Return a search as it is kept, a part of an address: without the position in the results and empty fields.

    `keeps_news`: it stays narrowed to the profiles that are new in a saved search.
    """
    kept = query.copy()
    for name in (*POSITION, "csrfmiddlewaretoken", *([] if keeps_news else [NEW_IN])):
        kept.pop(name, None)
    for name in list(kept):
        kept.setlist(name, [value for value in kept.getlist(name) if value])
    return kept.urlencode()


def changed(query: QueryDict, **fields: list[str]) -> QueryDict:
    """Return another search: with these values of some fields, each a list.

    It is not narrowed to the profiles that are new in a saved search: those are told of in that very search alone.
    """
    other = query.copy()
    other.pop(NEW_IN, None)
    for name, values in fields.items():
        other.pop(name, None)
        if values:
            other.setlist(name, values)
    return other


def without(query: QueryDict, chip: Chip) -> QueryDict:
    """Return the search without the filter of a chip."""
    other = changed(query)
    left = [value for value in query.getlist(chip.name) if chip.value and value != chip.value]
    other.setlist(chip.name, left)
    if not left:
        del other[chip.name]
    return other


def are_alike(query: str, other: str) -> bool:
    """Return whether two parts of addresses ask for the same, whatever the order and case."""
    return _asked(query) == _asked(other)


def _asked(query: str) -> set[tuple[str, str]]:
    given = [(name, value.strip().casefold()) for name, values in QueryDict(query).lists() for value in values]
    return {(name, value) for name, value in given if value} - DEFAULTS
