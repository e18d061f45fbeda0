"""The search, its counts, and the ways out of each filter."""

from collections import Counter
from operator import attrgetter
from typing import NamedTuple

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from certifications.badges import badges_by_profile, by_type
from certifications.models import ClientView
from certifications.sharing import seen_by
from common.searching import squashed
from profiles import places
from rollout.middleware import SignedInPolicyRequest
from sourcing import access, addresses, dealings, spelling
from sourcing.filters import FILTERS, Everyone, Words
from sourcing.forms.search import SourcingForm
from sourcing.search import COUNTED_UP_TO, Search

MOST_STATES = 6  # that stand above the others, those with most results


class Link(NamedTuple):
    """The address of another search, in words. Where this one finds no profile, with how many that one finds."""

    words: str
    url: str
    found: str = ""


class Facet(NamedTuple):
    """A type or a state to choose: its value in an address, and how many would be found with it."""

    value: str
    name: str
    count: int
    is_chosen: bool


class Places(NamedTuple):
    """The states to choose from: those with most results and those chosen, and all others by name."""

    first: list[Facet]
    others: list[Facet]


@access.with_terms
@require_safe
@vary_on_headers("HX-Request")
def search(request: SignedInPolicyRequest) -> HttpResponse:
    viewer = request.viewer
    form = SourcingForm(request.GET, viewer=viewer, policy=request.policy)
    searching = form.search
    page = searching.page(after=form.values.get("after"), before=form.values.get("before"))
    keys = [profile.pk for profile in page.profiles]
    badges, unnoted = badges_by_profile(keys, viewer, request.policy, surface=ClientView.Surface.SEARCH)
    if unnoted and request.method == "GET":
        seen_by.note_many(unnoted, viewer, surface=ClientView.Surface.SEARCH, filters=form.searched_for)
    dealings.look_up(page.profiles, viewer)
    count = searching.count()
    context = {
        "form": form,
        "cards": [(profile, by_type(badges.get(profile.pk, []))) for profile in page.profiles],
        "previous": str(page.previous or ""),
        "next": str(page.next or ""),
        "total": _total(count),
        "is_one": count == 1,
        "is_sampled": count > COUNTED_UP_TO,
        "chips": [Link(chip.label, addresses.url_of(addresses.without(form.query, chip))) for chip in form.chips()],
        "meant": None if count else _respelled(form),
        "named": [] if count else _suggested(form),
        "loosened": [] if count else _loosened(form),
        "types": _types(form, searching),
        "states": _states(form, searching),
        "whole_url": _url_with(form),
        "query": addresses.kept(request.GET, keeps_news=True),
        "is_admin": viewer.acts_for.is_admin,
    }
    template = "sourcing/search.html#results" if request.htmx else "sourcing/search.html"
    response = render(request, template, context)
    if request.htmx and form.errors:  # told above the results, which may be out of sight
        response["HX-Reswap"] = "outerHTML show:.results:top"
    if request.htmx and request.htmx.current_url_abs_path == request.get_full_path():
        response["HX-Push-Url"] = "false"  # the same search again is no further step back
    return response


def _total(count: int) -> str:
    return f"{COUNTED_UP_TO:,}+" if count > COUNTED_UP_TO else f"{count:,}"


def _url_with(form: SourcingForm, **fields: list[str]) -> str:
    """Return the address of this search with other values of some fields."""
    return addresses.url_of(addresses.changed(form.query, **fields))


# Where no profile is found


def _link_if_found(form: SourcingForm, words: str, query: QueryDict) -> Link | None:
    """Return the Link to another search than that of `form`, None if it finds no profile.

    It is read as its page will read it: a filter that is left aside here may count there.
    """
    count = form.reading(query).search.count()
    if not count:
        return None
    return Link(words, addresses.url_of(query), f"{_total(count)} result{'' if count == 1 else 's'}")


def _loosened(form: SourcingForm) -> list[Link]:
    """Return the links to this search without one of its filters, as far as it finds profiles."""
    links = (
        _link_if_found(form, chip.instead or format_html("Without {}", chip.label), addresses.without(form.query, chip))
        for chip in form.chips()
    )
    return [link for link in links if link]


def _respelled(form: SourcingForm) -> Link | None:
    """Return the Link to this search with its words as profiles spell them, None if it is the same or finds none."""
    near = form.filters.words and spelling.nearest(form.filters.words)
    if not near:
        return None
    query = addresses.changed(form.query)
    query[Words.name] = near
    return _link_if_found(form, near, query)


def _suggested(form: SourcingForm) -> list[Link]:
    """Return the links to this search with a filter instead of the words that name it, as far as it finds profiles."""
    typed = squashed(form.filters.words)
    if not typed:
        return []
    links = []
    for filter in FILTERS:
        for suggestion in filter.suggestions(form.choices):
            if typed in map(squashed, {suggestion.label, *suggestion.names}):
                query = addresses.changed(form.query, **{Words.name: []})
                query[filter.name] = suggestion.value
                if filter.is_about_certifications:  # which everyone leaves aside
                    query.pop(Everyone.name, None)
                links.append(_link_if_found(form, suggestion.label, query))
    return [link for link in links if link]


# Counts beside the filters


def _types(form: SourcingForm, searching: Search) -> list[Facet]:
    """Return the types, each with how many would be found with it instead of those chosen.

    Or with it as well, if all of those chosen are asked for.
    """
    chosen = form.filters.types
    counts = Counter() if form.filters.everyone else searching.counts_by_type()
    return [Facet(str(type.pk), type.name, counts[type.pk], type.pk in chosen) for type in form.choices.types]


def _states(form: SourcingForm, searching: Search) -> Places:
    """Return the states, each with how many would be found there."""
    chosen, counts = form.filters.states, searching.counts_by_state()
    most = {state for state, _ in counts.most_common(MOST_STATES)}
    facets = [Facet(state, name, counts[state], state in chosen) for state, name in places.state_choices()]
    first = [facet for facet in facets if facet.is_chosen or facet.value in most]
    return Places(
        sorted(first, key=attrgetter("count"), reverse=True), [facet for facet in facets if facet not in first]
    )
