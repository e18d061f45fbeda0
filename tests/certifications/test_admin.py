"""What staff may read and do, and what is written down of it."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from certifications.data.history import history
from certifications.models import Certification, CountryInterest, Disclosure, Fact, StaffRead
from tests.factories import (
    CertificateFactory,
    CertificationFactory,
    MembershipFactory,
    ProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
PLAIN_TEXTS = {"page", "country"}  # an address, a code
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


@pytest.mark.slow
def test_without_a_second_factor_staff_are_sent_to_set_one_up(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    response = client.get(reverse("admin:index"))

    assert response.url == reverse("mfa_activate_totp")


def test_the_admin_uses_the_sites_own_sign_in(client):
    response = client.get("/admin/login/")

    assert response.url.startswith("/accounts/login/")


@pytest.mark.slow
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


@pytest.mark.slow
def test_staff_cannot_change_what_a_person_attested(client, staff):
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


@pytest.mark.slow
def test_a_decision_needs_a_reason_and_a_confirmation(client, staff):
    record = CertificationFactory()

    asked = decide(client, "suspend", record)
    assert asked.context["title"] == f"Suspend record {record.pk}"
    assert Certification.objects.get().standing == "good"

    assert "Choose the reason" in decide(client, "suspend", record, confirmed="1", reason="").text
    assert Certification.objects.get().standing == "good"

    decide(client, "suspend", record, confirmed="1", reason="not_found", note="Please check the number.")
    record.refresh_from_db()
    assert (record.standing, record.standing_reason, record.standing_by) == ("suspended", "not_found", staff)

    again = decide(client, "suspend", record, confirmed="1", reason="ended")
    assert "was not changed. It is already suspended" in again.text

    decide(client, "refuse", record, confirmed="1", reason="ended")
    decide(client, "lift", record, confirmed="1")
    record.refresh_from_db()
    assert record.standing == "good"


@pytest.mark.parametrize(
    ("standing", "offered"),
    [("good", ["Suspend…", "Reject…"]), ("suspended", ["Reject…", "Reinstate…"]), ("refused", ["Reinstate…"])],
)
def test_a_record_offers_only_decisions_that_change_it(standing, offered, client, staff):
    record = CertificationFactory()
    if standing != "good":
        getattr(record, {"suspended": "suspend", "refused": "refuse"}[standing])(by=staff, reason="ended")

    page = client.get(reverse("admin:certifications_certification_change", args=[record.pk])).text

    buttons = re.findall(r'<button class="button" name="[\w-]+" value="\w+">([^<]+)</button>', page)
    assert buttons == 2 * offered


def test_no_one_decides_about_a_profile_they_belong_to(client, staff):
    record = CertificationFactory(profile=MembershipFactory(user=staff).profile)

    response = decide(client, "refuse", record, confirmed="1", reason="ended")

    assert "You belong to this profile" in response.text
    assert Certification.objects.get().standing == "good"


def test_without_the_permission_no_decision_is_offered(client, staff):
    staff.user_permissions.set(Permission.objects.filter(codename="view_certification"))
    CertificationFactory()

    listed = client.get(reverse(CHANGELIST)).text
    assert "Suspend" not in listed.replace("Suspended", "")


def test_a_decision_can_start_on_the_records_own_page(client, staff):
    record = CertificationFactory()
    url = reverse("admin:certifications_certification_change", args=[record.pk])

    asked = client.post(url, {"CHANGE_FORM-action": "refuse", "_selected_action": record.pk})

    assert asked.context["title"] == f"Reject record {record.pk}"
    assert Certification.objects.get().standing == "good"


@pytest.mark.slow
def test_a_decision_covers_no_more_records_than_one_can_read(client, staff, monkeypatch):
    monkeypatch.setattr("verification.admin.records.AT_ONCE", 1)
    records = [CertificationFactory(), CertificationFactory()]

    assert "Select up to 1 records" in decide(client, "suspend", *records).text
    assert not StaffRead.objects.exists()


@pytest.mark.slow
def test_a_decision_about_records_that_are_gone_says_so(client, staff):
    record = CertificationFactory()
    gone = record.pk
    record.delete()

    assert "no longer exist" in decide(client, "suspend", Certification(pk=gone), confirmed="1", reason="ended").text


@pytest.mark.slow
def test_a_list_shows_no_details_so_that_every_read_of_them_is_logged(client, staff):
    record = CertificationFactory(number="MARKED-1", legal_business_name="Marked LLC", other_body="Marked body")

    assert found(client, q="MARKED-1") == [record.pk]
    listed = client.get(reverse(CHANGELIST)).text
    assert f"Record {record.pk}" in listed
    assert "marked" not in listed.lower()
    assert not StaffRead.objects.exists()

    decide(client, "suspend", record)
    assert StaffRead.objects.get().certification == record


@pytest.mark.slow
def test_the_log_of_reads_shows_no_details_either(client, staff):
    staff.user_permissions.add(Permission.objects.get(codename="view_staffread"))
    record = CertificationFactory(number="MARKED-1")
    client.get(reverse("admin:certifications_certification_change", args=[record.pk]))
    read = StaffRead.objects.get()

    for url in ("admin:certifications_staffread_changelist", "admin:certifications_staffread_change"):
        shown = client.get(reverse(url, args=[read.pk] if url.endswith("change") else [])).text
        assert f"Record {record.pk} of {record.profile}" in shown
        assert "MARKED-1" not in shown


def test_the_same_number_elsewhere_is_linked_to(client, staff):
    record = CertificationFactory(number="SAME-1")
    other = CertificationFactory(certificate=record.certificate, number="same 10")
    other_number = CertificationFactory(certificate=record.certificate, number="same 1")

    page = client.get(reverse("admin:certifications_certification_change", args=[record.pk])).text

    assert reverse("admin:certifications_certification_change", args=[other_number.pk]) in page
    assert reverse("admin:certifications_certification_change", args=[other.pk]) not in page


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "certification", "disclosure", "staffread", "countryinterest",
        "certificate", "certificationtype", "certifyingbody",
    ],
)  # fmt: skip
def test_a_list_costs_the_same_whatever_its_length(client, settings, name, django_assert_num_queries):
    settings.DEBUG = True
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    url = reverse(f"admin:certifications_{name}_changelist")

    def add(count):
        for _ in range(count):
            record = CertificationFactory()
            Disclosure.objects.create(profile=record.profile)
            CountryInterest.objects.create(profile=record.profile, country="CA")
            StaffRead.objects.create(certification=record, page="/")

    add(2)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    add(5)
    with django_assert_num_queries(len(few)):
        client.get(url)


def found(client, **query):
    return sorted(record.pk for record in client.get(reverse(CHANGELIST), query).context["cl"].result_list)


@pytest.mark.slow
def test_records_are_found_by_when_they_expire(client, staff):
    today = timezone.now().date()
    past = CertificationFactory(expires_on=today - timedelta(days=3))
    soon, later = [CertificationFactory(expires_on=today + timedelta(days=days)) for days in (28, 58)]
    never = CertificationFactory(expires_on=None, does_not_expire=True)
    CertificationFactory(expires_on=today + timedelta(days=28), withdrawn_at=timezone.now())
    CertificationFactory()

    assert found(client, expires="30") == [soon.pk]
    assert found(client, expires="60") == [soon.pk, later.pk]
    assert found(client, expires="90") == [soon.pk, later.pk]
    assert found(client, expires="past") == [past.pk]
    assert found(client, expires="never") == [never.pk]
    assert len(found(client, expires="nonsense")) == 6


@pytest.mark.slow
def test_records_are_found_by_state_type_body_and_shared_number(client, staff):
    shown = CertificationFactory(number="SAME-1")
    hidden = CertificationFactory(certificate=shown.certificate, number="same1", hidden_at=timezone.now())
    expired = CertificationFactory(expires_on="2020-01-01")

    assert found(client, state="shown") == [shown.pk]
    assert found(client, state="hidden") == [hidden.pk]
    assert found(client, state="expired") == [expired.pk]
    assert found(client, type__id__exact=shown.type_id) == [shown.pk, hidden.pk]
    assert found(client, certificate__body__id__exact=expired.certificate.body_id) == [expired.pk]
    assert found(client, profile__id__exact=expired.profile_id) == [expired.pk]
    assert found(client, elsewhere="yes") == [shown.pk, hidden.pk]


@pytest.mark.parametrize("typed", ["pena ohara", "PEÑA", "O'Hara", "WBE2301234", "wbe-2301234", "“Peña” & O’Hara"])
def test_records_are_found_without_accents_apostrophes_and_hyphens(typed, client, staff):
    record = CertificationFactory(legal_business_name="Peña & O’Hara LLC", number="WBE–2301-234")
    CertificationFactory(legal_business_name="Other Inc.", number="77")

    assert found(client, q=typed) == [record.pk]


def test_every_name_that_staff_search_by_is_compared_without_accents():
    plain = (models.EmailField, models.SlugField)
    for model, shown in admin.site._registry.items():
        for path in shown.search_fields:
            options, name = model._meta, path.removesuffix("__has_part")
            for part in name.split("__"):
                field = options.get_field(part)
                options = field.related_model._meta if field.is_relation else options
            is_text = field.get_internal_type() in {"CharField", "TextField"} and field.name not in PLAIN_TEXTS
            assert path.endswith("__has_part") == (is_text and not isinstance(field, plain)), (model, path)


@pytest.mark.django_db(transaction=True)  # as in life, the request's transaction has ended when the other write comes
def test_the_history_says_what_changed_and_who_did_it_even_outside_the_site(client):
    user = UserFactory()
    record = CertificationFactory(profile=ProfileFactory(owner=user))
    client.force_login(user)
    client.post(f"{record.profile.get_absolute_url()}certifications/{record.pk}/hide/")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_certification SET number = 'CHANGED' WHERE id = %s", [record.pk])

    added, hidden, changed = history(record)

    assert (added.what, added.who, added.page) == ("Added", "outside the site", "")
    assert ("certificate number", "none", record.number) in added.told
    assert (hidden.who, hidden.page) == (
        user.email,
        f"{record.profile.get_absolute_url()}certifications/{record.pk}/hide/",
    )
    assert [name for name, _, _ in hidden.told] == ["hidden at"]
    assert changed.who == "outside the site"
    assert changed.told == [("certificate number", record.number, "CHANGED")]


def test_the_history_is_in_words_and_costs_the_same_whatever_its_length(staff, django_assert_num_queries):
    record = CertificationFactory(expires_on=None, does_not_expire=True)
    record.suspend(by=staff, reason="not_found", note="Please check.")

    changes = {name: (before, after) for name, before, after in history(record)[-1].told}
    changes.pop("decided at")
    assert changes == {
        "standing": ("In good standing", "Suspended"),
        "reason": ("none", "The certifier doesn't list this certificate"),
        "note to the owner": ("none", "Please check."),
        "decided by": ("none", staff.email),
    }
    assert ("it does not expire", "none", "yes") in history(record)[0].told
    assert ("clients agreed to", "none", "Business, Enterprise") in history(record)[0].told

    with CaptureQueriesContext(connection) as few:
        history(record)
    record.lift(by=staff)
    record.refuse(by=staff, reason="ended")
    with django_assert_num_queries(len(few)):
        assert len(history(record)) == 4


def test_the_history_names_deleted_rows_and_leaves_out_quiet_columns(staff):
    record = CertificationFactory()
    record.suspend(by=UserFactory(), reason="not_found")
    record.standing_by.delete()
    Certification.objects.filter(pk=record.pk).update(updated_at=timezone.now())

    told = history(record)

    assert [event.what for event in told] == ["Added", "Changed", "Changed"]
    assert any("deleted since" in after for _, _, after in told[1].told)


def test_staff_add_facts_without_a_key_and_cannot_delete_loaded_rows(client, settings):
    settings.DEBUG = True
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    loaded = CertificateFactory(seeded={})
    loaded.seeded = {"name": loaded.name}
    loaded.save()
    url = reverse("admin:certifications_certificate_change", args=[loaded.pk])
    data = {
        "body": loaded.body_id, "type": loaded.type_id, "acronym": "CBE", "name": "Renamed", "position": 0,
        "facts-TOTAL_FORMS": 1, "facts-INITIAL_FORMS": 0, "facts-0-topic": "cost", "facts-0-text": "It costs.",
    }  # fmt: skip

    assert client.post(url, data).status_code == 302

    loaded.refresh_from_db()
    assert (loaded.name, Fact.objects.get().text) == ("Renamed", "It costs.")
    assert Fact.objects.get().key.startswith("staff-")
    assert client.post(reverse("admin:certifications_certificate_delete", args=[loaded.pk])).status_code == 403


def test_an_answer_has_a_history_too(client, staff):
    answer = Disclosure.objects.create(profile=ProfileFactory(), answer="not_applicable")

    response = client.get(reverse("admin:certifications_disclosure_history", args=[answer.pk]))

    assert "This is not applicable to me" in response.text


@pytest.mark.slow
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
