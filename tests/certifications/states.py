"""Every state that a record can be in, and whether the rule shows it then."""

from datetime import timedelta

from django.utils import timezone

YESTERDAY = timezone.now().date() - timedelta(days=2)
NOW = timezone.now()
TOMORROW = NOW.date() + timedelta(days=2)
LONG_AGO = NOW.date() - timedelta(days=182)
DECIDED = {"standing_reason": "not_found", "standing_at": NOW}
# What is true of a record -> whether a Business client is shown it.
STATES: dict[str, tuple[dict, bool]] = {
    "listed": ({}, True),
    "does not expire": ({"does_not_expire": True, "expires_on": None}, True),
    "hidden": ({"hidden_at": NOW}, False),
    "withdrawn": ({"withdrawn_at": NOW}, False),
    "expired": ({"expires_on": YESTERDAY}, False),
    "suspended": ({"standing": "suspended", **DECIDED}, False),
    "refused": ({"standing": "refused", **DECIDED}, False),
    "abroad": ({"profile__country": "CA", "profile__state": ""}, False),
    "taken down": ({"profile__is_active": False}, False),
    "hidden until a day to come": ({"hidden_at": NOW, "hidden_until": TOMORROW}, False),
    "hidden until a day gone by": ({"hidden_at": NOW, "hidden_until": YESTERDAY}, True),
    "all hidden": ({"pause": {}}, False),
    "all hidden until a day to come": ({"pause": {"until": TOMORROW}}, False),
    "all hidden until a day gone by": ({"pause": {"until": YESTERDAY}}, True),
    "renewal in progress": ({"expires_on": YESTERDAY, "renewal_filed_on": YESTERDAY}, True),
    "renewal too long in progress": ({"expires_on": LONG_AGO, "renewal_filed_on": LONG_AGO}, False),
    "kept for oneself": ({"audience": "nobody"}, False),
    "Enterprise chosen": ({"audience": "enterprise"}, False),
    "named, but nobody yet": ({"audience": "named"}, False),
    "not agreed to be shown": ({"consent": False}, False),
    "agreed to Enterprise only": ({"agreed_plans": ["enterprise"]}, False),
}
