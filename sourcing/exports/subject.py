"""The subject of an export: a shortlist or a search, and its words for its page and the log."""

from collections.abc import Iterable

from django.utils.safestring import SafeString

from common.translation import plain, with_names
from sourcing.forms.search import SourcingForm
from sourcing.models import Export, Shortlist


def set_shortlist(export: Export, shortlist: Shortlist, *, entries: Iterable[int] | None = None) -> None:
    """Make a new export one of `shortlist`, or of the `entries` of it with these keys."""
    export.shortlist = shortlist
    export.filters = {"shortlist": shortlist.name}
    if entries is not None:
        export.filters["entries"] = list(entries)


def set_search(export: Export, searched: SourcingForm) -> None:
    """Make a new export one of what a valid form searches for."""
    export.query = searched.query.urlencode()
    export.filters = searched.searched_for
    export.searched_for = ", ".join(plain(chip.label) for chip in searched.chips())


def subject(export: Export) -> SafeString:
    """Return what an export is of, as HTML: a shortlist, or what was searched for."""
    if export.shortlist_name is not None:
        selected = "" if export.entries is None else f", {len(export.entries)} selected"
        return with_names(f"Shortlist “{{}}”{selected}", export.shortlist_name)
    return with_names("Search: {}", export.searched_for) if export.searched_for else with_names("All search results")
