"""Sending e-mail about a profile's certifications: once each, and naming nothing that a glance at a screen tells."""

import email.policy
from functools import partial

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from certifications.models import SentMail
from profiles.models import Membership, User

SALT = "certifications.mail.stop"
LONGEST_LINE = 998  # of a header. Source: RFC 5322, 2.1.1


def absolute(path):
    """The address of a path of this site, for those who are not on it."""
    return f"{settings.SITE_URL}{path}"


def stop_link(kind, pk):
    """The path under which one kind of e-mail, about one row, is stopped without signing in."""
    return reverse("certifications:stop_mail", args=[signing.Signer(salt=SALT).sign_object([kind, pk])])


def read_stop_link(token):
    """(kind, pk) of a stop link, or None if it is forged. It never expires: an old e-mail must be stoppable."""
    try:
        kind, pk = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    return kind, pk


def editors_of(profile, roles=Membership.EDITORS):
    """The people who edit a profile, or those of them in one of `roles`. One query."""
    return User.objects.filter(memberships__profile=profile, memberships__role__in=roles, is_active=True).order_by("pk")


class UnfoldedMessage(EmailMessage):
    """An e-mail whose headers are not folded: a link longer than a line would be encoded, and then not be followed."""

    def message(self, *, policy=email.policy.default):
        return super().message(policy=policy.clone(max_line_length=LONGEST_LINE))


def send(to, subject, template, context, *, stop=""):
    """Send `template` to an address. `stop`: a path that stops such e-mails, told to people and mail programs."""
    headers = {}
    if stop:
        # One click in the mail program. Source: RFC 8058.
        headers = {
            "List-Unsubscribe": f"<{absolute(stop)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    text = render_to_string(template, {**context, "stop": stop and absolute(stop), "site": settings.SITE_URL})
    UnfoldedMessage(subject, text, None, [to], headers=headers).send()


def send_once(key, profile, to, subject, template, context, *, if_still, **options):
    """`send`, unless an e-mail of that `key` was sent before, here or on another machine. Returns whether it was.

    `if_still`: a queryset that is empty once the reason for the e-mail is gone, such as by hiding; asked just before.
    """
    with transaction.atomic():
        if not if_still.exists():
            return False
        _, is_new = SentMail.objects.get_or_create(key=key, defaults={"profile": profile})
        if not is_new:
            return False
        send(to, subject, template, context, **options)  # if this fails, the claim goes with it, and is made again
    return True


def tell_owners(profile, what, *, by):
    """After the commit, tell the profile's owners that `by` (a user) changed who may see its certifications."""
    transaction.on_commit(partial(_tell_owners, profile, what, by), robust=True)


def _tell_owners(profile, what, by):
    context = {"profile": profile, "what": what, "by": by, "link": absolute(profile.get_absolute_url())}
    for owner in editors_of(profile, [Membership.Role.OWNER]):
        template = "certifications/mail/changed.txt"
        send(owner.email, f"A privacy setting of {profile.name} changed", template, {**context, "owner": owner})
