"""E-mails that come due by themselves: reminders, weekly digests, and the question when the audience became wider."""

import logging
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import batched
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat

from certifications.mail.sending import absolute, send_once, stop_link
from certifications.models import Certificate, Certification, ClientView, DigestSubscription, SentMail
from certifications.models.record import RENEWAL_GRACE, audience_now, day
from certifications.sharing import consents
from profiles.models import Membership

# Where the certificate does not say how long its renewal takes.
LEAD_DAYS = (60, 30, 7, 1)
# A reminder that was due while nothing ran is still sent so long after the last day.
LATE_DAYS = 7
BATCH = 500

logger = logging.getLogger(__name__)


def send_due():
    """Send whatever is due and was not sent before. Returns how many e-mails of each kind, and "failed" ones: dict.

    One that could not be sent is tried again by the next run and does not hold up the others.
    """
    counts = {"reminders": 0, "digests": 0, "questions": 0, "failed": 0}
    for kind, emails in (("reminders", _reminders()), ("digests", _digests()), ("questions", _questions())):
        for key, arguments, options in emails:
            try:
                counts[kind] += send_once(key, *arguments, **options)
            except OSError:  # a mail server that refuses, or is not there
                logger.exception("An e-mail could not be sent: %s", key)
                counts["failed"] += 1
    return counts


def lead_days(certificate):
    """On how many days before the last a renewal is called to mind, the most first; always on the last day too."""
    return sorted({*(certificate.renewal_lead_days or LEAD_DAYS), 0}, reverse=True)


def reminder_due(record, today):
    """The lead (int, days) of the reminder that is due on `today`, where the owner lives, or None.

    The most urgent one whose day has come. One whose day had come when the owner last attested the dates is not
    sent: they have just had the certificate in their hands.
    """
    last = record.last_shown_on
    left = (last - today).days
    if left < -LATE_DAYS:
        return None
    due = [lead for lead in lead_days(record.certificate) if left <= lead]
    if (
        not due
        or last - timedelta(days=due[-1]) <= record.attested_at.astimezone(ZoneInfo(record.profile.time_zone)).date()
    ):
        return None
    return due[-1]


def _to_remind():
    """Records that may be due, each with its profile: shown, or expired, and neither hidden nor stopped."""
    leads = [LEAD_DAYS, *Certificate.objects.exclude(renewal_lead_days=[]).values_list("renewal_lead_days", flat=True)]
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)  # it may be tomorrow already where the owner lives
    late, soon = tomorrow - timedelta(days=LATE_DAYS + 2), tomorrow + timedelta(days=max(map(max, leads)))
    ends = Q(renewal_filed_on=None, expires_on__range=(late, soon))
    ends |= Q(renewal_filed_on__isnull=False, expires_on__range=(late - RENEWAL_GRACE, soon - RENEWAL_GRACE))
    found = _reminded().filter(ends).select_related("profile", "certificate").order_by("pk")
    return found.iterator(chunk_size=BATCH)


def _reminded():
    """Records about which a reminder may be sent now: neither hidden nor stopped, though nobody need see them."""
    return Certification.objects.holding_but_for("expired", "nobody", "audience").filter(is_reminded=True)


def _reminders():
    """The reminders that are due and were not sent, as what `send_once` takes. Three queries for each BATCH records."""
    for records in batched(_to_remind(), BATCH):
        due = [(record, reminder_due(record, record.profile.today())) for record in records]
        due = [(record, lead) for record, lead in due if lead is not None]
        editors = _editors({record.profile_id for record, _ in due})
        emails = {
            f"reminder:{record.pk}:{record.last_shown_on}:{lead}:{editor.pk}": (record, editor)
            for record, lead in due
            for editor in editors[record.profile_id]
        }
        sent = set(SentMail.objects.filter(key__in=emails).values_list("key", flat=True))
        for key, (record, editor) in emails.items():
            if key not in sent:
                yield key, *_reminder(record, editor)


def _reminder(record, editor):
    left = (record.last_shown_on - record.profile.today()).days
    context = {
        "profile": record.profile,
        "record": record,
        "editor": editor,
        "left": left,
        "is_seen": Certification.objects.with_status().filter(pk=record.pk, unseen_because="").exists(),
        "last_day": day(record.last_shown_on),
        "link": absolute(record.get_absolute_url()),
    }
    arguments = (record.profile, editor.email, _subject(left), "certifications/mail/reminder.txt", context)
    return arguments, {"stop": stop_link("reminders", record.pk), "if_still": _reminded().filter(pk=record.pk)}


def _subject(left):
    if left < 0:
        return "A certificate of your business has expired"
    if left == 0:
        return "A certificate of your business is valid until today"
    return f"A certificate of your business ends in {left} day{'' if left == 1 else 's'}"


def _editors(profiles):
    """The active people who edit each of `profiles` (keys): lists of User by key. One query."""
    found = defaultdict(list)
    memberships = Membership.objects.filter(profile__in=profiles, role__in=Membership.EDITORS, user__is_active=True)
    for membership in memberships.select_related("user").order_by("user"):
        found[membership.profile_id].append(membership.user)
    return found


def _digests():
    """Last week's logs for those who want them. None where nobody looked or nothing is shown now."""
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday() + 7)
    editors = Membership.objects.filter(user=OuterRef("user"), profile=OuterRef("profile"), role__in=Membership.EDITORS)
    shown = Certification.objects.with_status().filter(unseen_because="", profile=OuterRef("profile"))
    views = ClientView.objects.filter(day__range=(monday, monday + timedelta(days=6)))
    wanted = DigestSubscription.objects.filter(
        Exists(editors), Exists(shown), Exists(views.filter(profile=OuterRef("profile"))), user__is_active=True
    )
    for subscription in wanted.select_related("profile", "user").order_by("pk").iterator(chunk_size=BATCH):
        profile, user = subscription.profile, subscription.user
        key = f"digest:{profile.pk}:{user.pk}:{monday}"
        if SentMail.objects.filter(key=key).exists():
            continue
        clients = defaultdict(list)
        for view in views.filter(profile=profile).select_related("client").order_by("client__name", "day"):
            clients[view.client.name].append(f"{view.day:%A}")
        context = {
            "profile": profile,
            "user": user,
            "clients": [(name, ", ".join(days)) for name, days in clients.items()],
            "monday": day(monday),
            "link": absolute(f"{profile.get_absolute_url()}certifications/seen-by/"),
        }
        subject = "Clients that looked at your page last week"
        arguments = (profile, user.email, subject, "certifications/mail/digest.txt", context)
        yield (
            key,
            arguments,
            {"stop": stop_link("digest", subscription.pk), "if_still": wanted.filter(pk=subscription.pk)},
        )


def _questions():
    """To each owner of an active profile, once for each thing asked, that a question waits."""
    texts = "+".join(consents.last_material(purpose) for purpose in consents.Purpose)
    asked = f"question:{'+'.join(audience_now())}:{texts}:"
    parts = (Value(asked), Cast("profile_id", TextField()), Value(":"), Cast("user_id", TextField()))
    open_ones = consents.open_consents().filter(profile__in=Certification.objects.current().values("profile"))
    owners = Membership.objects.filter(
        role=Membership.Role.OWNER,
        user__is_active=True,
        profile__is_active=True,
        profile__in=open_ones.values("profile"),
    ).annotate(key=Concat(*parts, output_field=TextField()))
    untold = owners.filter(~Exists(SentMail.objects.filter(key=OuterRef("key"))))
    for owner in untold.select_related("profile", "user").order_by("pk").iterator(chunk_size=BATCH):
        profile = owner.profile
        question = consents.open_question(profile)
        if question is None:
            continue
        context = {
            "profile": profile,
            "owner": owner.user,
            "question": question,
            "link": absolute(f"{profile.get_absolute_url()}certifications/consent/"),
        }
        subject = f"A question about who may see a part of {profile.name}"
        arguments = (profile, owner.user.email, subject, "certifications/mail/question.txt", context)
        yield owner.key, arguments, {"if_still": open_ones.filter(profile=profile)}
