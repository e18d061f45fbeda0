"""What staff may read and do, and what is written down of it."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse

from certifications.history import history
from certifications.models import Certification, Disclosure
from tests.factories import CertificationFactory, MembershipFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
CHANGELIST = "admin:certifications_certification_changelist"


@pytest.fixture
def staff(client, settings):
    settings.DEBUG = True  # with DEBUG off, staff need a second factor: see below
    user = UserFactory(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_certification", "decide_certification", "view_disclosure"])
    )
    client.force_login(user)
    return user


def decide(client, action, *records, **data):
    pks = [record.pk for record in records]
    return client.post(reverse(CHANGELIST), {"action": action, "_selected_action": pks, **data}, follow=True)


def test_without_a_second_factor_staff_are_sent_to_set_one_up(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    response = client.get(reverse("admin:index"))

    assert response.url == reverse("mfa_activate_totp")


def test_the_admin_uses_the_sites_own_sign_in(client):
    response = client.get("/admin/login/")

    assert response.url.startswith("/accounts/login/")


def test_each_read_of_a_record_is_logged(client, staff):
    record = CertificationFactory()
    detail = reverse("admin:certifications_certification_change", args=[record.pk])
    past = reverse("admin:certifications_certification_history", args=[record.pk])

    assert client.get(detail).status_code == 200
    assert client.get(past).status_code == 200

    assert list(record.staff_reads.order_by("pk").values_list("page", "staff")) == [
        (detail, staff.pk),
        (past, staff.pk),
    ]


def test_staff_write_nothing_that_a_person_attested(client, staff):
    staff.user_permissions.set(Permission.objects.all())
    record = CertificationFactory()
    args = [record.pk]

    assert client.get(reverse("admin:certifications_certification_add")).status_code == 403
    assert (
        client.post(reverse("admin:certifications_certification_change", args=args), {"number": "X"}).status_code == 403
    )
    assert (
        client.post(reverse("admin:certifications_certification_delete", args=args), {"post": "yes"}).status_code == 403
    )


def test_a_decision_needs_a_reason_and_a_confirmation(client, staff):
    record = CertificationFactory()

    asked = decide(client, "suspend", record)
    assert "Confirm" in asked.text
    assert Certification.objects.get().standing == "good"

    decide(client, "suspend", record, confirmed="1", reason="not_found", note="Please check the number.")
    record.refresh_from_db()
    assert (record.standing, record.standing_reason, record.standing_by) == ("suspended", "not_found", staff)

    again = decide(client, "suspend", record, confirmed="1", reason="ended")
    assert "somebody decided this already" in again.text

    decide(client, "refuse", record, confirmed="1", reason="ended")
    decide(client, "lift", record, confirmed="1")
    record.refresh_from_db()
    assert record.standing == "good"


def test_nobody_decides_a_profile_they_belong_to(client, staff):
    record = CertificationFactory(profile=MembershipFactory(user=staff).profile)

    response = decide(client, "refuse", record, confirmed="1", reason="ended")

    assert "you belong to this profile" in response.text
    assert Certification.objects.get().standing == "good"


def test_without_the_permission_no_decision_is_offered(client, staff):
    staff.user_permissions.set(Permission.objects.filter(codename="view_certification"))
    CertificationFactory()

    assert "Suspend the selected" not in client.get(reverse(CHANGELIST)).text


@pytest.mark.parametrize("count", [2, 6])
def test_the_list_costs_the_same_whatever_its_length(client, staff, count, django_assert_max_num_queries):
    first = CertificationFactory(number="SAME-1")
    for _ in range(count - 1):
        CertificationFactory(certificate=first.certificate, number="same1")

    with django_assert_max_num_queries(12):
        response = client.get(reverse(CHANGELIST), {"elsewhere": "yes"})

    assert response.context["cl"].result_count == count


@pytest.mark.parametrize(("days", "count"), [("30", 0), ("90", 0), ("past", 1)])
def test_records_are_found_by_when_they_expire(client, staff, days, count):
    CertificationFactory(expires_on="2020-01-01")
    CertificationFactory()

    assert client.get(reverse(CHANGELIST), {"expires": days}).context["cl"].result_count == count


@pytest.mark.django_db(transaction=True)  # as in life, the request's transaction has ended when the other write comes
def test_history_tells_what_changed_and_who_did_it_even_outside_the_site(client):
    user = UserFactory()
    record = CertificationFactory(profile=ProfileFactory(owner=user))
    client.force_login(user)
    client.post(f"{record.profile.get_absolute_url()}certifications/{record.pk}/hide/")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_certification SET number = 'CHANGED' WHERE id = %s", [record.pk])

    added, hidden, changed = history(record)

    assert (added["who"], added["changes"]) == ("outside the site", [])
    assert hidden["who"] == user.email
    assert [name for name, _, _ in hidden["changes"]] == ["hidden at"]
    assert changed["who"] == "outside the site"
    assert changed["changes"] == [("certificate number", record.number, "CHANGED")]


def test_an_answer_has_a_history_too(client, staff):
    answer = Disclosure.objects.create(profile=ProfileFactory(), answer="not_applicable")

    response = client.get(reverse("admin:certifications_disclosure_history", args=[answer.pk]))

    assert "insert" in response.text


def test_every_list_and_form_of_the_admin_opens(client, settings):
    settings.DEBUG = True
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    CertificationFactory()
    MembershipFactory()
    for app, model in [
        *[
            ("certifications", name)
            for name in (
                "certificate",
                "certificationtype",
                "certifyingbody",
                "countryinterest",
                "staffread",
                "disclosure",
            )
        ],
        *[("profiles", name) for name in ("user", "profile", "client", "clientmembership", "membership", "invitation")],
    ]:
        listed = client.get(reverse(f"admin:{app}_{model}_changelist"))
        assert listed.status_code == 200
        for row in listed.context["cl"].result_list[:1]:
            assert client.get(reverse(f"admin:{app}_{model}_change", args=[row.pk])).status_code == 200
