"""Webhooks are told of changes of certifications that their client has, and of nothing else about a record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certifications.data import erasure
from certifications.models import Block, Certification, Consent, Pause
from integrations.models import Delivery, EventType, Given
from integrations.webhooks import changes
from tests.factories import CertificationFactory, EvidenceFactory, UserFactory
from tests.integrations.programs import Program, admin_of
from tests.integrations.test_webhooks import webhook_at
from tests.site import roll_out

pytestmark = pytest.mark.django_db


def listener(**client):
    """A program of a new client whose webhook listens for changes."""
    program = Program(admin_of(**client))
    webhook_at("https://192.0.2.1/", client=program.client, events=[EventType.CERTIFICATION_CHANGED])
    return program


def take(program):
    """What the program is given, at this moment: `now()` of the database is the beginning of the test."""
    found = program.results("/certifications")
    Given.objects.update(given_at=timezone.now())
    return found


def told():
    """The keys that clients are told of now, by client."""
    changes.tell()
    deliveries = Delivery.objects.order_by("pk").values_list("webhook__client", "data__certification")
    found = list(deliveries)
    Delivery.objects.all().delete()
    return found


def edit(record):
    Certification.objects.filter(pk=record.pk).update(details_changed_at=timezone.now())


HIDING = {
    "hide": lambda client, record: record.hide(),
    "withdraw": lambda client, record: record.withdraw(),
    "suspend": lambda client, record: record.suspend(by=None, reason=Certification.Reason.UNDER_CHECK),
    "block": lambda client, record: Block.objects.create(profile=record.profile, client=client),
    "pause": lambda client, record: Pause.objects.create(profile=record.profile),
    "expire": lambda client, record: Certification.objects.update(expires_on=timezone.now() - timedelta(days=2)),
    "no consent": lambda client, record: Consent.objects.filter(purpose=Consent.Purpose.FIND).update(is_given=False),
    "erase": lambda client, record: erasure.erase(record.profile, by=UserFactory()),
    "delete": lambda client, record: record.profile.delete(),
    "stop showing": lambda client, record: roll_out(is_paused=True),
}


def test_client_is_told_once_of_each_change_of_what_it_has():
    program = listener()
    record = CertificationFactory(found=True)
    [given] = take(program)
    assert told() == []

    for change in (edit, lambda record: EvidenceFactory(certification=record)):
        change(record)
        assert told() == [(program.client.pk, given["id"])]
        assert told() == []


@pytest.mark.parametrize("hide", HIDING)
def test_client_is_told_once_of_what_it_may_not_be_shown_any_more(hide):
    program = listener()
    record = CertificationFactory(found=True)
    [given] = take(program)

    HIDING[hide](program.client, record)

    assert told() == [(program.client.pk, given["id"])]
    edit(record)
    assert told() == []
    assert [row["id"] for row in program.results("/certifications/removed")] == [given["id"]]


def test_record_that_is_shown_again_is_told_and_what_happened_meanwhile_is_not():
    program = listener()
    record = CertificationFactory(found=True)
    [given] = take(program)
    record.hide()
    told()
    edit(record)
    assert told() == []

    record.show()

    assert told() == [(program.client.pk, given["id"])]
    assert told() == []


def test_what_one_system_learns_by_asking_is_told_to_another():
    """Both have the same client. One asks the API, the other waits for its webhook."""
    program = listener()
    record = CertificationFactory(found=True)
    [given] = take(program)
    about_it = [(program.client.pk, given["id"])]

    record.hide()
    assert [row["id"] for row in program.results("/certifications/removed")] == [given["id"]]
    assert (told(), told()) == (about_it, [])

    record.show()
    program.results("/certifications")
    assert (told(), told()) == (about_it, [])

    record.hide()
    program.results("/certifications/removed")
    assert (told(), told()) == (about_it, [])


def test_client_that_cannot_be_told_does_not_hold_up_others(monkeypatch):
    broken, other = listener(), listener()
    record = CertificationFactory(found=True)
    take(broken)
    [given] = take(other)
    edit(record)
    tell = changes._tell

    def fail(client, policy):
        if client == broken.client:
            raise ValueError
        return tell(client, policy)

    monkeypatch.setattr(changes, "_tell", fail)
    with pytest.raises(ExceptionGroup) as failed:
        changes.tell()

    assert [error.__notes__ for error in failed.value.exceptions] == [
        [f"Client {broken.client.pk} could not be told: certification.changed."]
    ]
    assert list(Delivery.objects.values_list("webhook__client", "data__certification")) == [
        (other.client.pk, given["id"])
    ]


@pytest.mark.parametrize("hide", ["hide", "block", "pause", "no consent"])
def test_client_that_never_had_a_record_is_told_nothing_of_it(hide):
    without, having = listener(), listener()
    record = CertificationFactory(found=True)
    take(having)

    edit(record)
    assert {client for client, _ in told()} == {having.client.pk}
    HIDING[hide](without.client, record)
    assert without.client.pk not in {client for client, _ in told()}


def test_client_that_is_blocked_is_told_as_if_the_record_were_hidden():
    """It cannot tell a block from a record that no one is shown anymore."""
    blocked, other = listener(), listener()
    record = CertificationFactory(found=True)
    ids = {program.client.pk: take(program)[0]["id"] for program in (blocked, other)}
    assert len(set(ids.values())) == 2

    Block.objects.create(profile=record.profile, client=blocked.client)

    assert told() == [(blocked.client.pk, ids[blocked.client.pk])]


def test_many_changes_are_one_event_that_names_none(monkeypatch):
    monkeypatch.setattr(changes, "MOST", 2)
    program = listener()
    for _ in range(3):
        CertificationFactory(found=True)
    take(program)

    roll_out(is_paused=True)

    assert told() == [(program.client.pk, None)]
    assert Given.objects.filter(is_told_gone=True).count() == 3


@pytest.mark.slow
def test_number_of_queries_does_not_depend_on_how_much_changed(django_assert_num_queries):
    program = listener()
    for _ in range(3):
        CertificationFactory(found=True)
        take(program)
        Certification.objects.update(details_changed_at=timezone.now())
        with django_assert_num_queries(10):
            changes.tell()
