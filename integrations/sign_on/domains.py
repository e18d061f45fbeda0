"""Proving in the DNS that an email domain is a client's."""

import dns.exception
import dns.resolver
from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.models import EmailDomain

LOOKUP_SECONDS = 5


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
            EmailDomain.objects.filter(pk=domain.pk, verified_at=None).update(verified_at=timezone.now())
    except IntegrityError as error:
        raise NotVerified(f"Another client has verified {domain.name}. Contact support.") from error


def _records(name: str) -> set[str]:
    """Return the texts of the TXT records at `name`."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=LOOKUP_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return set()
    except dns.exception.DNSException as error:
        raise NotVerified(f"The DNS servers of {name} don't answer. Try again later.") from error
    return {b"".join(record.strings).decode(errors="replace").strip() for record in answer}
