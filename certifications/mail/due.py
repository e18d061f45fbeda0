"""E-mails that come due by themselves: reminders, weekly digests, and the question when the audience became wider."""

from datetime import UTC, datetime, timedelta

from django.db.models import Q

from certifications.mail.sending import absolute, editors_of, send_once, stop_link
from certifications.models import Certification, ClientView, DigestSubscription
from certifications.models.record import RENEWAL_GRACE, day
from certifications.sharing import consents
from profiles.models import Membership, Profile

# Where neither the certificate nor its body says how long a renewal takes.
LEAD_DAYS = (60, 30, 7, 1)
# A reminder that was due while nothing ran is still sent so long after the last day.
LATE_DAYS = 7


def send_due():
    """Send whatever is due and was not sent before. Returns how many e-mails of each kind: dict."""
    return {
        "reminders": sum(_remind(record) for record in _to_remind()),
        "digests": sum(
            _digest(subscription) for subscription in DigestSubscription.objects.select_related("profile", "user")
        ),
        "questions": sum(_ask(profile) for profile in _to_ask()),
    }


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
    if not due or last - timedelta(days=due[-1]) <= record.attested_at.date():
        return None
    return due[-1]


def _to_remind():
    """Records that may be due, each with its profile: shown or expired, and not stopped by their owner."""
    soon = datetime.now(UTC).date() + timedelta(days=1)
    late = soon - timedelta(days=LATE_DAYS + 3)
    longest = 400  # no catalogue row leads longer
    ends = Q(renewal_filed_on=None, expires_on__range=(late, soon + timedelta(days=longest)))
    ends |= Q(renewal_filed_on__isnull=False, expires_on__gte=late - RENEWAL_GRACE)
    found = (
        Certification.objects.current()
        .filter(ends, is_reminded=True)
        .with_status()
        .filter(unseen_because__in=["", "expired", "unnamed", "nobody", "audience"])
        .exclude(standing=Certification.Standing.REFUSED)
        .select_related("profile", "certificate__body", "type")
    )
    return found.order_by("pk").iterator(chunk_size=500)


def _remind(record):
    """Send the reminder that is due to each editor. Returns how many went out."""
    lead = reminder_due(record, record.profile.today())
    if lead is None:
        return 0
    left = (record.last_shown_on - record.profile.today()).days
    context = {
        "profile": record.profile,
        "record": record,
        "left": left,
        "last_day": day(record.last_shown_on),
        "link": absolute(record.get_absolute_url()),
    }
    sent = 0
    for editor in editors_of(record.profile):
        sent += send_once(
            f"reminder:{record.pk}:{record.last_shown_on}:{lead}:{editor.pk}",
            record.profile,
            editor.email,
            _subject(left),
            "certifications/mail/reminder.txt",
            {**context, "editor": editor},
            stop=stop_link("reminders", record.pk),
        )
    return sent


def _subject(left):
    if left < 0:
        return "A certificate of your business has expired"
    if left == 0:
        return "A certificate of your business is valid until today"
    return f"A certificate of your business ends in {left} day{'' if left == 1 else 's'}"


def _digest(subscription):
    """Send last week's log, once. Nothing if nobody looked, or if the profile hides its certifications."""
    profile, user = subscription.profile, subscription.user
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday() + 7)
    is_editor = Membership.objects.filter(user=user, profile=profile, role__in=Membership.EDITORS).exists()
    shown = Certification.objects.filter(profile=profile).with_status().filter(unseen_because="").exists()
    views = ClientView.objects.filter(profile=profile, day__range=(monday, monday + timedelta(days=6)))
    days = list(views.select_related("client").order_by("client__name", "day"))
    if not (is_editor and user.is_active and shown and days):
        return 0
    clients = {}
    for view in days:
        clients.setdefault(view.client.name, []).append(f"{view.day:%A}")
    context = {
        "profile": profile,
        "user": user,
        "clients": [(name, ", ".join(found)) for name, found in clients.items()],
        "monday": day(monday),
        "link": absolute(f"{profile.get_absolute_url()}certifications/seen-by/"),
    }
    key = f"digest:{profile.pk}:{user.pk}:{monday}"
    subject = "Clients that looked at your page last week"
    return send_once(
        key,
        profile,
        user.email,
        subject,
        "certifications/mail/digest.txt",
        context,
        stop=stop_link("digest", subscription.pk),
    )


def _to_ask():
    """Active profiles with an open question and something to show."""
    with_records = Certification.objects.current().values("profile")
    asked = consents.open_consents().filter(profile__in=with_records).values("profile")
    return Profile.objects.active().filter(pk__in=asked).order_by("pk").iterator(chunk_size=500)


def _ask(profile):
    """Tell the owners, once for each thing asked, that a question waits. Returns how many e-mails went out."""
    question = consents.open_question(profile)
    if question is None:
        return 0
    texts = "+".join(consents.newest(consent.purpose)[0] for consent in question.consents)
    context = {
        "profile": profile,
        "question": question,
        "link": absolute(f"{profile.get_absolute_url()}certifications/consent/"),
    }
    sent = 0
    for owner in editors_of(profile, [Membership.Role.OWNER]):
        key = f"question:{profile.pk}:{'+'.join(question.plans)}:{texts}:{owner.pk}"
        subject = f"A question about who may see a part of {profile.name}"
        sent += send_once(
            key, profile, owner.email, subject, "certifications/mail/question.txt", {**context, "owner": owner}
        )
    return sent
