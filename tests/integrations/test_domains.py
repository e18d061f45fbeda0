"""Email domains of clients, proved in a DNS that answers on this machine."""

import socket
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.mail.outbox import send_waiting
from integrations.models import EmailDomain, IdentityProvider
from integrations.sign_on.domains import NotVerified, check_again, verify
from profiles.models import ClientMembership
from tests.factories import ClientFactory, ClientMembershipFactory
from tests.integrations.people import domain
from tests.site import sign_in

pytestmark = pytest.mark.django_db


@contextmanager
def name_server(records, *, rcode=dns.rcode.NOERROR):
    """Answer each question with the TXT `records`, by name, and let the site ask here."""

    def serve():
        while True:
            wire, client = server.recvfrom(4096)
            if not wire:
                return
            query = dns.message.from_wire(wire)
            answer = dns.message.make_response(query)
            answer.set_rcode(rcode)
            name = query.question[0].name
            texts = records.get(name.to_text(omit_final_dot=True), [])
            if texts:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *texts))
            server.sendto(answer.to_wire(), client)

    resolver = dns.resolver.Resolver(configure=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, pytest.MonkeyPatch.context() as patch:
        server.bind(("127.0.0.1", 0))
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
        patch.setattr(dns.resolver, "default_resolver", resolver)
        thread = Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            server.sendto(b"", server.getsockname())
            thread.join()


def test_domain_is_proved_by_its_record_among_others():
    asked = domain(ClientFactory(), "bright.example", is_verified=False)
    with name_server({"bright.example": ['"v=spf1 -all"', f'"{asked.record[:10]}" "{asked.record[10:]}"']}):
        verify(asked)

    asked.refresh_from_db()
    assert asked.verified_at is not None


@pytest.mark.parametrize("records", [{}, {"bright.example": ['"marketplace-verification=other"']}])
def test_domain_without_its_record_is_not_proved(records):
    asked = domain(ClientFactory(), "bright.example", is_verified=False)
    with name_server(records), pytest.raises(NotVerified, match="no TXT record"):
        verify(asked)

    asked.refresh_from_db()
    assert asked.verified_at is None


def test_dns_that_fails_is_told_from_a_missing_record():
    asked = domain(ClientFactory(), "bright.example", is_verified=False)
    with name_server({}, rcode=dns.rcode.SERVFAIL), pytest.raises(NotVerified, match="don't answer"):
        verify(asked)


def test_domain_is_of_one_client():
    domain(ClientFactory(), "bright.example")
    second = domain(ClientFactory(), "bright.example", is_verified=False)
    with name_server({"bright.example": [f'"{second.record}"']}), pytest.raises(NotVerified, match="Another client"):
        verify(second)

    second.refresh_from_db()
    assert second.verified_at is None


def test_constraints_hold_in_the_database():
    client = ClientFactory()
    domain(client, "bright.example", is_verified=False)
    for broken in (
        EmailDomain(client=client, name="bright.example"),
        EmailDomain(client=client, name="Bright.Example"),
        EmailDomain(client=client, name="example"),
        EmailDomain(client=client, name="other.example", missing_since=timezone.now()),
        IdentityProvider(client=client, issuer="https://id.example", is_enforced=True),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken.save()


# Looking again


def ago(**time):
    """Let it be as if everything so far was that long ago."""
    for own in EmailDomain.objects.all():
        moments = {
            name: getattr(own, name) and getattr(own, name) - timedelta(**time)
            for name in ("verified_at", "checked_at", "missing_since")
        }
        EmailDomain.objects.filter(pk=own.pk).update(**moments)


def told():
    mail.outbox.clear()
    send_waiting.call()
    return [(message.to[0], message.subject) for message in mail.outbox]


@pytest.fixture
def admin():
    return ClientMembershipFactory(role=ClientMembership.Role.ADMIN).user


def test_record_that_is_gone_is_told_and_the_domain_counts_for_two_weeks_more(admin, client):
    own = domain(admin.clients.get(), "bright.example")
    ClientMembershipFactory(client=own.client)
    with name_server({}):
        assert check_again() == 0
        ago(days=7)
        assert check_again() == 1
        assert check_again() == 0
        first = told()
        ago(days=13)
        assert check_again() == 0
        assert EmailDomain.objects.verified().get().missing_since is not None
        sign_in(client, admin)
        page = client.get("/integrations/sign-on/").text
        ago(days=1)
        assert check_again() == 1

    assert first == [(admin.email, "The DNS record that proves bright.example is gone")]
    assert told() == [(admin.email, "bright.example is no longer verified")]
    assert "We can't find its TXT record anymore" in page
    own.refresh_from_db()
    assert (own.verified_at, own.missing_since) == (None, None)


def test_record_that_is_back_or_can_not_be_asked_for_changes_nothing(admin):
    own = domain(admin.clients.get(), "bright.example")
    ago(days=7)
    with name_server({}, rcode=dns.rcode.SERVFAIL):
        assert check_again() == 0
    ago(days=7)
    with name_server({}):
        assert check_again() == 1
    ago(days=1)
    with name_server({own.name: [f'"{own.record}"']}):
        assert check_again() == 0

    assert told() == []  # the email waited until then
    own.refresh_from_db()
    assert own.verified_at is not None
    assert own.missing_since is None


def test_admin_has_the_record_looked_for_before_the_next_day(admin):
    own = domain(admin.clients.get(), "bright.example")
    ago(days=7)
    with name_server({}):
        check_again()
    with name_server({own.name: [f'"{own.record}"']}):
        verify(own)

    own.refresh_from_db()
    assert own.missing_since is None
