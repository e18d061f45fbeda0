"""Template tags about sourcing."""

from typing import Any

from django import template
from django.template.context import Context

from common.tabs import Tab, open_page
from rollout.audience import is_in_audience
from rollout.middleware import PolicyRequest
from sourcing import access, exports

register = template.Library()
register.filter("subject", exports.subject)

TABS = (
    Tab("sourcing", "search", "Search", frozenset({"search_save", "types", "terms"})),
    Tab("sourcing", "look_up", "Look up a certificate"),
    Tab("sourcing", "searches", "Saved searches", frozenset({"search_edit"})),
    Tab("sourcing", "shortlists", "Shortlists", frozenset({"shortlist", "compare", "entry_note", "save"})),
    Tab("sourcing", "talks", "Invitations", frozenset({"talk", "invite", "invite_several"})),
    Tab("sourcing", "exports", "Exports", frozenset({"export", "export_new", "export_file"})),
)
NEED_CERTIFICATIONS = {"search", "look_up"}  # the tabs that a client without certifications does not have


@register.filter
def may_search(request: PolicyRequest) -> bool:
    """Return whether the viewer of `request` acts for a client that may be shown certifications."""
    return is_in_audience(request.viewer.client, request.policy)


@register.filter
def is_sourcing(request: PolicyRequest) -> bool:
    """Return whether a page of a client's sourcing is open."""
    page = open_page(request, "sourcing")
    return any(page in tab.pages for tab in TABS)


@register.inclusion_tag("sourcing/nav.html", takes_context=True)
def sourcing_nav(context: Context) -> dict[str, Any]:
    """Show the tabs of a client's sourcing, the open one marked. None for clients that do not source.

    To a client that is shown no certifications at present it says so, above what its members wrote.
    """
    request = context["request"]
    is_without = access.is_without(request.viewer.client, request.policy)
    if not is_without and not may_search(request):
        return {"tabs": []}
    tabs = [tab for tab in TABS if not (is_without and tab.name in NEED_CERTIFICATIONS)]
    return {"page": open_page(request, "sourcing"), "tabs": tabs, "is_without": is_without}
