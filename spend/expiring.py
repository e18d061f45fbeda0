"""The certifications of a client's shortlisted and paid businesses that expire soon."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from certifications.models import Certification
from certifications.models.record_queries import CertificationQuerySet
from profiles.models import Client, Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing.models import ShortlistEntry
from spend.facts import countable
from spend.models import Payment

WITHIN = (30, 60, 90)  # days
PAID_SINCE = timedelta(days=730)


def expiring(client: Client, viewer: Viewer, policy: RolloutPolicy, *, today: date, days: int) -> CertificationQuerySet:
    """Return the records that expire within so many days, soonest first, with `is_shortlisted`, `is_paid`
    and `may_count`.

    Those of shortlisted businesses that the viewer's client is shown, and of businesses paid in the last two years
    that it may also count. An expired one is among them while its renewal is filed and the rule shows it.
    """
    kept = ShortlistEntry.objects.kept().filter(shortlist__client=client, shortlist__removed_at=None)
    paid = Payment.objects.current().filter(client=client, paid_on__gt=today - PAID_SINCE)
    shown = Certification.objects.visible_to(viewer.as_member(), policy).annotate(
        is_shortlisted=Exists(kept.filter(profile=OuterRef("profile"))),
        is_paid=Exists(paid.filter(profile=OuterRef("profile"))),
        may_count=Exists(countable(client, policy).filter(pk=OuterRef("pk"))),
    )
    return (
        shown.filter(Q(is_shortlisted=True) | Q(is_paid=True, may_count=True))
        .filter(profile__in=Profile.objects.active(), expires_on__lte=today + timedelta(days=days))
        .with_step()
        .for_display()
        .select_related("profile")
        .order_by("expires_on", "pk")
    )
