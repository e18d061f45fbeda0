"""Reports of concern: who can make one, what its reporter gets to know, and how staff close it."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse

from certifications.models import Block, ClientView, Concern
from tests.factories import CertificationFactory, ConcernFactory, MembershipFactory, ProfileFactory, UserFactory
from tests.site import client_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_from_before():
    cache.clear()


@pytest.fixture
def record():
    return CertificationFactory(profile__owner=UserFactory(), profile__name="Fay Freeman")


def url(profile):
    return f"{profile.get_absolute_url()}certifications/concern/"


def typed(record, **values):
    return {"certification": record.pk, "kind": "false", "text": "The register does not list it."} | values


@pytest.fixture
def staff(settings):
    settings.DEBUG = True
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_concern", "close_concern"]))
    return user


def test_a_report_reaches_staff_with_its_context_and_its_reporter_gets_a_receipt(client, record):
    user = client_person("enterprise")
    client.force_login(user)

    with TestCase.captureOnCommitCallbacks(execute=True):
        response = client.post(url(record.profile), typed(record))

    concern = Concern.objects.get()
    assert response.url == concern.get_absolute_url()
    assert (concern.profile, concern.certification, concern.reporter) == (record.profile, record, user)
    assert concern.client == user.clients.get()
    assert concern.number in client.get(response.url).text
    assert [message.to for message in mail.outbox] == [[user.email]]
    assert concern.number in client.get(reverse("certifications:concerns")).text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": ""}, "Choose what it"),
        ({"text": ""}, "Enter what you saw"),
        ({"text": "x" * 2001}, "at most 2,000 characters"),
        ({"text": "a\x07b"}, "a character that can"),
        ({"certification": "999999"}, "Select a valid choice"),
    ],
)
def test_bad_input_is_explained_and_kept(values, words, client, record):
    client.force_login(client_person("business"))

    text = client.post(url(record.profile), typed(record) | {"text": "Kept words"} | values).text

    assert words in text
    assert "text" in values or "Kept words" in text
    assert not Concern.objects.exists()


@pytest.mark.slow
def test_people_who_see_no_certification_get_no_form(client, record):
    blocked = client_person("enterprise")
    Block.objects.create(profile=record.profile, client=blocked.clients.get())
    for user in (client_person("basic"), UserFactory(), record.profile.users.get(), blocked):
        client.force_login(user)
        assert client.get(url(record.profile)).status_code == 404
        assert client.post(url(record.profile), typed(record)).status_code == 404
    client.force_login(client_person("enterprise"))
    assert client.get(url(ProfileFactory())).status_code == 404
    assert not Concern.objects.exists()


def test_the_form_names_the_certifications_and_is_noted_as_a_view(client, record):
    client.force_login(client_person("enterprise"))
    client.get(url(record.profile))
    assert ClientView.objects.get().profile == record.profile

    reader = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(reader)
    assert client.get(url(record.profile)).status_code == 404


@pytest.mark.slow
def test_only_certifications_that_the_reporter_sees_can_be_chosen(client, record):
    hidden = CertificationFactory(profile=record.profile, audience="nobody", certificate__name="Secret Certificate")
    client.force_login(client_person("enterprise"))

    assert "Secret Certificate" not in client.get(url(record.profile)).text
    assert "Select a valid choice" in client.post(url(record.profile), typed(hidden)).text


@pytest.mark.slow
def test_too_many_reports_within_an_hour_are_refused_and_their_words_kept(client, record):
    client.force_login(client_person("enterprise"))
    for number in range(5):
        assert client.post(url(record.profile), typed(record, text=f"Report {number}")).status_code == 302

    text = client.post(url(record.profile), typed(record, text="The sixth report")).text

    assert "sent several reports within an hour" in text
    assert "The sixth report" in text
    assert Concern.objects.count() == 5


def test_a_second_click_does_not_report_twice(client, record):
    client.force_login(client_person("enterprise"))

    answers = [client.post(url(record.profile), typed(record)).url for _ in range(2)]

    assert answers[0] == answers[1] == Concern.objects.get().get_absolute_url()


def test_only_its_reporter_reads_a_receipt_and_it_names_no_certification(client, record):
    user = client_person("enterprise")
    concern = ConcernFactory(profile=record.profile, certification=record, reporter=user)
    client.force_login(user)
    text = client.get(concern.get_absolute_url()).text
    for hidden in (record.number, record.legal_business_name, record.certificate.name, record.type.name):
        assert hidden not in text

    client.force_login(client_person("enterprise"))
    assert client.get(concern.get_absolute_url()).status_code == 404
    assert concern.number not in client.get(reverse("certifications:concerns")).text


def close(client, concern, **data):
    data = {"action": "close", "_selected_action": [concern.pk], **data}
    return client.post(reverse("admin:certifications_concern_changelist"), data, follow=True)


def test_staff_close_a_concern_once_and_its_reporter_gets_the_outcome(client, record, staff):
    concern = ConcernFactory(profile=record.profile, reporter=UserFactory(email="reporter@example.test"))
    client.force_login(staff)
    assert "Choose an outcome" in close(client, concern).text
    assert Concern.objects.get().outcome == ""

    with TestCase.captureOnCommitCallbacks(execute=True):
        close(client, concern, confirmed="1", outcome="unfounded", note="The register lists it.")
        again = close(client, concern, confirmed="1", outcome="acted")

    concern.refresh_from_db()
    assert (concern.outcome, concern.closed_by) == ("unfounded", staff)
    assert "was not changed. It is closed already" in again.text
    [message] = mail.outbox
    assert message.to == ["reporter@example.test"]
    assert "We looked into it and found no reason to act" in message.body
    assert "The register lists it." in message.body


@pytest.mark.slow
def test_an_open_concern_is_closed_by_a_button_on_its_page_and_a_closed_one_offers_none(client, record, staff):
    concern = ConcernFactory(profile=record.profile, reporter=UserFactory())
    page = reverse("admin:certifications_concern_change", args=[concern.pk])
    client.force_login(staff)

    shown = client.get(page).text
    assert shown.count('name="CHANGE_FORM-action" value="close">Close this concern…</button>') == 2
    assert "Back to the list" in shown
    asked = client.post(page, {"CHANGE_FORM-action": "close", "_selected_action": concern.pk})
    assert asked.context["title"] == f"Close concern {concern.number}"
    close(client, concern, confirmed="1", outcome="unfounded")

    assert "Close this concern" not in client.get(page).text
    assert "It is closed already" in close(client, concern).text


@pytest.mark.slow
def test_staff_are_offered_no_link_to_the_receipt_or_the_editors_page(client, record, staff):
    concern = ConcernFactory(profile=record.profile, reporter=UserFactory())
    staff.user_permissions.add(Permission.objects.get(codename="view_certification"))
    client.force_login(staff)

    for row in (concern, record):
        page = client.get(reverse(f"admin:certifications_{row._meta.model_name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert "View on site" not in page.text


def test_staff_cannot_close_a_concern_about_their_own_profile(client, record, staff):
    concern = ConcernFactory(profile=record.profile, reporter=UserFactory())
    MembershipFactory(profile=record.profile, user=staff)
    client.force_login(staff)

    assert "someone else has to decide" in close(client, concern, confirmed="1", outcome="acted").text
    assert Concern.objects.get().outcome == ""


def test_staff_without_the_permission_see_no_concern(client, record, staff):
    concern = ConcernFactory(profile=record.profile, reporter=UserFactory())
    staff.user_permissions.clear()
    client.force_login(staff)

    assert client.get(reverse("admin:certifications_concern_change", args=[concern.pk])).status_code in {302, 403, 404}
    assert close(client, concern, confirmed="1", outcome="acted").status_code == 403


def test_a_concern_closed_without_outcome_is_refused_by_the_database(record):
    concern = ConcernFactory(profile=record.profile, reporter=UserFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        Concern.objects.filter(pk=concern.pk).update(outcome="acted")
