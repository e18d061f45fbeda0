"""The search, its counts, and the ways out of each filter."""

import re
from typing import NamedTuple

from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from certifications.badges import badges_by_profile, by_type
from certifications.models import ClientView
from certifications.sharing import seen_by
from common.searching import squashed
from profiles import places
from sourcing import access, dealings, spelling
from sourcing.forms import SourcingForm
from sourcing.search import COUNTED_UP_TO

MOST_STATES = 8  # that the counts next to the filters name


class Chip(NamedTuple):
    """A filter in force, and the address without it; of an empty result also how many would be found there."""

    words: str
    url: str
    found: str = ""


class Facet(NamedTuple):
    """A type or a state: how many would be found with it, the address where they are, and whether that is this one."""

    name: str
    count: int
    url: str
    is_chosen: bool


@access.with_terms
@require_safe
@vary_on_headers("HX-Request")
def search(request):
    viewer = request.viewer
    form = SourcingForm(request.GET, viewer=viewer)
    searching = form.search
    page = searching.page(after=form.cleaned_data.get("after"), before=form.cleaned_data.get("before"))
    keys = [profile.pk for profile in page.profiles]
    badges, unnoted = badges_by_profile(keys, viewer, surface=ClientView.Surface.SEARCH)
    if unnoted and request.method == "GET":
        seen_by.note_many(unnoted, viewer, surface=ClientView.Surface.SEARCH, filters=form.searched_for)
    dealings.look_up(page.profiles, viewer)
    count = searching.count()
    chips = [Chip(words, _address(request, _without(request, name, value))) for name, value, words in form.chips()]
    context = {
        "form": form,
        "cards": [(profile, by_type(badges.get(profile.pk, []))) for profile in page.profiles],
        "previous": str(page.previous or ""),
        "next": str(page.next or ""),
        "total": _told(count),
        "is_one": count == 1,
        "is_sampled": count > COUNTED_UP_TO,
        "chips": chips,
        "meant": None if count else _meant(request, viewer, form),
        "named": [] if count else _named(request, viewer, form),
        "loosened": [] if count else _loosened(request, viewer, form),
        "types": _type_counts(request, form, searching),
        "states": _state_counts(request, form, searching),
        "everyone_url": _with(request, everyone=["on"]),
        "certified_url": _with(request, everyone=[]),
        "whole_url": _with(request),
        "query": searched_query(request.GET, keeps_news=True),
        "is_admin": viewer.client.is_admin,
    }
    template = "sourcing/search.html#results" if request.htmx else "sourcing/search.html"
    response = render(request, template, context)
    if request.htmx and form.errors:  # told above the results, which may be out of sight
        response["HX-Reswap"] = "outerHTML show:.results:top"
    if request.htmx and request.htmx.current_url_abs_path == request.get_full_path():
        response["HX-Push-Url"] = "false"  # the same search again is no further step back
    return response


def _told(count):
    return f"{COUNTED_UP_TO:,}+" if count > COUNTED_UP_TO else f"{count:,}"


def _address(request, query):
    for name in ("after", "before"):
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def searched_query(query, *, keeps_news=False):
    """A search as it is kept: the part of an address, without the place in the results and empty fields.

    `keeps_news`: whether it stays narrowed to whom a saved search had not found.
    """
    kept = query.copy()
    for name in ("after", "before", "csrfmiddlewaretoken", *([] if keeps_news else ["new_in"])):
        kept.pop(name, None)
    for name in list(kept):
        kept.setlist(name, [value for value in kept.getlist(name) if value])
    return kept.urlencode()


def _changed(request):
    """What is searched for, to be changed, a QueryDict: who is new in a saved search is told of that search alone."""
    query = request.GET.copy()
    query.pop("new_in", None)
    return query


def _with(request, **fields):
    """The address of this search with other values of some fields: each a list."""
    query = _changed(request)
    for name, values in fields.items():
        query.pop(name, None)
        if values:
            query.setlist(name, values)
    return _address(request, query)


def _without(request, name, value):
    """This search without a field, or without one of its values: a QueryDict."""
    query = _changed(request)
    left = [one for one in query.getlist(name) if value and one != value]
    query.setlist(name, left)
    if not left:
        del query[name]
    return query


def _loosened(request, viewer, form):
    """Of the filters in force, those without which something is found: list of Chip."""
    chips = [_elsewhere(request, viewer, words, _without(request, name, value)) for name, value, words in form.chips()]
    return [chip for chip in chips if chip]


def _meant(request, viewer, form):
    """The Chip of this search with its words as profiles spell them, or None if there is none that finds somebody."""
    near = form.filters.words and spelling.nearest(form.filters.words)
    if not near:
        return None
    query = _changed(request)
    query["q"] = near
    return _elsewhere(request, viewer, near, query)


def _named(request, viewer, form):
    """The Chips of this search with a filter in place of its words, where those name one that finds somebody: list."""
    words = squashed(form.filters.words)
    if not words:
        return []
    filters = [("state", code, name, ()) for code, name in form.fields["state"].choices if code]
    filters += [
        ("types", type.pk, type.name, {*re.split(r"[\s-]+", type.name)} - {"owned"}) for type in form.used_types
    ]
    certificates = form.fields["certificate"].queryset
    filters += [("certificate", found.pk, found.label, {found.acronym, found.name}) for found in certificates]
    chips = []
    for field, value, label, names in filters:
        if words in map(squashed, {label, *names}):
            query = _without(request, "q", "")
            query[field] = value
            if field != "state":
                query.pop("everyone", None)  # which leaves certifications aside
            chips.append(_elsewhere(request, viewer, label, query))
    return [chip for chip in chips if chip]


def _elsewhere(request, viewer, words, query):
    """The Chip of another search, or None if nobody is found by it."""
    count = SourcingForm(query, viewer=viewer).search.count()
    if not count:
        return None
    return Chip(words, _address(request, query), f"{_told(count)} profile{'' if count == 1 else 's'}")


def _type_counts(request, form, searching):
    """The types with which somebody would be found: list of Facet.

    There that type is asked for instead of those chosen, or as well if all of them are asked for.
    """
    filters = form.filters
    if filters.everyone:
        return []
    kept = filters.types if filters.has_all_types else ()
    counts, facets = searching.counts_by_type(), []
    for type in form.used_types:
        if counts[type.pk]:
            types = {*kept, type.pk}
            is_chosen = types == {*filters.types}
            facets.append(Facet(type.name, counts[type.pk], _with(request, types=sorted(types)), is_chosen))
    return facets


def _state_counts(request, form, searching):
    """The states in which most would be found: list of Facet."""
    most = searching.counts_by_state().most_common(MOST_STATES)
    chosen = form.filters.state
    return [
        Facet(places.state_name(state), count, _with(request, state=[state]), state == chosen) for state, count in most
    ]
