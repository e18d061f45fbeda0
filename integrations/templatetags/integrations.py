"""Template tags about clients' systems."""

from typing import Any

from django import template
from django.template.context import Context

from common.tabs import Tab, open_page
from rollout.audience import is_in_audience
from rollout.middleware import PolicyRequest

register = template.Library()

TABS = (
    Tab("integrations", "tokens", "Access tokens", frozenset({"token_new", "token_revoke"})),
    Tab(
        "integrations",
        "webhooks",
        "Webhooks",
        frozenset({"webhook_new", "webhook", "webhook_edit", "webhook_secret", "webhook_rotate", "delivery"}),
    ),
)


@register.filter
def may_integrate(request: PolicyRequest) -> bool:
    """Return whether the viewer manages the client's systems."""
    client = request.viewer.client
    return is_in_audience(client, request.policy) and request.viewer.acts_for.is_admin


@register.inclusion_tag("components/tabs.html", takes_context=True)
def integrations_nav(context: Context) -> dict[str, Any]:
    """Show the tabs about a client's systems, the open one marked."""
    return {"page": open_page(context["request"], "integrations"), "tabs": TABS, "label": "Integrations"}
