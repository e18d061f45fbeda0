"""The subject of an export, in words for its page and the log."""

from django.utils.safestring import SafeString

from common.translation import with_names
from sourcing.models import Export


def subject(export: Export) -> SafeString:
    """Return what an export is of, as HTML: a shortlist, or what was searched for."""
    if export.shortlist_name is not None:
        selected = "" if export.entries is None else f", {len(export.entries)} selected"
        return with_names(f"Shortlist “{{}}”{selected}", export.shortlist_name)
    return with_names("Search: {}", export.searched_for) if export.searched_for else with_names("All search results")
