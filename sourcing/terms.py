"""The inclusive-use terms that a client's admin accepts, once a version, before its members may search.

A text, once accepted, is never changed: add a new version, and every client is asked again.
"""

from profiles.models import User
from sourcing.models import TermsAcceptance

# By version, the oldest first: the points that are agreed to.
TEXTS: dict[str, tuple[str, ...]] = {
    "2026-11": (
        "We use certifications to include more businesses, and will not exclude a business because it has none.",
        "We choose whom to hire and what to pay based on the work. A certification never decides it.",
        "We share what we read here only with people in our organization, or its auditors, who need it.",
        "We will not draw conclusions about any person from a certification. It says who owns a registered business.",
        "Each business sees that our organization found or viewed it, and may stop showing it to us at any time.",
    ),
    "2026-11-28": (
        "We use certifications to include more businesses, and will not exclude a business because it has none.",
        "We choose whom to hire and what to pay based on the work. A certification never decides it.",
        "We share what we read here only with people in our organization, or its auditors, who need it.",
        "We may also give reports on what we spent with certified businesses to customers that ask us for them.",
        "We will not use reports to find out which business stopped sharing a certification.",
        "We will not draw conclusions about any person from a certification. It says who owns a registered business.",
        "Each business sees that our organization found or viewed it, and may stop showing it to us at any time.",
    ),
}


def newest() -> tuple[str, tuple[str, ...]]:
    """Return the version that is accepted today, and its points."""
    return list(TEXTS.items())[-1]


def is_accepted(client_pk: int) -> bool:
    """Return whether an admin of the client accepted the newest version. One query."""
    return TermsAcceptance.objects.filter(client=client_pk, version=newest()[0]).exists()


def was_accepted(client_pk: int) -> bool:
    """Return whether the client accepted any version: it had sourcing, then or now. One query."""
    return TermsAcceptance.objects.filter(client=client_pk).exists()


def accept(client_pk: int, *, purpose: str, by: User) -> None:
    """Accept the newest version for the client. Of two admins at once the first is the one on record."""
    TermsAcceptance.objects.get_or_create(
        client_id=client_pk, version=newest()[0], defaults={"purpose": purpose, "accepted_by": by}
    )
