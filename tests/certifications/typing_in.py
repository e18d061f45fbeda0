"""What an owner sends with the form for a certification."""

import uuid
from datetime import timedelta

from django.utils import timezone


def typed(chosen, prefix="woman-", **values):
    fields = {
        "certificate": chosen.pk,
        "other_body": "",
        "legal_business_name": "Quill and Ledger LLC",
        "number": "WBE-0042",
        "issued_on": "2026-01-05",
        "expires_on": (timezone.now().date() + timedelta(days=300)).isoformat(),
    } | values
    return {f"{prefix}{name}": value for name, value in fields.items()}


# What is sent with the last question, which leads to the check.
ASKED = {"step": "audience", "audience": "eligible"}


def agreed(**values):
    return {
        "step": "save",
        "audience": "eligible",
        "submission": str(uuid.uuid4()),
        "plans": ["business", "enterprise"],
        "attested": "on",
    } | values
