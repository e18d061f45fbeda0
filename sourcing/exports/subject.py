"""The subject of an export, in words for its page and the log."""

from typing import Any

from django.utils.safestring import SafeString

from common.translation import with_names
from sourcing.filters import FILTERS
from sourcing.models import Export


def subject(export: Export) -> SafeString:
    """Return what an export is of, as HTML: a shortlist, or what was searched for."""
    if export.shortlist_name is not None:
        selected = "" if export.entries is None else f", {len(export.entries)} selected"
        return with_names(f"Shortlist “{{}}”{selected}", export.shortlist_name)
    labels = {filter.name: filter.log_label for filter in FILTERS if filter.log_label}
    told = "; ".join(f"{labels.get(name, name.replace('_', ' '))}: {{}}" for name in export.filters)
    return with_names(f"Search ({told})" if told else "All search results", *map(_said, export.filters.values()))


def _said(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(value)
    return "yes" if value is True else value
