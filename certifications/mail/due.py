"""Emails that become due by themselves: reminders, weekly digests, and the question after the audience grew.

Each is found here and claimed by a key. It is written when it is sent (`write_…`), from the records as they are then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import batched

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from certifications.mail.sending import DueEmail, letter_about, post_once, stop_link
from certifications.models import Certificate, Certification, ClientView, DigestSubscription, ReminderStop, SentMail
from certifications.models.choices import RENEWAL_GRACE
from certifications.rule import Obstacle
from certifications.sharing import consents
from common.days import day
from common.mail.letters import Letter, absolute
from profiles.models import Membership, User
from rollout.models import RolloutPolicy

# Reminders come so many days before the last day, unless the catalogue says otherwise for the certificate.
LEAD_DAYS = (60, 30, 7, 1)
# A reminder that became due while nothing ran is still sent until so many days after the last day.
LATE_DAYS = 7
BATCH = 500


def post_due() -> dict[str, int]:
    """Post the emails that are due and were not posted before. Return how many of each kind."""
    policy = RolloutPolicy.in_force()
    kinds = {"reminders": _reminders(policy), "digests": _digests(policy), "questions": _questions(policy)}
    return {kind: sum(post_once(email) for email in due) for kind, due in kinds.items()}


def _take_back(key: str) -> None:
    """Forget that an email was posted, because its reason is gone. It is posted again if the reason comes back."""
    SentMail.objects.filter(key=key).delete()


def lead_days(certificate: Certificate) -> list[int]:
    """Return how many days before the last day reminders are due, the most first. The last is 0, the last day."""
    return sorted({*(certificate.renewal_lead_days or LEAD_DAYS), 0}, reverse=True)


def reminder_due(record: Certification, today: date) -> int | None:
    """Return how many days before the last day the reminder comes that is due `today`, the owner's date, or None.

    It is the most urgent one whose day has come. None is due if its day had come before the owner last attested the
    dates, because they have just had the certificate in their hands.
    """
    last = record.last_shown_on
    if last is None:
        return None
    left = (last - today).days
    if left < -LATE_DAYS:
        return None
    due = [lead for lead in lead_days(record.certificate) if left <= lead]
    if not due or last - timedelta(days=due[-1]) <= record.profile.day_of(record.attested_at):
        return None
    return due[-1]


def _to_remind(policy: RolloutPolicy) -> Iterator[Certification]:
    """Yield the records, with their profiles, about which a reminder may be due."""
    leads = [LEAD_DAYS, *Certificate.objects.exclude(renewal_lead_days=[]).values_list("renewal_lead_days", flat=True)]
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)  # the owner's time zone may be a day ahead
    late, soon = tomorrow - timedelta(days=LATE_DAYS + 2), tomorrow + timedelta(days=max(map(max, leads)))
    ends = Q(renewal_filed_on=None, expires_on__range=(late, soon))
    ends |= Q(renewal_filed_on__isnull=False, expires_on__range=(late - RENEWAL_GRACE, soon - RENEWAL_GRACE))
    found = _reminded(policy).filter(ends).select_related("profile", "certificate").order_by("pk")
    return found.iterator(chunk_size=BATCH)


def _reminded(policy: RolloutPolicy) -> QuerySet:
    """Return the records about which a reminder may be sent: neither hidden nor stopped. Expired ones are included."""
    return Certification.objects.holding_but_for(policy, Obstacle.EXPIRED, Obstacle.NOBODY, Obstacle.AUDIENCE)


def _reminders(policy: RolloutPolicy) -> Iterator[DueEmail]:
    """Yield the reminders that are due and not posted yet. Four queries for each BATCH records."""
    for records in batched(_to_remind(policy), BATCH):
        leads = [(record, reminder_due(record, record.profile.today())) for record in records]
        due = [(record, lead) for record, lead in leads if lead is not None]
        editors = _editors({record.profile_id for record, _ in due})
        stops = ReminderStop.objects.filter(certification__in=[record.pk for record, _ in due])
        stopped = set(stops.values_list("certification", "user"))
        emails = {
            _reminder_key(record, lead, editor.pk): (record, editor)
            for record, lead in due
            for editor in editors[record.profile_id]
            if (record.pk, editor.pk) not in stopped
        }
        sent = set(SentMail.objects.filter(key__in=emails).values_list("key", flat=True))
        for key, (record, editor) in emails.items():
            if key not in sent:
                arguments = {"record_pk": record.pk, "editor_pk": editor.pk}
                yield DueEmail(key, record.profile_id, editor.email, write_reminder, arguments)


def _reminder_key(record: Certification, lead: int, editor_pk: int) -> str:
    return f"reminder:{record.pk}:{record.last_shown_on}:{lead}:{editor_pk}"


def write_reminder(to: str, *, key: str, record_pk: int, editor_pk: int) -> Letter | None:
    """Return the reminder, or None if it was stopped or another one is due by now."""
    policy = RolloutPolicy.in_force()
    wanted = _reminded(policy).exclude(reminder_stops__user=editor_pk)
    record = wanted.filter(pk=record_pk).select_related("profile", "certificate").first()
    if record is None:
        _take_back(key)
        return None
    editors = _editors([record.profile_id])[record.profile_id]
    editor = next((user for user in editors if user.pk == editor_pk), None)
    if editor is None:
        _take_back(key)
        return None
    today = record.profile.today()
    lead = reminder_due(record, today)
    last = record.last_shown_on
    if last is None or lead is None or key != _reminder_key(record, lead, editor_pk):
        return None
    context = {
        "recipient": editor,
        "record": record,
        "left": (last - today).days,
        "is_seen": Certification.objects.with_status(policy).filter(pk=record.pk, unseen_because="").exists(),
        "last_day": day(last),
        "link": absolute(record.get_absolute_url()),
    }
    stop = stop_link("reminders", record_pk, editor_pk)
    return letter_about(record.profile, "certifications/reminder", context, stop=stop)


def _editors(profiles: Iterable[int]) -> dict[int, list[User]]:
    """Return the active editors of each of `profiles`, both by key. One query."""
    found = defaultdict(list)
    memberships = Membership.objects.filter(profile__in=profiles, role__in=Membership.EDITORS, user__is_active=True)
    for membership in memberships.select_related("user").order_by("user"):
        found[membership.profile_id].append(membership.user)
    return found


def _viewed(monday: date) -> QuerySet[ClientView]:
    """Return the profile views of the week from `monday`."""
    return ClientView.objects.filter(day__range=(monday, monday + timedelta(days=6)))


def _digests_wanted(monday: date, policy: RolloutPolicy) -> QuerySet[DigestSubscription]:
    """Return the subscriptions with an email for the week: the profile was viewed, and is shown now."""
    editors = Membership.objects.filter(user=OuterRef("user"), profile=OuterRef("profile"), role__in=Membership.EDITORS)
    shown = Certification.objects.with_status(policy).filter(unseen_because="", profile=OuterRef("profile"))
    views = _viewed(monday).filter(profile=OuterRef("profile"))
    return DigestSubscription.objects.filter(Exists(editors), Exists(shown), Exists(views), user__is_active=True)


def _digests(policy: RolloutPolicy) -> Iterator[DueEmail]:
    """Yield the emails about the views of the last week that is over where the profile's owner lives."""
    today = datetime.now(UTC).date()
    somewhere = [today + timedelta(days=days) for days in (-1, 0, 1)]
    for monday in sorted(set(map(_last_monday, somewhere))):
        yield from _digests_of(monday, policy)


def _last_monday(today: date) -> date:
    """Return the Monday of the last finished week."""
    return today - timedelta(days=today.weekday() + 7)


def _digests_of(monday: date, policy: RolloutPolicy) -> Iterator[DueEmail]:
    wanted = _digests_wanted(monday, policy).select_related("user", "profile").order_by("pk")
    for subscription in wanted.iterator(chunk_size=BATCH):
        if _last_monday(subscription.profile.today()) != monday:
            continue
        key = f"digest:{subscription.profile_id}:{subscription.user_id}:{monday}"
        if not SentMail.objects.filter(key=key).exists():
            arguments = {"subscription_pk": subscription.pk, "monday": f"{monday}"}
            yield DueEmail(key, subscription.profile_id, subscription.user.email, write_digest, arguments)


def write_digest(to: str, *, key: str, subscription_pk: int, monday: str) -> Letter | None:
    """Return the email about the profile views of the week from `monday` (a date in ISO format)."""
    first_day = date.fromisoformat(monday)
    wanted = _digests_wanted(first_day, RolloutPolicy.in_force()).select_related("profile", "user")
    subscription = wanted.filter(pk=subscription_pk).first()
    if subscription is None:
        _take_back(key)
        return None
    profile = subscription.profile
    clients = defaultdict(list)
    for view in _viewed(first_day).filter(profile=profile).select_related("client").order_by("client__name", "day"):
        clients[view.client.name].append(f"{view.day:%A}")
    context = {
        "recipient": subscription.user,
        "clients": [(name, ", ".join(days)) for name, days in clients.items()],
        "monday": day(first_day),
        "link": absolute(reverse("certifications:seen_by", args=[profile.kind, profile.slug])),
    }
    return letter_about(profile, "certifications/digest", context, stop=stop_link("digest", subscription_pk))


def _owners_asked(policy: RolloutPolicy) -> QuerySet[Membership]:
    """Return the memberships of owners of active profiles for whom a question waits."""
    open_ones = consents.open_consents(policy).filter(profile__in=Certification.objects.current().values("profile"))
    return Membership.objects.filter(
        role=Membership.Role.OWNER,
        user__is_active=True,
        profile__is_active=True,
        profile__in=open_ones.values("profile"),
    ).select_related("profile", "user")


def _questions(policy: RolloutPolicy) -> Iterator[DueEmail]:
    """Yield an email to each owner for whom a question waits, once for each question."""
    texts = "+".join(consents.last_material(purpose) for purpose in consents.FOR_CLIENTS)
    asked = f"question:{'+'.join(policy.audience)}:{texts}:"
    parts = (Value(asked), Cast("profile_id", TextField()), Value(":"), Cast("user_id", TextField()))
    owners = _owners_asked(policy).annotate(key=Concat(*parts, output_field=TextField()))
    untold = owners.filter(~Exists(SentMail.objects.filter(key=OuterRef("key"))))
    for owner in untold.order_by("pk").iterator(chunk_size=BATCH):
        yield DueEmail(owner.key, owner.profile_id, owner.user.email, write_question, {"owner_pk": owner.pk})


def write_question(to: str, *, key: str, owner_pk: int) -> Letter | None:
    """Return the email that a question waits, as it is asked now."""
    policy = RolloutPolicy.in_force()
    owner = _owners_asked(policy).filter(pk=owner_pk).first()
    question = owner and consents.open_question(owner.profile, policy)
    if owner is None or question is None:
        _take_back(key)
        return None
    link = absolute(reverse("certifications:consent", args=[owner.profile.kind, owner.profile.slug]))
    context = {"recipient": owner.user, "question": question, "link": link}
    return letter_about(owner.profile, "certifications/question", context)
