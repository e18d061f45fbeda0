"""Proving in the DNS that an email domain is a client's, and looking again from time to time."""

from datetime import timedelta

import dns.exception
import dns.resolver
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from common.days import day
from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post_later
from integrations.models import EmailDomain
from profiles.members import admins_of

LOOKUP_SECONDS = 5
AGAIN, AGAIN_IF_MISSING = timedelta(days=7), timedelta(days=1)
MOST_A_RUN = 50


class NotVerified(Exception):
    """The domain is not proved. The text says why, and what to do."""


def verify(domain: EmailDomain) -> None:
    """Note that `domain` is proved if its record is in the DNS. Raises NotVerified."""
    if domain.record not in _records(domain.name):
        raise NotVerified(
            f"We found no TXT record for {domain.name} with this text yet. New records can take an hour to appear."
        )
    try:
        with transaction.atomic():
            own, now = EmailDomain.objects.filter(pk=domain.pk), timezone.now()
            own.filter(verified_at=None).update(verified_at=now)
            own.update(checked_at=now, missing_since=None)
    except IntegrityError as error:
        raise NotVerified(f"Another client has verified {domain.name}. Contact support.") from error


def check_again() -> int:
    """Look for the records of verified domains again, and tell the admins of those that are gone. Return how many."""
    now = timezone.now()
    verified = EmailDomain.objects.verified().annotate(last=Coalesce("checked_at", "verified_at"))
    is_due = Q(last__lte=now - AGAIN) | Q(missing_since__isnull=False, last__lte=now - AGAIN_IF_MISSING)
    return sum(_check_again(domain) for domain in verified.filter(is_due).order_by("last", "pk")[:MOST_A_RUN])


def _check_again(domain: EmailDomain) -> bool:
    """Look for a record again. Return True if its admins are told that it is gone, or that the domain doesn't count."""
    now = timezone.now()
    own = EmailDomain.objects.verified().filter(pk=domain.pk, missing_since=domain.missing_since)
    own.update(checked_at=now)
    try:
        is_there = domain.record in _records(domain.name)
    except NotVerified:  # which doesn't say that it is gone
        return False
    with transaction.atomic():
        if is_there:
            own.update(missing_since=None)
            return False
        if domain.counts_until is None:
            is_news = own.update(missing_since=now)
        elif domain.counts_until <= now:
            is_news = own.update(verified_at=None, missing_since=None)
        else:
            return False
        for user in admins_of(domain.client_id) if is_news else ():
            post_later(user.email, write_missing, domain_pk=domain.pk, user_pk=user.pk)
    return bool(is_news)


def write_missing(to: str, *, domain_pk: int, user_pk: int) -> Letter | None:
    """Return the email that the record of a domain is gone, or None if it is back, or the reader is no admin."""
    domain = EmailDomain.objects.select_related("client").filter(pk=domain_pk).first()
    recipient = admins_of(domain.client_id).filter(pk=user_pk).first() if domain else None
    if domain is None or recipient is None or (domain.verified_at and not domain.counts_until):
        return None
    context = {
        "recipient": recipient,
        "domain": domain,
        "client": domain.client,
        "counts_until": domain.counts_until and day(domain.counts_until),
        "link": absolute(reverse("integrations:sign_on")),
    }
    return letter("integrations/domain_missing", context)


def _records(name: str) -> set[str]:
    """Return the texts of the TXT records at `name`."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=LOOKUP_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return set()
    except dns.exception.DNSException as error:
        raise NotVerified(f"The DNS servers of {name} don't answer. Try again later.") from error
    return {b"".join(record.strings).decode(errors="replace").strip() for record in answer}
