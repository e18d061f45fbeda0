"""A client's search: the listing proposes profiles in order, and the rule about certifications decides on each.

Whoever is shown or counted as certified has passed `Certification.objects.findable_by`, in the same request. The
listing only says where to look, so a row of it that is out of date can hide a profile for a moment, and shows none.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from django.db.models import F, Q, QuerySet, Value
from django.utils.dateparse import parse_datetime

from common.searching import typed_words
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing.choices import Sort
from sourcing.filters import FILTERS
from sourcing.findable import Record, active_profiles, found_by, profile_of
from sourcing.listing import Matches, Unindexed, word_of_name
from sourcing.models import CertifiedListing, Listing
from sourcing.narrowing import Filters, Test

PAGE_SIZE = 20
COUNTED_UP_TO = 1000
# How many profiles are put to the rule at once: enough for a page, then more at a time.
FIRST_CHUNK, LARGEST_CHUNK = 24, 4000


class Cursor(NamedTuple):
    """A position in the results: the stream of them, and a profile's value to sort by and key."""

    stream: int
    value: str
    pk: int

    def __str__(self) -> str:
        return f"{self.stream}~{self.value}~{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Return the cursor that `text` spells, or None."""
        found = re.fullmatch(r"([01])~([^\0]{1,200})~(\d{1,18})", text)
        return cls(int(found[1]), found[2], int(found[3])) if found else None


class Order(NamedTuple):
    """An order of the listing's rows: by a column, then by key."""

    column: str
    is_descending: bool
    is_by_moment: bool

    def spell(self, value: str | datetime) -> str:
        """Return a value of the column as a cursor has it."""
        return value.isoformat() if isinstance(value, datetime) else value

    def can_read(self, cursor: Cursor) -> bool:
        """Return whether the cursor's value is one of the column: a moment in UTC, or any text."""
        if not self.is_by_moment:
            return True
        try:
            moment = parse_datetime(cursor.value)
        except ValueError:
            return False
        return moment is not None and moment.utcoffset() == timedelta(0)


BY_ACTIVITY = Order("active_at", is_descending=True, is_by_moment=True)
BY_NAME = Order("name_key", is_descending=False, is_by_moment=False)
ORDERS = {Sort.RELEVANCE: BY_ACTIVITY, Sort.RECENT: BY_ACTIVITY, Sort.NAME: BY_NAME}


class Proposal(NamedTuple):
    """A row of the listing: the stream it is of, its value to sort by, its profile's key and state."""

    stream: int
    value: str | datetime
    pk: int
    state: str


class Fit(NamedTuple):
    """A profile that fits: the types of its records that do, and for a page the profile itself."""

    types: frozenset[int]
    profile: Profile | None


class Result(NamedTuple):
    """A profile that was found."""

    pk: int
    cursor: Cursor
    state: str
    fit: Fit


@dataclass
class Page:
    """One page of results: profiles in order, and the cursors of the pages around it, or None."""

    profiles: list[Profile]
    previous: Cursor | None = None
    next: Cursor | None = None

    @classmethod
    def of(cls, results: list[Result], previous: Cursor | None, following: Cursor | None) -> "Page":
        return cls([result.fit.profile for result in results], previous, following)


@dataclass
class Search:
    """The search of `viewer`, for the client they act for, under `policy`."""

    viewer: Viewer
    policy: RolloutPolicy
    filters: Filters
    sort: Sort = Sort.RECENT
    _samples: dict[Filters, list[Result]] = field(default_factory=dict)

    @property
    def _order(self) -> Order:
        return ORDERS[self.sort]

    def page(self, *, after: Cursor | None = None, before: Cursor | None = None) -> Page:
        """Return the page after or before a cursor, or the first. Beyond either end there is the first page, too."""
        if before is not None:
            found = list(islice(self._walk(before, backwards=True, is_shown=True), PAGE_SIZE + 1))
            if len(found) > PAGE_SIZE:
                found = found[PAGE_SIZE - 1 :: -1]
                return Page.of(found, found[0].cursor, found[-1].cursor)
        if after is not None:
            found = list(islice(self._walk(after, is_shown=True), PAGE_SIZE + 1))
            if found:
                return self._page(found, found[0].cursor)
        return self._page(list(islice(self._walk(is_shown=True), PAGE_SIZE + 1)), None)

    @staticmethod
    def _page(found: list[Result], previous: Cursor | None) -> Page:
        shown = found[:PAGE_SIZE]
        return Page.of(shown, previous, shown[-1].cursor if len(found) > PAGE_SIZE else None)

    def keys(self, most: int) -> list[int]:
        """Return the keys of the first `most` profiles, in order."""
        return [result.pk for result in islice(self._walk(chunk=LARGEST_CHUNK), most)]

    def count(self) -> int:
        """Return how many profiles are found, at most one more than COUNTED_UP_TO."""
        return len(self._sample(self.filters))

    def counts_by_type(self) -> Counter[int]:
        """Return for each type (its key) how many would be found with it instead of those chosen.

        Or, where all of the chosen types are asked for, with it as well. Of the first COUNTED_UP_TO profiles, if there
        are more. Of certified ones only. None of who is new in a saved search: any other search, narrowed to them,
        would tell by what they were found.
        """
        if self.filters.new_in is not None:
            return Counter()
        filters = self.filters if self.filters.has_all_types else replace(self.filters, types=())
        found = self._sample(filters)[:COUNTED_UP_TO]
        return Counter(type for result in found for type in result.fit.types)

    def counts_by_state(self) -> Counter[str]:
        """Return for each state how many would be found there instead of in those chosen, as `counts_by_type` does."""
        if self.filters.new_in is not None:
            return Counter()
        found = self._sample(replace(self.filters, states=()))[:COUNTED_UP_TO]
        return Counter(result.state for result in found if result.state)

    def _sample(self, filters: Filters) -> list[Result]:
        """The first COUNTED_UP_TO results and one more, the most recently active."""
        if filters not in self._samples:
            walk = Search(self.viewer, self.policy, filters)._walk(chunk=COUNTED_UP_TO + 1)
            self._samples[filters] = list(islice(walk, COUNTED_UP_TO + 1))
        return self._samples[filters]

    def _streams(self) -> list[QuerySet]:
        """The listing's rows that may fit, in one query or, by relevance, those with all words in the name first.

        Each with `value`, by which it is sorted.
        """
        column = F(self._order.column)
        rows = narrowed(self.filters).alias(value=column)
        words = typed_words(self.filters.words)
        if not (self.sort == Sort.RELEVANCE and words):
            return [rows]
        in_name = Matches([word_of_name(typed) for typed in words])
        # The first asks for the words of the name alone: those of headlines would be looked up in vain. And the
        # database cannot tell that a word is in no name: it would read all rows in the order of the page to find none.
        named = narrowed(replace(self.filters, words="")).filter(in_name).alias(value=Unindexed(column))
        return [named, rows.exclude(in_name)]

    def _walk(
        self, start: Cursor | None = None, *, backwards: bool = False, chunk: int = FIRST_CHUNK, is_shown: bool = False
    ) -> Iterator[Result]:
        """The results from a cursor on, one by one: what the listing proposes, put to the rule by chunks.

        With their profiles if they are shown.
        """
        streams = dict(enumerate(self._streams()))
        last: dict[int, Cursor | Proposal] = {start.stream: start} if start else {}
        left = sorted(streams, reverse=backwards)
        if start:
            left = left[left.index(start.stream) :] if start.stream in streams else []
        size, spell = chunk, self._order.spell
        while left:
            proposed = self._proposed({number: streams[number] for number in left}, last, size, backwards)
            fitting = self._fitting([proposal.pk for rows in proposed.values() for proposal in rows], is_shown)
            while left:
                rows = proposed.get(left[0], [])
                for stream, value, pk, state in rows:
                    if fit := fitting.get(pk):
                        yield Result(pk, Cursor(stream, spell(value), pk), state, fit)
                if len(rows) == size:  # this stream may have more, which come before those of the next
                    last[left[0]] = rows[-1]
                    break
                del left[0]
            size = min(size * 4, LARGEST_CHUNK)

    def _proposed(
        self, streams: dict[int, QuerySet], last: dict[int, Cursor | Proposal], size: int, backwards: bool
    ) -> dict[int, list[Proposal]]:
        """The first `size` rows of each stream, after its `last`.

        One statement for all of them: most streams of names are short, and to ask twice takes longer than to read on.
        """
        sign, beyond = ("-", "lt") if self._order.is_descending != backwards else ("", "gt")
        queries = []
        for stream, rows in streams.items():
            if stream in last:
                value, pk = last[stream].value, last[stream].pk
                ahead = Q(**{f"value__{beyond}": value}) | Q(**{"value": value, f"pk__{beyond}": pk})
                rows = rows.filter(ahead, **{f"value__{beyond}e": value})
            ordered = rows.order_by(f"{sign}value", f"{sign}pk")
            queries.append(ordered.values_list(Value(stream), self._order.column, "pk", "state")[:size])
        proposed: dict[int, list[Proposal]] = {}
        for row in queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]:
            proposal = Proposal._make(row)
            proposed.setdefault(proposal.stream, []).append(proposal)
        return proposed

    def _fitting(self, profile_keys: list[int], is_shown: bool) -> dict[int, Fit]:
        """Return the proposed profiles that are found, by key, with the profile itself if it is shown.

        Always runs the query, even for no keys: a missing one would reveal that every proposed profile hides.
        """
        if self.filters.everyone:
            if not is_shown:
                return {key: Fit(frozenset(), None) for key in profile_keys}
            return {profile.pk: Fit(frozenset(), profile) for profile in active_profiles(profile_keys)}
        types: dict[int, set[int]] = {}
        cards = {}
        for record in self.records(profile_keys, is_shown):
            types.setdefault(record.profile, set()).add(record.type)
            cards[record.profile] = record.card
        chosen, has_all = set(self.filters.types), self.filters.has_all_types
        return {
            key: Fit(frozenset(found), profile_of(cards[key]) if is_shown else None)
            for key, found in types.items()
            if (chosen <= found if has_all else not chosen or chosen & found)
        }

    def fitting(self, profile_keys: Iterable[int]) -> set[int]:
        """Return the keys of the records by which these profiles are found. None of a profile that is not found."""
        chosen, has_all = set(self.filters.types), self.filters.has_all_types
        found: dict[int, set[int]] = {}
        records = self.records(profile_keys)
        for record in records:
            found.setdefault(record.profile, set()).add(record.type)
        return {
            record.pk
            for record in records
            if not chosen or (record.type in chosen and (not has_all or chosen <= found[record.profile]))
        }

    @cached_property
    def _tests(self) -> list[Test]:
        """Return the tests that a record has to pass for the filters, except for the types."""
        chosen = (filter for filter in FILTERS if getattr(self.filters, filter.attribute or filter.name))
        return [test for filter in chosen if (test := filter.test(self.filters))]

    def records(self, profile_keys: Iterable[int], is_shown: bool = False) -> list[Record]:
        """Return the records by which these profiles may be found, and which fit all but the types.

        With what cards show, if they are shown.
        """
        # Made before, though they may test nothing: a query made then would tell of a profile that is hidden.
        tests = self._tests
        found = found_by(self.viewer, self.policy, profile_keys, with_step=bool(self.filters.step), with_card=is_shown)
        return [record for record in found if all(test(record) for test in tests)] if tests else found


def narrowed(filters: Filters) -> QuerySet:
    """Return the listing's rows that may fit `filters`: all that do, and some more."""
    rows = Listing.objects.all() if filters.everyone else CertifiedListing.objects.all()
    terms = []
    for filter in FILTERS:
        if not (filters.everyone and filter.is_about_certifications):
            rows = filter.narrow(rows, filters)
            terms += filter.terms(filters)
    # After the rest: looking for terms in a row takes longest.
    return rows.filter(Matches(terms)) if terms else rows
