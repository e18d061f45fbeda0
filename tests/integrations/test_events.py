"""What happens on the site, as webhooks of clients are told of it."""

import pytest
from django.db import transaction

from integrations.models import Delivery, EventType, Webhook
from integrations.webhooks import sending
from marketplace import closing
from profiles import members
from profiles.models import ClientMembership
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import exports
from sourcing.models import Export
from spend import payments
from spend.models import IssuedReport, PaymentFile, ReportDraft
from tests.factories import ClientMembershipFactory
from tests.site import MARK, Site, marked_site, person
from tests.spend.test_report import pay

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def site():
    """A site whose client has a webhook that asks for everything, and another client's that must get nothing."""
    return listening(Site())


def listening(site):
    other = ClientMembershipFactory().client
    Webhook.objects.all().delete()
    for client in (site.client, other):
        webhook = Webhook(client=client, address="https://192.0.2.1/", events=EventType.values)
        webhook.set_secret()
        webhook.save()
    return site


def told(client):
    deliveries = Delivery.objects.filter(webhook__client=client).order_by("pk")
    assert Delivery.objects.count() == len(deliveries)
    return [(delivery.type, delivery.data) for delivery in deliveries]


def replace_report(site):
    newest = IssuedReport.objects.latest("number")
    return site.issue(ReportDraft(client=site.client, replaces=newest, reason="A certificate came later."))


def make_export(site):
    export = Export(client=site.client, user=site.client_admin, format="csv", query="q=book")
    return exports.ask(export, Viewer(site.client_admin), RolloutPolicy.in_force())


def test_report_that_replaces_another_is_two_events(site):
    report = replace_report(site)

    assert told(site.client) == [
        ("report.ready", {"report": report.number}),
        ("report.superseded", {"report": site.report.number, "superseded_by": report.number}),
    ]


def test_event_of_what_did_not_happen_is_not_kept(site):
    with transaction.atomic():
        replace_report(site)
        transaction.set_rollback(True)

    assert told(site.client) == []


def test_export_is_told_when_its_file_is_ready(site):
    export = make_export(site)

    assert told(site.client) == [("export.ready", {"export": export.pk})]


def import_payment(site, number="N1", amount="10.00"):
    pay((number, site.freelancer.slug, "2026-03-02", "work", amount, ""), client=site.client.slug)


def test_import_is_told_to_the_clients_whose_payments_it_brought_or_corrected(site):
    import_payment(site)
    import_payment(site)  # changes nothing
    import_payment(site, amount="12.00")

    first, _, third = PaymentFile.objects.order_by("pk").reverse()[:3][::-1]
    assert told(site.client) == [("import.finished", {"import": file.pk}) for file in (first, third)]


def test_import_that_fails_is_not_told(site, monkeypatch):
    monkeypatch.setattr(payments, "_without_their_payment", lambda file: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        import_payment(site)

    assert told(site.client) == []


def test_member_who_is_removed_or_deletes_the_account_is_told(site):
    admin = site.client.memberships.get(user=site.client_admin)
    leaving = [
        ClientMembershipFactory(user=person(), client=site.client, role=ClientMembership.Role.MEMBER) for _ in range(2)
    ]
    keys = [membership.pk for membership in leaving]

    members.remove(site.client, leaving[0], by=admin)
    closing.close(leaving[1].user)

    assert told(site.client) == [("member.deprovisioned", {"member": key}) for key in keys]


def test_member_of_an_agency_is_no_event(site):
    own = site.agency.memberships.get(user=site.agency_owner)
    members.remove(site.agency, site.agency.memberships.get(user=site.agency_member), by=own)

    assert told(site.client) == []


def test_no_event_has_a_name_a_number_or_an_address():
    site, _ = marked_site()
    listening(site)
    replace_report(site)
    make_export(site)
    import_payment(site)
    admin = site.client.memberships.get(user=site.client_admin)
    members.remove(site.client, ClientMembershipFactory(user=person(), client=site.client), by=admin)

    bodies = [sending.body_of(delivery).decode() for delivery in Delivery.objects.all()]

    told_of_elsewhere = {EventType.TEST, EventType.CERTIFICATION_CHANGED, EventType.GOAL_CROSSED}
    assert {delivery.type for delivery in Delivery.objects.all()} == set(EventType) - told_of_elsewhere
    assert not [body for body in bodies if MARK.lower() in body.lower() or "@" in body]
