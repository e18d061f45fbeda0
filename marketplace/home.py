"""What a member's home page says of each profile and client: what waits for them, and what they can do there."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count

from certifications.mail.due import reminder_due
from certifications.models import Certification, ClientView, ReminderStop
from certifications.models.local_days import local_today
from certifications.sharing import consents
from certifications.views.actions import page_url
from common.days import day
from profiles.models import Profile
from profiles.pages import PARTS, MissingPart, missing_parts
from profiles.viewer import Viewer, ViewerClient
from rollout.audience import is_in_audience
from rollout.models import RolloutPolicy
from sourcing import access
from verification import record_page

VIEWS_OF = timedelta(days=7)


class Notice(NamedTuple):
    """Something that waits for the editors of a profile: the certificate it is about, if any, and where to act."""

    words: str
    address: str
    button: str
    about: str = ""
    is_urgent: bool = False


class OwnProfile(NamedTuple):
    """A profile that the viewer edits, as their home page shows it. `offers_certification`: it is an optional step."""

    profile: Profile
    missing: list[MissingPart]
    notices: list[Notice]
    is_certified: bool
    viewed_by: int  # clients in VIEWS_OF
    offers_certification: bool

    @property
    def parts(self) -> int:
        return PARTS

    @property
    def done(self) -> int:
        """How many of the parts are filled in. A certification never counts."""
        return PARTS - len(self.missing)


class OwnClient(NamedTuple):
    """A client that the viewer belongs to, as their home page shows it."""

    place: ViewerClient
    is_acted_for: bool
    may_search: bool  # by certification
    is_told: bool  # that badges come step by step, and that it sees none now
    has_own_work: bool  # lists and notes from before


def own_clients(viewer: Viewer, policy: RolloutPolicy) -> list[OwnClient]:
    """Return the clients that `viewer` belongs to, in their order."""
    acted_for = viewer.client.pk if viewer.client else None
    return [_own_client(place, policy, is_acted_for=place.pk == acted_for) for place in viewer.client_memberships]


def _own_client(place: ViewerClient, policy: RolloutPolicy, *, is_acted_for: bool) -> OwnClient:
    has_own_work = access.is_without(place, policy)
    return OwnClient(
        place,
        is_acted_for,
        may_search=is_in_audience(place, policy),
        is_told=has_own_work or (policy.is_eligible(place) and not policy.includes(place)),
        has_own_work=has_own_work,
    )


def own_profiles(viewer: Viewer, policy: RolloutPolicy) -> list[OwnProfile]:
    """Return the profiles that `viewer` edits, oldest first. Up to six queries, whatever their number."""
    if not viewer.managed_profile_ids:
        return []
    own = Profile.objects.filter(pk__in=viewer.managed_profile_ids).select_related("disclosure").order_by("pk")
    profiles = {profile.pk: profile for profile in own}
    visible = Certification.objects.visible_to(viewer, policy).filter(profile__in=profiles).current()
    records = list(visible.for_display())
    notices = _notices(records, viewer, policy, profiles)
    certified = {record.profile_id for record in records}
    viewed_by = _viewed_by(certified)
    return [
        OwnProfile(
            profile,
            missing_parts(profile),
            notices[key],
            key in certified,
            viewed_by.get(key, 0),
            offers_certification=profile.is_in_us and not hasattr(profile, "disclosure"),
        )
        for key, profile in profiles.items()
    ]


def _viewed_by(profiles: set[int]) -> dict[int, int]:
    """Return how many clients viewed each of `profiles` in VIEWS_OF, by the days of its owner. One query."""
    recent = ClientView.objects.filter(profile__in=profiles, day__gt=local_today() - VIEWS_OF)
    views = recent.values_list("profile").order_by()
    return {profile: count for profile, count in views.annotate(Count("client", distinct=True))}  # noqa: C416 - typed


def _notices(
    records: list[Certification], viewer: Viewer, policy: RolloutPolicy, profiles: dict[int, Profile]
) -> dict[int, list[Notice]]:
    """Return what waits for the editors of each profile: decisions, certificates that expire, questions."""
    found: dict[int, list[Notice]] = defaultdict(list)
    stops = ReminderStop.objects.filter(user=viewer.user, certification__in=records)
    stopped = set(stops.values_list("certification", flat=True))
    news = record_page.news(records)
    for record in records:
        record.profile = profiles[record.profile_id]
        if review := news.get(record.pk):
            is_asked = review.kind == "asked"
            button = "Attach it" if is_asked else "See the details"
            address = f"{record.get_absolute_url()}#evidence"
            found[record.profile_id].append(Notice(f"{review.heading}.", address, button, record.label, is_asked))
        is_reminded = record.standing == Certification.Standing.GOOD and not (record.is_hidden or record.pk in stopped)
        if is_reminded and reminder_due(record, record.profile.today()) is not None:
            found[record.profile_id].append(_renewal(record))
    for key in consents.asked({record.profile_id for record in records}, policy):
        words = "We have a question for you about who can see your certifications."
        found[key].append(Notice(words, page_url(profiles[key], "consent"), "Answer"))
    return found


def _renewal(record: Certification) -> Notice:
    """Return the notice of a certificate that has to be renewed."""
    address = page_url(record.profile, "renew", record.pk)
    if record.renewal_filed_on:
        words = f"You filed for renewal. Enter the new dates by {day(record.last_shown_on)}."
    elif record.has_ended:
        words = f"It expired on {day(record.expires_on)}, so no client can see it."
    else:
        words = f"It expires on {day(record.expires_on)}."
    return Notice(words, address, "Renew", record.label, is_urgent=True)
