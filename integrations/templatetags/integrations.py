"""Template tags about clients' systems."""

from typing import Any

from django import template
from django.template.context import Context

from common.tabs import Tab, open_page
from integrations.access import has
from integrations.models import AccessToken, Webhook
from rollout.audience import is_in_audience
from rollout.middleware import PolicyRequest

register = template.Library()

# How its people come and go is a client's to change whatever it may be shown.
PEOPLE_TABS = (
    Tab(
        "integrations",
        "sign_on",
        "Sign-on",
        frozenset(
            {"domain_remove", "sign_on_provider", "sign_on_oidc", "sign_on_saml", "sign_on_people", "sign_on_tested"}
        ),
    ),
    Tab("integrations", "directory", "Directory", frozenset({"directory_token_new", "directory_token_revoke"})),
)
TOKENS = Tab("integrations", "tokens", "Access tokens", frozenset({"token_new", "token_revoke"}))
WEBHOOKS = Tab(
    "integrations",
    "webhooks",
    "Webhooks",
    frozenset({"webhook_new", "webhook", "webhook_edit", "webhook_secret", "webhook_rotate", "delivery"}),
)
TABS = (TOKENS, WEBHOOKS, *PEOPLE_TABS)

DEVELOPERS = (
    Tab("integrations", "start", "Quick start"),
    Tab("integrations", "reference", "Reference"),
    Tab("integrations", "errors", "Errors"),
    Tab("integrations", "webhook_guide", "Webhooks"),
)


@register.filter
def integrations_tabs(request: PolicyRequest) -> tuple[Tab, ...]:
    """Return the tabs about a client's systems that the viewer may open, if they manage them."""
    client = request.viewer.client
    if client is None or not client.is_active or not client.is_admin:
        return ()
    return TABS if is_in_audience(client, request.policy) else PEOPLE_TABS


@register.inclusion_tag("components/tabs.html", takes_context=True)
def integrations_nav(context: Context) -> dict[str, Any]:
    """Show the tabs about a client's systems, the open one marked, with those of what is left to end."""
    request = context["request"]
    tabs = integrations_tabs(request)
    if tabs == PEOPLE_TABS:
        ends = ((TOKENS, AccessToken), (WEBHOOKS, Webhook))
        tabs += tuple(tab for tab, model in ends if has(model, request.viewer.acts_for.pk))
    return {"page": open_page(request, "integrations"), "tabs": tabs, "label": "Integrations"}


@register.inclusion_tag("components/tabs.html", takes_context=True)
def developers_nav(context: Context) -> dict[str, Any]:
    """Show the tabs for developers, the open one marked."""
    return {"page": open_page(context["request"], "integrations"), "tabs": DEVELOPERS, "label": "For developers"}
