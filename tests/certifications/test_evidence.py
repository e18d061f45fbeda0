"""The ladder: each step a row, the record's step those that hold now."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from certifications.badges import badges_for_clients
from certifications.models import Certification, Evidence, Step
from common.days import day
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from tests.certifications.typing_in import ASKED, agreed, typed
from tests.factories import CertificationFactory, DocumentFactory, EvidenceFactory, RegisterMatchFactory
from tests.site import client_person, person
from verification.models import Document
from verification.record_page import ladder

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


@pytest.fixture
def record():
    return CertificationFactory(profile__owner=person(), profile__time_zone="UTC")


def step_of(record):
    found = Certification.objects.with_step().get(pk=record.pk)
    return found.step, found.known_on


def in_register(record, **values):
    return RegisterMatchFactory(
        record=record, **{f"evidence__{name}": value for name, value in values.items()}
    ).evidence


def test_without_evidence_a_record_is_self_reported(record):
    assert step_of(record) == (Step.SELF_REPORTED, TODAY)
    assert Certification.objects.with_step().get().known == f"Self-reported {day(record.self_reported_at)}"


def test_the_highest_step_that_holds_counts_with_its_newest_date(record):
    EvidenceFactory(certification=record, step=Step.CERTIFIER, holds_until=TODAY - timedelta(days=1),
                    evidence_on=TODAY - timedelta(days=400))  # fmt: skip
    in_register(record, evidence_on=TODAY - timedelta(days=30))
    in_register(record, evidence_on=TODAY - timedelta(days=2))
    EvidenceFactory(certification=record)

    assert step_of(record) == (Step.REGISTER, TODAY - timedelta(days=2))


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ({"holds_until": TODAY}, Step.DOCUMENT),
        ({"holds_until": TODAY - timedelta(days=1), "evidence_on": TODAY - timedelta(days=9)}, Step.SELF_REPORTED),
        ({"ended_at": timezone.now(), "ended_because": "withdrawn"}, Step.SELF_REPORTED),
        ({"reported_at": timezone.now() - timedelta(days=1)}, Step.SELF_REPORTED),
    ],
    ids=["its last day", "past it", "ended", "of an older report"],
)
def test_a_step_expires_by_itself(record, values, step):
    EvidenceFactory(certification=record, **values)

    assert step_of(record)[0] == step


def test_a_day_ends_in_the_owners_time_zone():
    west = CertificationFactory(profile__time_zone="Pacific/Pago_Pago")  # where it is yesterday for a good while
    EvidenceFactory(certification=west, holds_until=west.profile.today(), evidence_on=TODAY - timedelta(days=9))

    assert step_of(west)[0] == Step.DOCUMENT


def test_a_change_of_substance_makes_a_record_self_reported_again(record, client):
    EvidenceFactory(certification=record)
    client.force_login(record.profile.users.get())
    edit = f"{record.get_absolute_url()}edit/"

    response = client.post(
        edit, typed(record.certificate, prefix="", number="NEW-1") | agreed(version=record.updated_at.isoformat())
    )

    assert response.status_code == 302
    assert Certification.objects.get().number == "NEW-1"
    assert step_of(record)[0] == Step.SELF_REPORTED
    assert Evidence.objects.count() == 1  # kept as history


def test_the_badge_and_its_details_name_the_step_and_its_date(record, client):
    evidence = in_register(record, source="County list, state of Nov 1, 2026", holds_until=TODAY + timedelta(days=9))
    level, since = "Listed in a public directory", day(evidence.evidence_on)
    buyer = client_person("enterprise")

    [badge], _ = badges_for_clients(record.profile, Viewer(buyer), RolloutPolicy.in_force())
    client.force_login(buyer)
    page = client.get(record.profile.get_absolute_url()).text
    client.force_login(record.profile.users.get())
    own = client.get(record.get_absolute_url()).text

    assert badge.known == f"{level} {since}"
    assert all(words in page and words in own for words in (level, since))
    assert "Self-reported</span>" not in page
    assert "County list, state of Nov 1, 2026" in own
    assert "County list" not in page  # a client is told how it is known, not from what


def test_the_ladder_shows_each_step_as_reached_or_not(record):
    EvidenceFactory(certification=record)

    rungs = ladder(record)

    assert [(rung.label, rung.is_reached, rung.is_current) for rung in rungs] == [
        ("Self-reported", True, False),
        ("Document checked", True, True),
        ("Listed in a public directory", False, False),
        ("Confirmed by the certifier", False, False),
    ]


def test_the_ladder_says_that_an_attached_copy_waits_for_its_check(client, record):
    client.force_login(record.profile.users.get())
    before = client.get(record.get_absolute_url()).text
    document = DocumentFactory(certification=record)
    waiting = client.get(record.get_absolute_url()).text
    Document.objects.filter(pk=document.pk).update(reviewed_at=timezone.now())
    reviewed = client.get(record.get_absolute_url()).text

    assert "Attach a copy of your certificate below." in before
    assert "We&#x27;ll check the copy you attached." in waiting
    assert "Attach a copy of your certificate below." in reviewed


# What the database holds to


@pytest.mark.parametrize(
    "values",
    [
        {"step": 0},
        {"step": 4},
        {"source": ""},
        {"holds_until": TODAY - timedelta(days=1)},
        {"ended_at": timezone.now()},
        {"ended_because": "vanished"},
    ],
)
def test_the_database_refuses_inconsistent_evidence(record, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidenceFactory(certification=record, **values)
    with pytest.raises(ValidationError):
        EvidenceFactory.build(certification=record, **values).full_clean()


def test_the_database_stores_no_evidence_older_than_the_certificate(record):
    Certification.objects.update(issued_on=TODAY)

    with pytest.raises(IntegrityError, match="older than the certificate"), transaction.atomic():
        EvidenceFactory(certification=record, evidence_on=TODAY - timedelta(days=1))
    with pytest.raises(Evidence.TooEarly):
        Certification.objects.get().gain(
            EvidenceFactory.build(certification=record, evidence_on=TODAY - timedelta(days=1))
        )
    EvidenceFactory(certification=record, evidence_on=TODAY)


def test_evidence_older_than_a_day_of_issue_entered_later_no_longer_counts(record):
    EvidenceFactory(certification=record, evidence_on=TODAY - timedelta(days=9))
    assert step_of(record)[0] == Step.DOCUMENT

    Certification.objects.update(issued_on=TODAY - timedelta(days=8))

    record.refresh_from_db()
    assert step_of(record)[0] == Step.SELF_REPORTED
    assert not Evidence.objects.of(record).exists()


def test_evidence_never_changes(record):
    evidence = EvidenceFactory(certification=record)

    for values in ({"step": Step.CERTIFIER}, {"source": "x"}, {"holds_until": TODAY}, {"reported_at": timezone.now()}):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Evidence.objects.filter(pk=evidence.pk).update(**values)
    assert Evidence.objects.filter(pk=evidence.pk).update(ended_at=timezone.now(), ended_because="withdrawn")


def test_evidence_of_the_old_certificate_does_not_cover_the_renewed_one(record, client):
    EvidenceFactory(certification=record, holds_until=record.expires_on)
    client.force_login(record.profile.users.get())
    dates = {"issued_on": "", "expires_on": record.expires_on + timedelta(days=365)}
    renew = f"{record.get_absolute_url()}renew/"

    preview = client.post(renew, dates | ASKED).text
    client.post(renew, dates | agreed(version=record.updated_at.isoformat()))

    assert "Document checked" not in preview

    assert Certification.objects.get().expires_on == dates["expires_on"]
    assert step_of(record)[0] == Step.SELF_REPORTED


def test_evidence_of_a_certificate_that_does_not_expire_holds(record):
    endless = CertificationFactory(expires_on=None, does_not_expire=True)
    EvidenceFactory(certification=endless)

    assert step_of(endless)[0] == Step.DOCUMENT
