"""The search, its counts, and the ways out of each filter."""

from typing import NamedTuple

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from certifications.badges import badges_by_profile, by_type
from certifications.models import ClientView
from certifications.sharing import seen_by
from common.searching import squashed
from profiles import places
from rollout.middleware import SignedInPolicyRequest
from sourcing import access, addresses, dealings, spelling
from sourcing.filters import FILTERS, Everyone, State, Types, Words
from sourcing.forms.search import SourcingForm
from sourcing.search import COUNTED_UP_TO, Search

MOST_STATES = 8  # that the counts next to the filters name


class Link(NamedTuple):
    """The address of another search, in words. Where this one finds no profile, with how many that one finds."""

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
        "types": _type_counts(form, searching),
        "states": _state_counts(form, searching),
        "everyone_url": _url_with(form, **{Everyone.name: ["on"]}),
        "certified_url": _url_with(form, **{Everyone.name: []}),
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


def _url_with(form: SourcingForm, **fields: list) -> str:
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
    return Link(words, addresses.url_of(query), f"{_total(count)} profile{'' if count == 1 else 's'}")


def _loosened(form: SourcingForm) -> list[Link]:
    """Return the links to this search without one of its filters, as far as it finds profiles."""
    links = (_link_if_found(form, chip.label, addresses.without(form.query, chip)) for chip in form.chips())
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


# Counts next to the filters


def _type_counts(form: SourcingForm, searching: Search) -> list[Facet]:
    """Return the types with which profiles would be found.

    There that type is asked for instead of those chosen, or as well if all of them are asked for.
    """
    filters = form.filters
    if filters.everyone:
        return []
    kept = filters.types if filters.has_all_types else ()
    counts, facets = searching.counts_by_type(), []
    for type in form.choices.types:
        if counts[type.pk]:
            types = {*kept, type.pk}
            url = _url_with(form, **{Types.name: sorted(types)})
            facets.append(Facet(type.name, counts[type.pk], url, is_chosen=types == {*filters.types}))
    return facets


def _state_counts(form: SourcingForm, searching: Search) -> list[Facet]:
    """Return the states in which most would be found."""
    chosen = form.filters.state
    return [
        Facet(places.state_name(state), count, _url_with(form, **{State.name: [state]}), is_chosen=state == chosen)
        for state, count in searching.counts_by_state().most_common(MOST_STATES)
    ]
