"""What pages say of sourcing."""

from django import template
from django.urls import reverse

from certifications.models.record import is_in_audience

register = template.Library()
register.filter("may_search", is_in_audience)

TABS = {
    "search": "Search",
    "searches": "Saved searches",
    "shortlists": "Shortlists",
    "talks": "Invitations",
    "exports": "Exports",
}


@register.inclusion_tag("sourcing/nav.html", takes_context=True)
def sourcing_nav(context, current=""):
    """The pages of a client's sourcing, of which `current` is open; none to clients that do not source."""
    if not is_in_audience(context["request"].viewer.client):
        return {"tabs": []}
    return {"current": current, "tabs": [(name, words, reverse(f"sourcing:{name}")) for name, words in TABS.items()]}
