"""Template tags about sourcing."""

from typing import Any, NamedTuple

from django import template
from django.template.context import Context
from django.urls import reverse

from rollout.audience import is_in_audience
from rollout.middleware import PolicyRequest
from sourcing import access, exports

register = template.Library()
register.filter("subject", exports.subject)

TABS = {
    "search": "Search",
    "searches": "Saved searches",
    "shortlists": "Shortlists",
    "talks": "Invitations",
    "exports": "Exports",
}


class Tab(NamedTuple):
    name: str
    words: str
    url: str


@register.filter
def may_search(request: PolicyRequest) -> bool:
    """Return whether the viewer of `request` acts for a client that may be shown certifications."""
    return is_in_audience(request.viewer.client, request.policy)


@register.inclusion_tag("sourcing/nav.html", takes_context=True)
def sourcing_nav(context: Context, current: str = "") -> dict[str, Any]:
    """Show the tabs of a client's sourcing, of which `current` is open. None for clients that do not source.

    To a client that is shown no certifications at present it says so, above what its members wrote.
    """
    request = context["request"]
    is_without = access.is_without(request.viewer.client, request.policy)
    if not is_without and not may_search(request):
        return {"tabs": []}
    names = [name for name in TABS if name != "search" or not is_without]
    tabs = [Tab(name, TABS[name], reverse(f"sourcing:{name}")) for name in names]
    return {"current": current, "tabs": tabs, "is_without": is_without}
