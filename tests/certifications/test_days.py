"""The days of events: one date each, that of the owner's calendar, on every page, in files and in emails."""

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pgtrigger
import pytest
from django.apps import apps
from django.db.models import DateTimeField
from django.urls import reverse
from django.utils import timezone

from certifications.models import Certification, Consent, UsBusiness
from common.days import day
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing.exports import rows
from tests.factories import CaseFactory, CertificationFactory
from tests.in_force import with_status
from tests.site import Site, pages_for
from verification.admin.review import DecisionForm
from verification.review.cases import write_decision

pytestmark = pytest.mark.django_db

LOCAL_DAY = timezone.now().date() - timedelta(days=20)
# Late in the evening in Honolulu: in UTC the next day has begun.
EVENING = datetime.combine(LOCAL_DAY, time(23, 30), ZoneInfo("Pacific/Honolulu"))
SAID, NEVER_SAID = day(LOCAL_DAY), day(EVENING.astimezone(UTC).date())


def happened_in_the_evening():
    """Move every moment that the section keeps to EVENING."""
    with pgtrigger.ignore():
        for model in [
            *apps.get_app_config("certifications").get_models(),
            *apps.get_app_config("verification").get_models(),
        ]:
            for field in model._meta.concrete_fields:
                if isinstance(field, DateTimeField) and not field.generated:
                    model._base_manager.exclude(**{field.name: None}).update(**{field.name: EVENING})


@pytest.fixture
def site():
    """A site whose freelancer lives in Honolulu, with a record that clients see, one withdrawn and one refused."""
    site = Site()
    Profile.objects.update(time_zone="Pacific/Honolulu")
    site.freelancer.refresh_from_db()
    vars(site)["shown"], _ = site.add_certifications()
    Consent.objects.create(
        profile=site.freelancer, purpose="find", is_given=True, version="2026-11", plans=["business", "enterprise"]
    )
    UsBusiness.objects.create(profile=site.freelancer, stated_by=site.owner)
    vars(site)["withdrawn"] = CertificationFactory(profile=site.freelancer, withdrawn_at=timezone.now())
    values = {"standing": "refused", "standing_reason": "not_found", "standing_at": timezone.now()}
    refused = CertificationFactory(profile=site.freelancer, **values)
    vars(site)["decision"] = CaseFactory(
        certification=refused, outcome="refused", reason="not_found", answer_by=timezone.now() + timedelta(days=14)
    )
    happened_in_the_evening()
    return site


def saying(pages, words):
    return {path for path, page in pages.items() if words in page}


def read(page):
    """The words of a page as they follow each other, whatever elements they are in."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.mark.slow
def test_an_owner_reads_the_date_of_their_own_calendar_on_each_page(site):
    page = site.freelancer.get_absolute_url()
    pages = pages_for(site, site.owner, under=[page])

    section = f"{page}certifications/"
    expected = [page, section, f"{page}preview/", f"{section}history/", f"{section}consent/", f"{section}copy/"]
    expected += [f"{section}{record.pk}/" for record in site.freelancer.certifications.all()]
    assert saying(pages, SAID) >= set(expected)
    assert saying(pages, NEVER_SAID) == set()
    shown, withdrawn = (read(pages[f"{section}{record.pk}/"]) for record in (site.shown, site.withdrawn))
    for words in (
        f"Self-reported since {SAID}",
        f"{SAID}. You entered and confirmed it.",
        f"attached {SAID}",
        f"In review since {SAID}",
    ):
        assert words in shown
    assert f"Removed {SAID}" in withdrawn


@pytest.mark.slow
def test_a_client_reads_the_same_date_on_every_page_with_a_badge(site, client):
    pages = pages_for(site, site.client_admin, under=[site.freelancer.get_absolute_url(), "/sourcing/"])

    assert f"Self-reported since {SAID}" in read(pages[site.freelancer.get_absolute_url()])
    assert f"Self-reported {SAID}" in read(pages["/sourcing/"])
    shortlist = site.client.shortlists.get()
    listed = reverse("sourcing:shortlist", args=[shortlist.pk])
    assert listed in saying(pages, SAID)
    client.force_login(site.client_admin)
    compared = client.get(f"{listed}compare/", {"entry": shortlist.entries.get().pk}).text
    assert f"Self-reported {SAID}" in read(compared)
    assert NEVER_SAID not in compared
    assert saying(pages, NEVER_SAID) == set()


@pytest.mark.slow
def test_a_file_has_the_same_date(site):
    [row] = rows.rows_of([site.shown.pk], Viewer(site.client_admin), RolloutPolicy.in_force(), timezone.now()).values()

    assert row["Verified on"] == LOCAL_DAY


def test_an_email_has_the_same_date(site):
    told = write_decision(site.owner.email, case_pk=site.decision.pk, editor_pk=site.owner.pk)

    assert SAID in told.text
    assert NEVER_SAID not in told.text


def test_a_record_read_without_its_step_has_the_same_date(site):
    assert Certification.objects.get(pk=site.shown.pk).known == f"Self-reported {SAID}"


def test_a_reviewer_starts_from_the_owners_day(site):
    record = with_status().with_step().get(pk=site.shown.pk)
    assert DecisionForm(record=record, candidates=[])["evidence_on"].value() == site.freelancer.today()


@pytest.mark.slow
def test_staff_pages_say_in_which_zone_their_times_are(site, client):
    client.force_login(site.root)

    assert "Times are in UTC." in client.get("/admin/").text
