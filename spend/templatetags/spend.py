"""Template tags about spend."""

from typing import Any

from django import template
from django.template.context import Context

from common.tabs import Tab, open_page
from rollout.middleware import PolicyRequest

register = template.Library()

TABS = (
    Tab("spend", "overview", "Overview", frozenset({"reconciliation"})),
    Tab("spend", "payments", "Payments"),
    Tab("spend", "goals", "Goals", frozenset({"goal_new", "goal_edit", "goal_delete"})),
    Tab(
        "spend",
        "reports",
        "Reports",
        frozenset({"report_new", "draft", "report", "report_payments", "report_changes", "supersede", "pack"}),
    ),
    Tab("spend", "expiring", "Expiring soon", frozenset({"letter"})),
    Tab("spend", "vendors", "Vendor check", frozenset({"vendor_list"})),
    Tab("spend", "rules", "Rules", frozenset({"rules_edit", "addressable"})),
)


@register.filter
def is_spend(request: PolicyRequest) -> bool:
    """Return whether a page of a client's spend is open."""
    page = open_page(request, "spend")
    return any(page in tab.pages for tab in TABS)


@register.inclusion_tag("components/tabs.html", takes_context=True)
def spend_nav(context: Context) -> dict[str, Any]:
    """Show the tabs of a client's spend, the open one marked."""
    return {"page": open_page(context["request"], "spend"), "tabs": TABS, "label": "Spend"}
