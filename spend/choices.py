"""The choices of the ledger, of a client's rules and of a report. Pages, files and commands read the same ones."""

from django.db import models


class Kind(models.TextChoices):
    """What a payment is for, or what it does to an earlier payment."""

    WORK = "work", "Work"
    BONUS = "bonus", "Bonus"
    EXPENSE = "expense", "Reimbursed expense"
    PLATFORM_FEE = "platform_fee", "Platform fee"
    TAX = "tax", "Tax"
    REFUND = "refund", "Refund"
    CHARGEBACK = "chargeback", "Chargeback"
    ADJUSTMENT = "adjustment", "Adjustment"


# Money that came back: it names the payment that it came back from, and is never positive.
RETURNED = frozenset({Kind.REFUND, Kind.CHARGEBACK})
# The kinds that may refer to an earlier payment and may be negative.
FOLLOWING = RETURNED | {Kind.ADJUSTMENT}
# What no business earns. A client may have it in its base, but it never counts.
NEVER_COUNTED = frozenset({Kind.PLATFORM_FEE, Kind.TAX})


class DateRule(models.TextChoices):
    """When a certificate must be valid for a payment to count."""

    AT_PAYMENT = "at_payment", "On the day of the payment"
    ANY_TIME = "any_time_in_fiscal_year", "On any day of the payment's fiscal year"
    GRACE = "grace", "On the day of the payment, or within a grace period after it expired"
    FROM_APPLICATION = (
        "from_application",
        "On the day of the payment, or from the day of the application in the fiscal year it was issued",
    )


class TierMode(models.TextChoices):
    """Who the client's direct supplier is. It is printed on every report and changes no amount."""

    TIER_1 = "tier_1", "Tier 1: paid directly to the business"
    TIER_2 = "tier_2", "Tier 2: paid to the marketplace, which pays the business"


class Reason(models.TextChoices):
    """The reason why a payment does not count, in words that a client, an owner and an auditor can read alike.

    The reasons from TYPE on are in the order in which a certificate is checked. A payment has the reason of the
    certificate that came closest. NO_CERTIFICATE also stands for what the client may not learn of: a record that is
    hidden, blocked or was suspended on that day, an owner who did not agree to be counted, and one who says that the
    payment is not theirs.
    """

    OTHER_CURRENCY = "other_currency", "It wasn't settled in the currency of the rules"
    UNKNOWN_PAYMENT = "unknown_payment", "It refers to a payment that isn't in the ledger"
    EXCLUDED_KIND = "excluded_kind", "This kind of payment isn't in the base"
    FEE_OR_TAX = "fee_or_tax", "Fees and taxes never count"
    NO_CERTIFICATE = "no_certificate", "The business has no certification that may be counted"
    TYPE = "type_not_accepted", "The rules don't accept this type"
    BODY = "body_not_accepted", "The rules don't accept this certifier"
    NOT_YET = "not_yet_certified", "The certificate was issued later, or has no issue date and was reported later"
    EXPIRED = "expired", "The certificate had expired"
    SELF_REPORTED = "self_reported", "The rules don't accept self-reported certifications"
    STEP = "step_too_low", "The verification level is lower than the rules accept"


# Payments with these reasons aren't in the base of the report either.
OUTSIDE_THE_BASE = frozenset({Reason.EXCLUDED_KIND, Reason.OTHER_CURRENCY, Reason.UNKNOWN_PAYMENT})
