"""The start page of the administration shows what waits, and the menus by subject."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from marketplace.start_page import NAMES, SUBJECTS
from rollout.models import RolloutPolicy
from tests.factories import (
    CaseFactory,
    ClientFactory,
    ConcernFactory,
    ProfileFactory,
    RegisterFactory,
    UserFactory,
)
from tests.site import sign_in, staff

pytestmark = pytest.mark.django_db
START = reverse("admin:index")


def concern():
    return ConcernFactory(profile=ProfileFactory(), reporter=UserFactory(), client=ClientFactory())


def counts(response):
    return {work.title: work.count for work in response.context["work"]}


def test_every_model_of_the_administration_stands_under_one_subject():
    named = [label for subject in SUBJECTS for label in subject.models]

    assert sorted(named) == sorted(model._meta.label for model in admin.site._registry)


def test_a_page_is_called_what_the_menu_calls_it():
    packages = {"account", "auth", "django_tasks_database", "mfa"}
    called = {
        label: (name, capfirst(str(apps.get_model(label)._meta.verbose_name_plural)))
        for subject in SUBJECTS
        for label, name in subject.models.items()
        if label.split(".")[0] not in packages and label != "rollout.RolloutPolicy"  # its page has a title of its own
    }

    assert [names for names in called.values() if len(set(names)) > 1] == []


@pytest.mark.parametrize(
    "label", ["auth.Group", "mfa.Authenticator", "django_tasks_database.DBTaskResult", "account.EmailAddress"]
)
def test_the_list_of_a_package_is_called_what_the_menu_calls_it(client, label):
    sign_in(client, staff(is_superuser=True), again=True)

    page = client.get(reverse(f"admin:{label.lower().replace('.', '_')}_changelist")).text

    name = NAMES[label]
    assert f"<title>{name} | " in " ".join(page.split()).replace("<title> ", "<title>")
    assert f"<h1>{name}</h1>" in page
    assert f'<li aria-current="page">{name}</li>' in page


def test_the_menu_marks_the_one_line_that_is_open(client):
    sign_in(client, staff(is_superuser=True), again=True)

    page = client.get(reverse("admin:certifications_support")).text

    assert re.findall('aria-current="page">([^<]+)</a>', page) == ["Who sees what"]


def test_the_start_page_shows_what_waits_with_the_oldest_case(client):
    CaseFactory(opened_at=timezone.now() - timedelta(days=12))
    CaseFactory(outcome="kept")
    concern()
    RegisterFactory()
    RolloutPolicy(plans=["plus", "business", "enterprise"], reason="More clients.").propose(by=UserFactory())
    sign_in(client, staff(is_superuser=True), again=True)

    page = client.get(START)

    assert "The oldest has waited 12 days" in page.text
    found = counts(page)
    assert (found["Open cases"], found["Open concerns"], found["Roll-out changes to approve"]) == (1, 1, 1)
    for work in page.context["work"]:
        assert client.get(work.url).status_code == 200


def test_the_start_page_shows_only_what_this_person_may_open(client):
    CaseFactory()
    concern()
    reader = staff(Permission.objects.get(codename="view_concern"))
    sign_in(client, reader)

    page = client.get(START)

    assert counts(page) == {"Open concerns": 1}
    assert [subject["name"] for subject in page.context["app_list"]] == ["Review"]


def test_a_proposal_does_not_wait_for_its_own_author(client):
    person = staff(Permission.objects.get(codename="add_rolloutpolicy"))
    RolloutPolicy(plans=["plus", "business", "enterprise"], reason="More clients.").propose(by=person)
    sign_in(client, person)

    assert counts(client.get(START)) == {"Roll-out changes to approve": 0}


@pytest.mark.parametrize(
    ("stated", "words"),
    [("America/New_York", "New York time"), ("Nowhere/At all", "UTC"), ("../../etc/passwd", "UTC"), ("", "UTC")],
)
def test_times_are_shown_in_the_time_zone_of_the_browser(stated, words, client):
    sign_in(client, staff(Permission.objects.get(codename="view_concern")))
    client.cookies["time_zone"] = stated

    assert f"Times are in {words}" in client.get(START).text
