"""The filters of a client's search: one class holds everything about a filter, and FILTERS lists them as pages do.

To add one, write its class, give its key a line in `Filters` (`sourcing.narrowing`), and put it into FILTERS. A
filter's *value* is what its field of the form read, such as a row of the catalogue. Its *key* is what `Filters` keeps
of the value: hashable, with primary keys in place of rows. A term that rows of the listing do not have yet is added in
the listing's SQL.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import F, Q, QuerySet

from certifications.models import Certificate, CertifyingBody, Step
from common.days import day
from common.searching import joined, typed_words
from common.translation import untranslated, with_names
from profiles import places
from profiles.forms import WordsField
from profiles.models import Profile
from sourcing.addresses import Chip, Suggestion
from sourcing.choices import CertificateField, Choices, Match
from sourcing.listing import oldest, term, word
from sourcing.models import SavedMatch, SavedSearch
from sourcing.narrowing import EVERYONE, NO_TYPE, Filter, Filters, Group, TermFilter, Test


class Words(Filter):
    name = "q"
    attribute = "words"

    def label(self, value: str) -> str:
        return with_names("“{}”", value)

    def terms(self, filters: Filters) -> list[str]:
        return [word(typed) for typed in typed_words(filters.words)]


class Everyone(Filter):
    """Everyone with a profile, in place of the certified who agreed to be found."""

    name = EVERYONE

    def field(self, choices: Choices) -> forms.Field:
        return forms.BooleanField(required=False, label="Include talent without a certification")

    def label(self, value: bool) -> str:
        return "Including talent without a certification"


class CatalogueFilter(TermFilter):
    """A filter by rows of the catalogue, some of which a client may not use."""

    is_about_certifications = True
    OPTIONS: ClassVar[dict[str, Any]] = {
        "required": False,
        "error_messages": {"invalid_choice": "Your organization has turned this type off."},
    }

    def certificates(self, value: Any) -> Q:
        """Return the condition on certificates that go with the value."""
        raise NotImplementedError


class Types(CatalogueFilter):
    """Any or all of some types. They are a matter of all records of a profile, so that `Search` puts them together."""

    name = "types"

    def field(self, choices: Choices) -> forms.Field:
        boxes = forms.CheckboxSelectMultiple
        field = forms.ModelMultipleChoiceField(
            choices.types_queryset, label="Certification type", widget=boxes, **self.OPTIONS
        )
        field.choices = [(type.pk, str(type)) for type in choices.types]
        return field

    def chips(self, value: QuerySet) -> list[Chip]:
        return [Chip(type.name, self.name, str(type.pk)) for type in value]

    def logged(self, value: QuerySet) -> list[str]:
        return [type.key for type in value]

    def suggestions(self, choices: Choices) -> Iterable[Suggestion]:
        for type in choices.types:
            yield Suggestion(type.pk, type.name, {*re.split(r"[\s-]+", type.name)} - {"owned"})

    def key(self, value: QuerySet) -> tuple[int, ...]:
        return tuple(sorted(type.pk for type in value))

    def certificates(self, value: QuerySet) -> Q:
        return Q(type__in=value)

    def terms(self, filters: Filters) -> list[str]:
        """Return the query for the types that are chosen, or for those that may be shown. None for every type."""
        types, shown = filters.types, filters.shown_types
        has_all = filters.has_all_types and bool(types)
        if shown is not None:
            possible = tuple(type for type in types or shown if type in shown)
            types = (NO_TYPE,) if not possible or (has_all and possible != types) else possible
        return [f"({(' & ' if has_all else ' | ').join(term('type', type) for type in types)})"] if types else []


class HasAllTypes(Filter):
    name = "match"
    attribute = "has_all_types"
    is_about_certifications = True

    def field(self, choices: Choices) -> forms.Field:
        return forms.ChoiceField(choices=Match, required=False, label="Match")

    def is_chosen(self, values: dict[str, Any]) -> bool:
        return values.get(self.name) == Match.ALL

    def is_in_force(self, values: dict[str, Any]) -> bool:
        return super().is_in_force(values) and len(values.get(Types.name, ())) > 1

    def chips(self, value: str) -> list[Chip]:
        return [Chip(Match.ALL.label, self.name, instead="Match any type instead")]

    def key(self, value: str) -> bool:
        return value == Match.ALL


class RowFilter(CatalogueFilter):
    """A filter by one row of the catalogue."""

    group = Group.CERTIFICATE

    def logged(self, value: Certificate | CertifyingBody) -> str:
        return value.key

    def key(self, value: Certificate | CertifyingBody) -> int:
        return value.pk


class OfCertificate(RowFilter):
    name = "certificate"

    def field(self, choices: Choices) -> forms.Field:
        return CertificateField(choices.certificates, empty_label="Any", **self.OPTIONS)

    def label(self, value: Certificate) -> str:
        return untranslated(value.label)

    def suggestions(self, choices: Choices) -> Iterable[Suggestion]:
        for certificate in choices.certificates:
            yield Suggestion(certificate.pk, certificate.label, {certificate.acronym, certificate.name})

    def certificates(self, value: Certificate) -> Q:
        return Q(pk=value.pk)

    def test(self, filters: Filters) -> Test:
        return lambda record: record.certificate == filters.certificate


class OfBody(RowFilter):
    name = "body"

    def field(self, choices: Choices) -> forms.Field:
        return forms.ModelChoiceField(choices.bodies, label="Issued by", empty_label="Any", **self.OPTIONS)

    def label(self, value: CertifyingBody) -> str:
        return untranslated(value)

    def certificates(self, value: CertifyingBody) -> Q:
        return Q(body=value)

    def test(self, filters: Filters) -> Test:
        # One query for its certificates: joining them to each record takes longer.
        certificates = set(Certificate.objects.filter(body=filters.body).values_list("pk", flat=True))
        return lambda record: record.certificate in certificates


class AtLeastStep(TermFilter):
    name = "step"
    is_about_certifications = True

    def field(self, choices: Choices) -> forms.Field:
        first, *steps = Step
        labels = [("", f"Any, including {first.label.lower()}"), *((step, self.label(step)) for step in steps)]
        radios = forms.RadioSelect
        return forms.TypedChoiceField(
            choices=labels, coerce=int, required=False, label="Verification level", widget=radios
        )

    def label(self, value: int) -> str:
        return Step(value).label + (" or higher" if value < max(Step) else "")

    def test(self, filters: Filters) -> Test:
        return lambda record: record.step >= filters.step


class ValidUntil(Filter):
    name = "valid_until"
    group = Group.CERTIFICATE
    is_about_certifications = True

    def field(self, choices: Choices) -> forms.Field:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(required=False, label="Valid through at least", widget=widget)

    def label(self, value: date) -> str:
        return f"Valid through {day(value)}"

    def logged(self, value: date) -> str:
        return value.isoformat()

    def narrow(self, rows: QuerySet, filters: Filters) -> QuerySet:
        return rows.filter(valid_until__gte=filters.valid_until or oldest())

    def test(self, filters: Filters) -> Test:
        until = filters.valid_until or oldest()
        return lambda record: record.expires_on is None or record.expires_on >= until


class Skills(Filter):
    name = "skills"
    group = Group.WORK

    def field(self, choices: Choices) -> forms.Field:
        help_text = "Must have all of these. Separate with commas."
        return WordsField(most=10, required=False, max_length=500, widget=forms.TextInput, help_text=help_text)

    def label(self, value: list[str]) -> str:
        return with_names("Skills: {}", ", ".join(value))

    def key(self, value: list[str]) -> tuple[str, ...]:
        return tuple(value)

    def terms(self, filters: Filters) -> list[str]:
        return [term("skill", joined(skill)) for skill in filters.skills]


class Kind(TermFilter):
    name = "kind"
    group = Group.WORK

    def label(self, value: str) -> str:
        return Profile.Kind(value).label


class States(Filter):
    """Any of some U.S. states."""

    name = "state"
    attribute = "states"

    def field(self, choices: Choices) -> forms.Field:
        boxes = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(choices=places.state_choices, required=False, label="U.S. state", widget=boxes)

    def chips(self, value: list[str]) -> list[Chip]:
        return [Chip(places.state_name(state), self.name, state) for state in value]

    def key(self, value: list[str]) -> tuple[str, ...]:
        return tuple(sorted(value))

    def terms(self, filters: Filters) -> list[str]:
        return [f"({' | '.join(term('state', state) for state in filters.states)})"] if filters.states else []

    def suggestions(self, choices: Choices) -> Iterable[Suggestion]:
        return [Suggestion(code, name) for code, name in places.state_choices()]


class Rate(Filter):
    """A bound of the hourly rate. It may be 0."""

    group = Group.WORK
    sentence: ClassVar[str]
    lookup: ClassVar[str]

    def is_chosen(self, values: dict[str, Any]) -> bool:
        return values.get(self.name) is not None

    def label(self, value: Decimal | int) -> str:
        return self.sentence.format(value)

    def narrow(self, rows: QuerySet, filters: Filters) -> QuerySet:
        bound = getattr(filters, self.name)
        return rows if bound is None else rows.filter(**{f"hourly_rate__{self.lookup}": bound})


class RateFrom(Rate):
    name, sentence, lookup = "rate_from", "${}/hr or more", "gte"


class RateTo(Rate):
    name, sentence, lookup = "rate_to", "${}/hr or less", "lte"


class NewIn(Filter):
    """Only profiles that a saved search had not found before its last email. All else is as in that search."""

    name = "new_in"

    def field(self, choices: Choices) -> forms.Field:
        return forms.ModelChoiceField(choices.saved_searches, required=False, widget=forms.HiddenInput)

    def label(self, value: SavedSearch) -> str:
        return with_names("New in “{}”", value.name)

    def logged(self, value: SavedSearch) -> str:
        return value.name

    def key(self, value: SavedSearch) -> int:
        return value.pk

    def narrow(self, rows: QuerySet, filters: Filters) -> QuerySet:
        if filters.new_in is None:
            return rows
        news = SavedMatch.objects.filter(search=filters.new_in, found_at__gte=F("search__news_at"))
        return rows.filter(profile__in=news.values("profile"))


FILTERS: tuple[Filter, ...] = (
    Words(), Everyone(), Types(), HasAllTypes(), OfCertificate(), OfBody(), AtLeastStep(), ValidUntil(),
    Skills(), Kind(), States(), RateFrom(), RateTo(), NewIn(),
)  # fmt: skip
