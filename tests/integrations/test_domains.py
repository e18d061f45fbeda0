"""Email domains of clients, proved in a DNS that answers on this machine."""

import socket
from contextlib import contextmanager
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from django.db import IntegrityError, transaction

from integrations.models import EmailDomain, IdentityProvider
from integrations.sign_on.domains import NotVerified, verify
from tests.factories import ClientFactory
from tests.integrations.people import domain

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
        IdentityProvider(client=client, issuer="https://id.example", is_enforced=True),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken.save()
