"""Every state that a record can be in, and whether the rule shows it then."""

from datetime import timedelta

from django.utils import timezone

from certifications.models.choices import RENEWAL_GRACE

NOW = timezone.now()
# Two days, not one, so that it is so in every time zone.
TWO_DAYS_AGO = NOW.date() - timedelta(days=2)
IN_TWO_DAYS = NOW.date() + timedelta(days=2)
BEFORE_THE_GRACE = TWO_DAYS_AGO - RENEWAL_GRACE
DECIDED = {"standing_reason": "not_found", "standing_at": NOW}
# What is true of a record -> whether a Business client is shown it.
STATES: dict[str, tuple[dict, bool]] = {
    "listed": ({}, True),
    "does not expire": ({"does_not_expire": True, "expires_on": None}, True),
    "hidden": ({"hidden_at": NOW}, False),
    "withdrawn": ({"withdrawn_at": NOW}, False),
    "expired": ({"expires_on": TWO_DAYS_AGO}, False),
    "suspended": ({"standing": "suspended", **DECIDED}, False),
    "refused": ({"standing": "refused", **DECIDED}, False),
    "abroad": ({"profile__country": "CA", "profile__state": ""}, False),
    "taken down": ({"profile__is_active": False}, False),
    "hidden until a day to come": ({"hidden_at": NOW, "hidden_until": IN_TWO_DAYS}, False),
    "hidden until a day gone by": ({"hidden_at": NOW, "hidden_until": TWO_DAYS_AGO}, True),
    "all hidden": ({"pause": {}}, False),
    "all hidden until a day to come": ({"pause": {"until": IN_TWO_DAYS}}, False),
    "all hidden until a day gone by": ({"pause": {"until": TWO_DAYS_AGO}}, True),
    "renewal in progress": ({"expires_on": TWO_DAYS_AGO, "renewal_filed_on": TWO_DAYS_AGO}, True),
    "renewal too long in progress": ({"expires_on": BEFORE_THE_GRACE, "renewal_filed_on": BEFORE_THE_GRACE}, False),
    "kept for oneself": ({"audience": "nobody"}, False),
    "Enterprise chosen": ({"audience": "enterprise"}, False),
    "named, but nobody yet": ({"audience": "named"}, False),
    "not agreed to be shown": ({"consent": False}, False),
    "agreed to Enterprise only": ({"agreed_plans": ["enterprise"]}, False),
}
