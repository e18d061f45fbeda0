"""A client's search: the listing proposes profiles in order, and the rule about certifications decides on each.

Whoever is shown or counted as certified has passed `Certification.objects.findable_by`, in the same request. The
listing only says where to look, so a row of it that is out of date can hide somebody for a moment and shows nobody.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from itertools import islice
from typing import NamedTuple

from django.db.models import F, Q, Value

from certifications.for_clients import ClientQuery
from certifications.models import Certificate, Certification
from common.compiled import CompiledQuery, among
from common.searching import joined, typed_words
from profiles.models import Profile
from sourcing.listing import Matches, Unindexed, oldest, term, word, word_of_name
from sourcing.models import CertifiedListing, Listing, SavedMatch

PAGE_SIZE = 20
COUNTED_UP_TO = 1000
NO_TYPE = 0  # no type's key
# How many profiles are put to the rule at once: enough for a page, then more at a time.
FIRST_CHUNK, LARGEST_CHUNK = 24, 4000


class Sort(NamedTuple):
    """An order of results: by a column of the listing, then by key."""

    column: str
    is_descending: bool


RECENT = Sort("active_at", is_descending=True)
NAME = Sort("name_key", is_descending=False)


@dataclass(frozen=True)
class Filters:
    """What is searched for. Keys are primary keys; what is empty narrows nothing."""

    words: str = ""
    skills: tuple[str, ...] = ()
    kind: str = ""
    state: str = ""
    rate_from: Decimal | int | None = None
    rate_to: Decimal | int | None = None
    # About certifications; all but `everyone` ask that one that may be found fits them all.
    types: tuple[int, ...] = ()
    has_all_types: bool = False
    # Those of which the rule may show the client anything, if not all: nobody need be asked about with others alone.
    shown_types: tuple[int, ...] | None = None
    certificate: int | None = None
    body: int | None = None
    step: int = 0
    valid_until: date | None = None
    # Certified or not: the filters about certifications are left aside.
    everyone: bool = False
    # Only whom this saved search had not found before its last e-mail. All else is as it is in that search.
    new_in: int | None = None


class Cursor(NamedTuple):
    """A place in the results: which stream of them, and the sort's value and the key of a profile."""

    stream: int
    value: object
    pk: int

    def __str__(self):
        return f"{self.stream}~{self.value}~{self.pk}"

    @classmethod
    def read(cls, text):
        """The cursor that `text` spells, or None."""
        found = re.fullmatch(r"([01])~([^\0]{1,200})~(\d{1,18})", text)
        return cls(int(found[1]), found[2], int(found[3])) if found else None


class Result(NamedTuple):
    """A profile that was found, the types of the certifications that fit, and of a page what is shown of it."""

    pk: int
    cursor: Cursor
    state: str
    types: frozenset
    profile: Profile | None


@dataclass
class Page:
    """One page of results: profiles in order, and the cursors of the pages around it, or None."""

    profiles: list
    previous: Cursor | None = None
    next: Cursor | None = None


@dataclass
class Search:
    """The search of `viewer`, for the client they act for."""

    viewer: object
    filters: Filters
    by_name: bool = False
    by_relevance: bool = False
    _samples: dict = field(default_factory=dict)

    @property
    def _sort(self):
        return NAME if self.by_name else RECENT

    def page(self, *, after=None, before=None):
        """The Page after or before a Cursor, or the first. What lies beyond either end is the first page, too."""
        if before is not None:
            found = list(islice(self._walk(before, backwards=True, is_shown=True), PAGE_SIZE + 1))
            if len(found) > PAGE_SIZE:
                found = found[PAGE_SIZE - 1 :: -1]
                return Page([result.profile for result in found], found[0].cursor, found[-1].cursor)
        if after is not None:
            found = list(islice(self._walk(after, is_shown=True), PAGE_SIZE + 1))
            if found:
                return self._page(found, found[0].cursor)
        return self._page(list(islice(self._walk(is_shown=True), PAGE_SIZE + 1)), None)

    @staticmethod
    def _page(found, previous):
        shown = found[:PAGE_SIZE]
        following = shown[-1].cursor if len(found) > PAGE_SIZE else None
        return Page([result.profile for result in shown], previous, following)

    def keys(self, most):
        """The keys of the first `most` profiles, in order: list."""
        return [result.pk for result in islice(self._walk(chunk=LARGEST_CHUNK), most)]

    def count(self):
        """How many profiles are found, at most one more than COUNTED_UP_TO."""
        return len(self._sample(self.filters))

    def counts_by_type(self):
        """{key of a type: how many would be found with it instead of those chosen, or with all of them as well}.

        Of the first COUNTED_UP_TO profiles, if there are more. Of certified ones only. None of who is new in a saved
        search: any other search, narrowed to them, would tell by what they were found.
        """
        if self.filters.new_in is not None:
            return Counter()
        filters = self.filters if self.filters.has_all_types else replace(self.filters, types=())
        found = self._sample(filters)[:COUNTED_UP_TO]
        return Counter(type for result in found for type in result.types)

    def counts_by_state(self):
        """{state: how many would be found there}, otherwise as `counts_by_type`."""
        if self.filters.new_in is not None:
            return Counter()
        found = self._sample(replace(self.filters, state=""))[:COUNTED_UP_TO]
        return Counter(result.state for result in found if result.state)

    def _sample(self, filters):
        """The first COUNTED_UP_TO results and one more, the most recently active."""
        if filters not in self._samples:
            search = Search(self.viewer, filters)
            walk = search._walk(chunk=COUNTED_UP_TO + 1)
            self._samples[filters] = list(islice(walk, COUNTED_UP_TO + 1))
        return self._samples[filters]

    def _streams(self):
        """The listing's rows that may fit, in one query or, by relevance, those with all words in the name first.

        Each with `place`, by which it is sorted.
        """
        place = F(self._sort.column)
        rows = narrowed(self.filters).alias(place=place)
        words = typed_words(self.filters.words)
        if not (self.by_relevance and words):
            return [rows]
        in_name = Matches([word_of_name(typed) for typed in words])
        # The first asks for the words of the name alone: those of headlines would be looked up in vain. And the
        # database cannot tell that a word is in no name: it would read everybody in the order of the page to find none.
        named = narrowed(replace(self.filters, words="")).filter(in_name).alias(place=Unindexed(place))
        return [named, rows.exclude(in_name)]

    def _walk(self, start=None, *, backwards=False, chunk=FIRST_CHUNK, is_shown=False):
        """The results from a Cursor on, one by one: what the listing proposes, put to the rule by chunks.

        With their profiles if it `is_shown`.
        """
        streams = dict(enumerate(self._streams()))
        last = {start.stream: start[1:]} if start else {}
        left = sorted(streams, reverse=backwards)
        if start:
            left = left[left.index(start.stream) :] if start.stream in streams else []
        size = chunk
        while left:
            proposed = self._proposed({number: streams[number] for number in left}, last, size, backwards)
            fitting = self._fitting([pk for rows in proposed.values() for _, _, pk, _ in rows], is_shown)
            while left:
                rows = proposed.get(left[0], [])
                for number, value, pk, state in rows:
                    if pk in fitting:
                        spelled = value if self.by_name else value.isoformat()
                        yield Result(pk, Cursor(number, spelled, pk), state, *fitting[pk])
                if len(rows) == size:  # this stream may have more, which come before those of the next
                    last[left[0]] = rows[-1][1:3]
                    break
                del left[0]
            size = min(size * 4, LARGEST_CHUNK)

    def _proposed(self, streams, last, size, backwards):
        """The first `size` rows of each stream, after its `last`: {stream: list of (stream, value, key, state)}.

        One statement for all of them: most streams of names are short, and to ask twice takes longer than to read on.
        """
        sign, beyond = ("-", "lt") if self._sort.is_descending != backwards else ("", "gt")
        queries = []
        for number, rows in streams.items():
            if number in last:
                value, pk = last[number]
                ahead = Q(**{f"place__{beyond}": value}) | Q(**{"place": value, f"pk__{beyond}": pk})
                rows = rows.filter(ahead, **{f"place__{beyond}e": value})
            ordered = rows.order_by(f"{sign}place", f"{sign}pk")
            queries.append(ordered.values_list(Value(number), self._sort.column, "pk", "state")[:size])
        proposed = {}
        for row in queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]:
            proposed.setdefault(row[0], []).append(row)
        return proposed

    def _fitting(self, profile_keys, is_shown):
        """Of the proposed profiles those that are found: {key: (types of their certifications that fit, profile)}.

        One query, of none as well: else one less would tell that nobody is proposed, so one more that somebody hides.
        The profile is None unless it `is_shown`.
        """
        if self.filters.everyone:
            rows = _of_keys.rows(profile_keys) if is_shown else [(key,) for key in profile_keys]
            return {row[0]: (frozenset(), _profile(row)) for row in rows}
        types, profiles = {}, {}
        for found in self.records(profile_keys, is_shown):
            types.setdefault(found.profile[0], set()).add(found.type)
            profiles[found.profile[0]] = found.profile
        chosen = set(self.filters.types)
        fits = chosen.issubset if self.filters.has_all_types else lambda found: not chosen or chosen & found
        return {key: (frozenset(found), _profile(profiles[key])) for key, found in types.items() if fits(found)}

    @cached_property
    def _certificates_of_body(self):
        """The keys of those of the body that is asked for: to join them to each record takes longer. One query."""
        return set(Certificate.objects.filter(body=self.filters.body).values_list("pk", flat=True))

    def records(self, profile_keys, is_shown=False):
        """The certifications of these profiles by which one may be found, and which fit all but the types: Records."""
        filters = self.filters
        # Asked for whether it is needed or not: else that would tell of somebody who hides one of this body.
        of_body = self._certificates_of_body if filters.body else None
        rows = FINDABLE[bool(filters.step), is_shown].rows(self.viewer, list(profile_keys))
        return [
            found
            for found in (Record._make((*row[: len(COLUMNS)], row[len(COLUMNS) :])) for row in rows)
            if found.step >= filters.step
            and (not filters.certificate or found.certificate == filters.certificate)
            and (of_body is None or found.certificate in of_body)
            and (not filters.valid_until or found.does_not_expire or found.expires_on >= filters.valid_until)
        ]


class Record(NamedTuple):
    """What the search reads of a certification, by which it may find a profile. Keys are primary keys.

    `profile`: its key, and if it is shown the rest of PROFILE.
    """

    pk: int
    type: int
    certificate: int
    expires_on: date | None
    does_not_expire: bool
    step: int
    profile: tuple


COLUMNS = ("pk", "type", "certificate", "expires_on", "does_not_expire", "step")
PROFILE = ("id", "kind", "slug", "name", "headline", "skills", "hourly_rate", "country", "state", "city", "photo")


def _findable(viewer, profile_pk, *, with_step, of_profile):
    found = Certification.objects.findable_by(viewer).filter(among("profile", [profile_pk])).order_by()
    found = found.with_step() if with_step else found.annotate(step=Value(0))
    return found.values_list(*COLUMNS, *(f"profile__{name}" for name in of_profile))


# The rule's question, by whether it asks for the step and whether for all that is shown of the profile, too.
FINDABLE = {
    (with_step, is_shown): ClientQuery(
        partial(_findable, with_step=with_step, of_profile=PROFILE if is_shown else PROFILE[:1]), keys=1
    )
    for with_step in (False, True)
    for is_shown in (False, True)
}


def narrowed(filters):
    """The listing's rows that may fit `filters`: all that do, and some more."""
    asked = [word(typed) for typed in typed_words(filters.words)]
    asked += [term("skill", joined(skill)) for skill in filters.skills]
    asked += [term(name, value) for name in ("kind", "state") if (value := getattr(filters, name))]
    rows = Listing.objects.all()
    if not filters.everyone:
        rows = CertifiedListing.objects.filter(valid_until__gte=filters.valid_until or oldest())
        asked += _of_types(filters)
        asked += [term(name, value) for name in ("certificate", "body", "step") if (value := getattr(filters, name))]
    if filters.new_in is not None:
        news = SavedMatch.objects.filter(search=filters.new_in, found_at__gte=F("search__news_at"))
        rows = rows.filter(profile__in=news.values("profile"))
    if filters.rate_from is not None:
        rows = rows.filter(hourly_rate__gte=filters.rate_from)
    if filters.rate_to is not None:
        rows = rows.filter(hourly_rate__lte=filters.rate_to)
    if asked:  # after the rest: to look for terms in a row takes longest
        rows = rows.filter(Matches(asked))
    return rows


def _of_types(filters):
    """The tsqueries, one or none, for the types that are chosen, or for those that may be shown."""
    types, shown = filters.types, filters.shown_types
    has_all = filters.has_all_types and bool(types)
    if shown is not None:
        possible = tuple(type for type in types or shown if type in shown)
        types = (NO_TYPE,) if not possible or (has_all and possible != types) else possible
    return [f"({(' & ' if has_all else ' | ').join(term('type', type) for type in types)})"] if types else []


@CompiledQuery
def _of_keys(profile_pk):
    return Profile.objects.active().filter(among("pk", [profile_pk])).order_by().values_list(*PROFILE)


def _profile(row):
    """The Profile of a row of PROFILE, or None of a row of less."""
    return Profile.from_db("default", PROFILE, row) if len(row) == len(PROFILE) else None
