"""The list of certifications that expire soon: whose, and what no one may learn of."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.models import Block, Certification, ClientView, Consent
from common.translation import plain
from profiles.models import Client
from sourcing import shortlists
from sourcing.models import Shortlist
from tests.factories import CertificationFactory, ClientFactory, PaymentFactory, ProfileFactory
from tests.spend.test_report import agree
from tests.states import STATES

pytestmark = pytest.mark.django_db

PAGE = "/spend/expiring/"


def soon(days=20, **values):
    return CertificationFactory(expires_on=timezone.now().date() + timedelta(days=days), **values)


def shortlist(profile, lead):
    client = Client.objects.get(slug="bright")
    listed, _ = Shortlist.objects.get_or_create(client=client, name="Bids", defaults={"created_by": lead})
    shortlists.add(listed, profile, by=lead)


def told(client, path=PAGE):
    return " ".join(plain(client.get(path).text.split("<main")[1]).split())


def test_shortlisted_and_paid_businesses_are_listed_soonest_first(lead, client):
    bright = Client.objects.get()
    paid, listed, both, other = (
        soon(days, profile__name=name) for days, name in ((80, "Paid"), (50, "Listed"), (10, "Both"), (5, "Neither"))
    )
    for record in (paid, both):
        PaymentFactory(client=bright, profile=record.profile)
        agree(record.profile)
    for record in (listed, both):
        shortlist(record.profile, lead)
    PaymentFactory(client=ClientFactory(), profile=other.profile)

    text = told(client)

    assert [text.index(name) for name in ("Both ", "Listed ", "Paid ")] == sorted(
        text.index(name) for name in ("Both ", "Listed ", "Paid ")
    )
    assert "Neither" not in text
    assert "Shortlisted and paid" in text
    assert text.count("Evidence letter") == 2
    assert "Paid " not in told(client, f"{PAGE}?within=30")
    assert "Both " in told(client, f"{PAGE}?within=30")


def test_a_filed_renewal_is_told_also_once_the_certificate_has_expired(lead, client):
    record = soon(-3, renewal_filed_on=timezone.now().date() - timedelta(days=20))
    shortlist(record.profile, lead)

    assert "Renewal filed" in told(client)


def test_a_paid_business_that_did_not_agree_to_be_counted_is_not_listed(lead, client):
    record = soon(profile__name="Quiet Works")
    PaymentFactory(client=Client.objects.get(), profile=record.profile)
    before = told(client)
    assert "Quiet Works" not in before

    agree(record.profile)
    assert "Quiet Works" in told(client)

    Consent.objects.filter(purpose=Consent.Purpose.COUNT).update(is_given=False)
    assert told(client) == before


# The states of a record. A profile that is turned off or abroad looks different by itself.
OF_A_RECORD = [
    name
    for name, (values, shown) in STATES.items()
    if not shown and not any(field.startswith("profile__") for field in values)
]


@pytest.mark.parametrize("state", OF_A_RECORD)
def test_nothing_tells_that_a_hidden_record_expires(state, lead, client):
    Client.objects.update(plan="business")
    quiet = ProfileFactory(name="Quiet Works")
    shortlist(quiet, lead)
    PaymentFactory(client=Client.objects.get(), profile=quiet)
    without = told(client)
    values, _ = STATES[state]
    record = CertificationFactory(profile=quiet, **({"expires_on": timezone.now().date() + timedelta(days=9)} | values))
    agree(quiet)

    assert told(client) == without
    Block.objects.create(profile=quiet, client=Client.objects.get())
    assert told(client) == without
    assert Certification.objects.filter(pk=record.pk).exists()


def test_a_look_at_the_list_is_in_the_owners_log(lead, client):
    record = soon()
    shortlist(record.profile, lead)

    client.get(PAGE)

    assert ClientView.objects.get().profile == record.profile


def test_the_queries_do_not_depend_on_the_length(lead, client, django_assert_num_queries):
    shortlist(soon().profile, lead)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for _ in range(4):
        shortlist(soon().profile, lead)

    with django_assert_num_queries(len(few)):
        client.get(PAGE)
