"""The evidence letter: what was known of a business on a past day, and what is known now."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certifications.models import Block, Certification, ClientView, Consent
from common.history import events_of
from common.translation import plain
from profiles.models import Client, Profile
from tests.factories import ProfileFactory
from tests.spend.examples import moment
from tests.spend.test_report import certified

pytestmark = pytest.mark.django_db

LETTER = "/spend/letter/freelancers/ann/"


@pytest.fixture
def ann(lead):
    """A business whose certificate of 2026 was added on March 1 and checked by staff that day."""
    profile = ProfileFactory(slug="ann", name="Ann Ames")
    record = certified("woman", profile, "2026-01-01", "2030-12-31", known_at="2026-03-01")
    Certification.objects.filter(pk=record.pk).update(number="W-1", legal_business_name="Ames Works LLC")
    events_of(Certification).update(pgh_created_at=moment("2026-03-01"))
    return profile


def told(client, **query):
    response = client.get(LETTER, query)
    assert response.status_code == 200
    return " ".join(plain(response.text.split("<main")[1]).split())


def test_it_tells_what_was_known_then_apart_from_what_is_known_now(ann, client):
    late, known = told(client, on="2026-02-10"), told(client, on="2026-03-20")

    assert "Valid on that day Not known Yes" in late
    assert "Certificate number W-1" in late
    assert "Valid on that day Yes Yes" in known
    assert "Certificate number W-1 W-1" in known
    assert "Issued Jan 1, 2026 Jan 1, 2026" in known
    assert "Verification level Document checked Document checked" in known
    assert "Source Copy of the certificate Copy of the certificate" in known


def test_a_day_before_the_certificate_has_none(ann, client):
    assert "No certification of this business is known to have been valid" in told(client, on="2025-06-01")


def test_without_a_day_it_is_of_today_and_a_day_that_is_none_is_told(ann, client):
    assert "Valid on that day Yes Yes" in told(client)
    assert "Enter a date, like 03/31/2027" in told(client, on="soon")
    assert "Day must be today or earlier" in told(client, on="2999-01-01")


def test_the_letter_is_there_as_pdf(ann, client):
    response = client.get(LETTER, {"on": "2026-03-20", "format": "pdf"})

    assert response["Content-Type"] == "application/pdf"
    assert 'filename="certifications-ann-2026-03-20.pdf"' in response["Content-Disposition"]
    assert response.content.startswith(b"%PDF")


@pytest.mark.parametrize("act", ["hide", "suspend", "block", "consent", "pause", "take down", "audience"])
def test_what_the_client_may_not_count_now_has_no_letter_whatever_the_day(act, ann, client):
    assert client.get(LETTER).status_code == 200
    record = ann.certifications.get()
    match act:
        case "hide":
            record.hide()
        case "suspend":
            record.suspend(by=None, reason="under_check")
        case "block":
            Block.objects.create(profile=ann, client=Client.objects.get())
        case "consent":
            Consent.objects.filter(purpose=Consent.Purpose.COUNT).update(is_given=False)
        case "pause":
            Consent.objects.filter(purpose=Consent.Purpose.SHOW).update(is_given=False)
        case "take down":
            Profile.objects.update(is_active=False)
        case "audience":
            record.show_to(Certification.Audience.NOBODY)

    ProfileFactory(slug="uncertified")
    for query in ({}, {"on": "2026-03-20"}, {"on": "2026-03-20", "format": "pdf"}):
        answer = client.get(LETTER, query)
        other = client.get("/spend/letter/freelancers/uncertified/", query)
        nowhere = client.get("/spend/letter/freelancers/no-such-profile/", query)
        assert answer.status_code == other.status_code == nowhere.status_code == 404
        assert answer.text.replace("ann", "") == other.text.replace("uncertified", "")


def test_a_letter_is_in_the_owners_log(ann, client):
    client.get(LETTER)

    assert ClientView.objects.get().profile == ann


def test_the_queries_do_not_depend_on_what_is_found(ann, client, django_assert_num_queries):
    client.get(LETTER)
    with CaptureQueriesContext(connection) as few:
        client.get(LETTER)
    for key in ("minority", "veteran", "lgbt"):
        certified(key, ann, "2026-01-01", "2030-12-31", known_at="2026-03-01")

    with django_assert_num_queries(len(few)):
        assert client.get(LETTER).text.count("Known now") == 4
