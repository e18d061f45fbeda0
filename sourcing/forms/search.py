"""A client's search, as its form reads it from an address."""

from dataclasses import replace
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property

from certifications.models import Certificate, CertificationType
from profiles.forms import SearchForm
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing.addresses import POSITION, Chip
from sourcing.choices import Choices, Sort
from sourcing.filters import FILTERS, CatalogueFilter, Everyone, NewIn, OfBody, OfCertificate, Words
from sourcing.narrowing import NO_TYPE, Filter, Filters, Group
from sourcing.search import ORDERS, Cursor, Search

SET_ASIDE = "set_aside"  # the code of an error of a filter that counts for nothing because of another


class CursorField(forms.CharField):
    """A position in the results, from an address. One that cannot be read is none: the first page is shown."""

    widget = forms.HiddenInput

    def clean(self, value: str | None) -> Cursor | None:
        return Cursor.read(value or "")


class FieldGroup(NamedTuple):
    """Some fields under a heading. They are in sight if one narrows the search or could not be read."""

    heading: str
    fields: list[forms.BoundField]
    is_open: bool


class SourcingForm(SearchForm):
    """A client's search. What its fields could read is in `values`, which is read first when it is first asked for."""

    # It stands above the results, outside the form.
    in_form = forms.Select(attrs={"form": "search", "class": "select"})
    sort = forms.ChoiceField(choices=Sort, required=False, label="Sort by", widget=in_form)
    after = CursorField(required=False)
    before = CursorField(required=False)

    def __init__(
        self, query: QueryDict, *, viewer: Viewer, policy: RolloutPolicy, choices: Choices | None = None
    ) -> None:
        """`choices` are those of `viewer`, if they are known already."""
        super().__init__(query)
        self.query, self.viewer, self.policy = query, viewer, policy
        self.choices = choices or Choices(viewer, policy)
        for filter in FILTERS:
            if field := filter.field(self.choices):
                self.fields[filter.name] = field

    def reading(self, query: QueryDict) -> "SourcingForm":
        """Return the form of another search by the same viewer."""
        return SourcingForm(query, viewer=self.viewer, policy=self.policy, choices=self.choices)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        order = ORDERS[_sort(cleaned)]
        for name in POSITION:
            if cleaned.get(name) and not order.can_read(cleaned[name]):
                cleaned[name] = None
        self._set_aside(cleaned)
        return cleaned

    def _set_aside(self, cleaned: dict[str, Any]) -> None:
        """Leave a filter aside, and say so, where no certificate fits all that was chosen of the catalogue."""
        chosen = [one for one in FILTERS if isinstance(one, CatalogueFilter) and one.is_in_force(cleaned)]
        if len(chosen) < 2:
            return
        fitting = Certificate.objects.filter(*(filter.certificates(cleaned[filter.name]) for filter in chosen))
        if not fitting.exists():
            words = "No certificate fits this and the other filters, so this one is ignored."
            name = OfCertificate.name if cleaned.get(OfCertificate.name) else OfBody.name
            self.add_error(name, ValidationError(words, code=SET_ASIDE))

    @cached_property
    def values(self) -> dict[str, Any]:
        """The value of each field that could be read.

        A search other than the saved one is not narrowed to who is new in that one: of profiles that are found by it
        and no more by the saved search, it would tell by what they had been found.
        """
        self.is_valid()
        values = dict(self.cleaned_data)
        saved = values.get(NewIn.name)
        if saved:
            values[NewIn.name] = None
            other = self.reading(QueryDict(saved.query))
            if self._filters_of(values) == other.filters:
                values[NewIn.name] = saved
        return values

    def _filters_of(self, values: dict[str, Any]) -> Filters:
        keys = {one.attribute or one.name: one.key(values[one.name]) for one in FILTERS if one.is_chosen(values)}
        filters = Filters(**keys, shown_types=self.choices.shown_types)
        return filters if self.knows_all else replace(filters, types=(NO_TYPE,))

    @cached_property
    def filters(self) -> Filters:
        """The filters of every field that could be read."""
        return self._filters_of(self.values)

    @property
    def search(self) -> Search:
        """The search of its viewer for what it says, in the order it says."""
        return Search(self.viewer, self.policy, self.filters, _sort(self.values))

    @property
    def in_force(self) -> list[Filter]:
        """The filters that narrow the search."""
        return [filter for filter in FILTERS if filter.is_in_force(self.values)]

    def chips(self) -> list[Chip]:
        """Return the filters in force, to read."""
        return [chip for filter in self.in_force for chip in filter.chips(self.values[filter.name])]

    @property
    def searched_for(self) -> dict[str, Any]:
        """The filters in force by name, in JSON values, for logs."""
        return {filter.name: filter.logged(self.values[filter.name]) for filter in self.in_force}

    # What the page says of it

    @property
    def knows_all(self) -> bool:
        """True if everything that was chosen of the catalogue can be searched by.

        If not, the search finds no one: a saved search of a type that the client no longer uses would find everyone.
        """
        errors = self.errors.as_data()
        of_catalogue = [filter.name for filter in FILTERS if isinstance(filter, CatalogueFilter)]
        return not any(error.code != SET_ASIDE for name in of_catalogue for error in errors.get(name, ()))

    @property
    def paused_chosen(self) -> list[CertificationType]:
        """The chosen types that the marketplace shows to no one at present."""
        return [type for type in self.choices.paused_types if type in self.values.get("types", ())]

    @property
    def leaves_aside(self) -> bool:
        """True if something is chosen about certifications that counts for nothing, since everyone is shown."""
        certified = {**self.values, Everyone.name: False}
        about = [filter for filter in FILTERS if filter.is_about_certifications]
        return bool(self.values.get(Everyone.name)) and any(filter.is_in_force(certified) for filter in about)

    @property
    def number_in_force(self) -> int:
        """The number of values that narrow the search, besides the words."""
        return sum(chip.name != Words.name for chip in self.chips())

    @property
    def groups(self) -> list[FieldGroup]:
        """The fields that follow one another on the page, in their groups."""
        told = self.errors.keys() | {filter.name for filter in self.in_force}
        groups = []
        for group in Group:
            names = [filter.name for filter in FILTERS if filter.group == group]
            groups.append(FieldGroup(group.label, [self[name] for name in names], is_open=not told.isdisjoint(names)))
        return groups


def _sort(values: dict[str, Any]) -> Sort:
    return Sort(values.get("sort") or Sort.RELEVANCE)
