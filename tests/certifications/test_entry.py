"""Adding, changing and taking back a certification, as an editor does it."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, transaction
from django.utils import timezone

from certifications.catalogue import loader
from certifications.entry import saving
from certifications.models import (
    Certificate,
    Certification,
    CertificationType,
    CertifyingBody,
    Consent,
    CountryInterest,
    Disclosure,
    UsBusiness,
)
from certifications.rule import Obstacle
from common import drafts
from common.translation import plain
from common.undo import undo_url
from profiles.models import Membership
from profiles.viewer import Viewer
from tests.certifications.typing_in import ASKED, agreed, typed
from tests.factories import (
    AgencyFactory,
    CertificateFactory,
    CertificationFactory,
    EvidenceFactory,
    MembershipFactory,
    ProfileFactory,
    UserFactory,
)
from tests.in_force import visible_to, with_status
from tests.site import client_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate():
    return CertificateFactory(type__key="woman", acronym="WBE", name="Women's Business Enterprise")


@pytest.fixture
def profile(client):
    user = UserFactory()
    client.force_login(user)
    return ProfileFactory(owner=user)


def url(profile, page="add/?type=woman"):
    return f"{profile.get_absolute_url()}certifications/{page}"


@pytest.mark.slow
def test_nothing_is_saved_before_the_person_saw_it_and_attested(client, profile, certificate):
    shown = client.post(url(profile), typed(certificate) | ASKED)
    assert "What clients will see" in shown.text
    assert "WBE-0042" in shown.text
    unattested = client.post(url(profile), typed(certificate) | agreed(attested=""))
    assert "Check the box to confirm this is true" in unattested.text
    assert not Certification.objects.exists()

    response = client.post(url(profile), typed(certificate) | agreed())

    record = Certification.objects.get()
    assert response.url == url(profile, f"added/?record={record.pk}")
    assert (record.type, record.number, record.attestation) == (certificate.type, "WBE-0042", "2026-11")
    assert record.agreed_plans == ["business", "enterprise"]
    assert Disclosure.of(profile).answer == "disclosed"


def test_a_second_click_saves_nothing_twice(client, profile, certificate):
    data = typed(certificate) | agreed()

    for _ in range(2):
        assert client.post(url(profile), data).status_code == 302

    assert Certification.objects.count() == 1


@pytest.mark.parametrize(("module", "step"), [(drafts, "begun"), (saving, "add")], ids=["checked", "saved"])
def test_a_second_click_leads_to_the_record_that_the_first_saved_meanwhile(
    module, step, client, profile, certificate, monkeypatch
):
    data = typed(certificate) | agreed()
    unpatched = getattr(module, step)

    def after_the_first_click(*arguments, **given):
        monkeypatch.undo()
        client.post(url(profile), data)
        return unpatched(*arguments, **given)

    monkeypatch.setattr(module, step, after_the_first_click)
    second = client.post(url(profile), data)

    record = Certification.objects.get()
    assert second.url == url(profile, f"added/?record={record.pk}")


def test_the_same_number_is_refused_however_it_is_typed_with_a_link_to_the_first(client, profile, certificate):
    first = CertificationFactory(profile=profile, certificate=certificate, number="00WBE-00 42")

    response = client.post(url(profile), typed(certificate, number="wbe0042") | ASKED)

    assert "You have already added this certification" in response.text
    assert first.get_absolute_url() in response.text


def test_the_same_number_on_another_profile_is_accepted_and_flagged_for_staff(client, profile, certificate):
    other = CertificationFactory(certificate=certificate, number="WBE-0042")

    client.post(url(profile), typed(certificate) | agreed())

    flagged = Certification.objects.with_number_elsewhere().filter(number_elsewhere=True)
    assert flagged.count() == 2
    assert other in flagged


FAR = (timezone.now().date() + timedelta(days=365 * 40)).isoformat()
IN_TWO_DAYS = (timezone.now().date() + timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"expires_on": "2025-01-01"}, "Expiration date must be after the issue date"),
        ({"issued_on": IN_TWO_DAYS}, "Issue date must be today or earlier"),
        ({"expires_on": FAR}, "Check the year of the expiration date"),
        ({"expires_on": ""}, "Enter the expiration date, or check"),
        ({"does_not_expire": "on"}, "not both"),
        ({"expires_on": "31/31/2027"}, "Enter a date, like 03/31/2027"),
        ({"number": ""}, "Enter the certificate number"),
        ({"number": "---"}, "Enter the number printed on the certificate"),
        ({"number": "000000"}, "If you don't have it yet, come back once you do"),
        ({"number": "pending"}, "If you don't have it yet, come back once you do"),
        ({"number": "N/A"}, "If you don't have it yet, come back once you do"),
        ({"legal_business_name": "See attached"}, "Enter the legal business name as printed"),
        ({"number": "7" * 61}, "at most 60 characters"),
        ({"legal_business_name": ""}, "Enter the legal business name"),
        ({"legal_business_name": "1234"}, "Enter the legal business name as printed"),
        ({"legal_business_name": "Quill\x07 LLC"}, "a character that can"),
        ({"legal_business_name": "Quill\x00 LLC"}, "a character that can"),
        ({"certificate": "999999"}, "Choose a certificate from the list"),
        ({"certificate": "x"}, "Choose a certificate from the list"),
    ],
)
def test_a_mistake_is_explained_at_its_field_and_the_input_stays(client, profile, certificate, values, words):
    response = client.post(url(profile), typed(certificate, **values) | ASKED)

    assert words in response.text.replace("&#x27;", "'")
    assert response.text.count("Quill and Ledger LLC") or "legal_business_name" in values
    assert not Certification.objects.exists()


@pytest.mark.slow
def test_another_body_needs_a_name(client, profile):
    other = CertificateFactory(type__key="woman", names_body=True)

    response = client.post(url(profile), typed(other) | ASKED)

    assert "Enter who issued the certificate" in response.text
    assert "Enter what the certificate is called" in response.text
    for name in (other.name.upper(), "  "):
        again = client.post(url(profile), typed(other, other_name=name, other_body="Texas") | ASKED)
        assert "Enter what the certificate is called" in again.text


@pytest.mark.slow
def test_a_certificate_outside_the_catalogue_has_the_typed_name(client, profile):
    other = CertificateFactory(type__key="woman", names_body=True, acronym="", name="State or local agency")
    other.body.name = "State or local agency"
    other.body.save()
    named = {"other_name": "HUB", "other_body": "Texas Comptroller"}

    shown = client.post(url(profile), typed(other, **named) | ASKED)
    added = client.post(url(profile), typed(other, **named) | agreed(), follow=True)

    record = Certification.objects.get()
    assert (record.label, record.body_name) == ("HUB", "Texas Comptroller")
    assert "Visible to Business and Enterprise clients" in plain(added.text)
    pages = [profile.get_absolute_url(), record.section_url, record.get_absolute_url(), f"{record.section_url}history/"]
    pages += [f"{record.get_absolute_url()}{page}/" for page in ("audience", "renewal", "renew")]
    for text in (shown.text, added.text, *(client.get(page).text for page in pages)):
        assert "HUB" in text
        assert "State or local agency" not in text
    client.force_login(client_person("enterprise"))
    for page in (profile.get_absolute_url(), f"{profile.get_absolute_url()}certifications/concern/"):
        text = client.get(page).text
        assert "HUB" in text
        assert "State or local agency" not in text


def test_a_typed_name_is_dropped_with_a_certificate_of_the_catalogue(client, profile, certificate):
    client.post(url(profile), typed(certificate, other_name="HUB", other_body="Texas") | agreed())

    record = Certification.objects.get()
    assert (record.label, record.other_body) == (certificate.label, "")


@pytest.mark.slow
def test_common_certificates_come_first_and_those_of_any_agency_are_always_offered(client, profile, certificate):
    open_one = CertificateFactory(type__key="woman", names_body=True, name="State or local agency", position=90)
    rest = [CertificateFactory(type__key="woman", name=f"Certificate {number}", position=number) for number in range(7)]

    choice = client.get(url(profile))
    assert f"Show {len(rest) + 1 - 5} more" in choice.text
    assert choice.text.index("Not listed?") < choice.text.index(open_one.name)
    assert '<details class="options__more">' in choice.text
    chosen = client.post(url(profile), typed(rest[-1]) | {"step": "to:certificate-woman"})
    assert '<details class="options__more" open>' in chosen.text
    for hostile in ("x", "9" * 40, "٣"):
        page = client.post(url(profile), typed(open_one, certificate=hostile) | ASKED)
        assert "Choose a certificate from the list" in page.text


def test_of_several_certifications_each_has_its_own_screens_and_the_name_is_asked_once(client, profile, certificate):
    other = CertificateFactory(type__key="veteran", type__name="U.S. veteran-owned")
    address = url(profile, "add/?type=woman&type=veteran")

    chosen = client.post(address, {"woman-certificate": certificate.pk, "step": "certificate-woman"})
    assert "What does your certificate say?" in chosen.text
    second = client.post(address, typed(certificate) | {"step": "details-woman"})
    assert "Choose your certificate" not in second.text
    assert 'name="veteran-certificate"' in second.text
    missing = client.post(address, typed(certificate) | {"step": "certificate-veteran"})
    assert ">Choose your certificate</a>" in missing.text
    details = client.post(
        address, typed(certificate) | {"veteran-certificate": other.pk, "step": "certificate-veteran"}
    )
    assert "U.S. veteran-owned" in details.text
    assert 'name="veteran-legal_business_name" value="Quill and Ledger LLC"' in details.text
    assert 'name="woman-number" value="WBE-0042"' in details.text


@pytest.mark.slow
def test_a_screen_is_answered_before_the_next_and_every_answer_can_be_changed(client, profile, certificate):
    early = client.get(url(profile, "add/?type=woman&step=audience"))
    assert "Which certificate do you have?" in early.text

    check = client.post(url(profile), typed(certificate) | ASKED)
    assert "Check your answers" in check.text
    draft = re.search(r"draft=([0-9a-f-]{36})&amp;step=details-woman#id_woman-number", check.text)[1]
    change = client.get(url(profile, f"add/?draft={draft}&step=details-woman"))
    assert 'value="WBE-0042"' in change.text
    back = client.post(url(profile), typed(certificate, number="WBE-77") | ASKED | {"draft": draft})
    assert "WBE-77" in back.text
    assert not Certification.objects.exists()


def test_what_was_begun_and_left_is_offered_to_whoever_began_it_until_it_is_saved(client, certificate):
    owner, admin = UserFactory(), UserFactory()
    profile = AgencyFactory(owner=owner)
    MembershipFactory(profile=profile, user=admin, role=Membership.Role.ADMIN)
    client.force_login(owner)
    start = url(profile, "add/")
    client.post(start, {"step": "types"})  # nothing was chosen
    assert "Continue where you left off" not in client.get(start).text

    client.post(start, {"type": "woman", "step": "types"})
    page = client.get(start)
    begun = page.context["begun"]
    assert f'href="?draft={begun.pk}&amp;step=check"' in page.text
    assert "Which certificate do you have?" in client.get(f"{start}?draft={begun.pk}&step=check").text

    client.force_login(admin)
    assert "Continue where you left off" not in client.get(start).text

    client.force_login(owner)
    client.post(start, typed(certificate) | agreed() | {"type": "woman", "draft": begun.pk})
    assert Certification.objects.count() == 1
    assert "Continue where you left off" not in client.get(start).text


@pytest.mark.parametrize("audience", ["enterprise", "named", "nobody"])
def test_who_can_see_it_is_chosen_before_it_is_added(client, profile, certificate, audience):
    shown = client.post(url(profile), typed(certificate) | ASKED | {"audience": audience})
    client.post(url(profile), typed(certificate) | agreed(audience=audience))

    assert Certification.Audience(audience).label in shown.text
    assert Certification.objects.get().audience == audience


def test_an_audience_that_is_not_offered_is_refused(client, profile, certificate):
    for audience in ("", "everyone"):
        response = client.post(url(profile), typed(certificate) | agreed(audience=audience))
        assert "Who can see it?" in response.text

    assert not Certification.objects.exists()


@pytest.mark.slow
def test_the_first_time_the_optional_permissions_are_asked_and_given_only_if_ticked(client, profile, certificate):
    asked = client.post(url(profile), typed(certificate) | {"step": "details-woman"})
    assert 'name="find"' in asked.text
    client.post(url(profile), typed(certificate) | agreed(find="on"))

    given = {consent.purpose for consent in Consent.objects.filter(is_given=True)}
    assert given == {"show", "find"}
    again = client.post(url(profile), typed(certificate, number="WBE-2") | {"step": "details-woman"})
    assert 'name="find"' not in again.text


def test_after_adding_a_copy_can_be_attached_at_once(client, profile, certificate):
    added = client.post(url(profile), typed(certificate) | agreed(), follow=True)

    record = Certification.objects.get()
    assert "Certification added" in added.text
    assert f"{record.get_absolute_url()}documents/" in added.text
    assert "marked “Self-reported.”" in added.text


def test_the_page_after_adding_tells_of_ones_own_records_alone(client, profile, certificate):
    other = CertificationFactory()
    for keys in (f"record={other.pk}", "record=x", ""):
        assert client.get(url(profile, f"added/?{keys}")).url == profile.get_absolute_url()
    assert client.get(url(other.profile, f"added/?record={other.pk}")).status_code == 404


def test_posting_fields_that_the_form_does_not_offer_changes_nothing(client, profile, certificate):
    elsewhere = ProfileFactory()
    extra = {
        "woman-profile": elsewhere.pk,
        "woman-standing": "refused",
        "woman-attested_by": "",
        "profile": elsewhere.pk,
    }

    client.post(url(profile), typed(certificate) | agreed(plans=["basic", "plus", "business"]) | extra)

    record = Certification.objects.get()
    assert (record.profile, record.standing, record.agreed_plans) == (profile, "good", ["business"])


def test_a_change_of_substance_makes_a_record_self_reported_again_and_a_renewal_does_not(client, profile, certificate):
    before = timezone.now() - timedelta(days=90)
    record = CertificationFactory(profile=profile, certificate=certificate, attested_at=before)
    renewal = {"expires_on": FAR[:2] + "38-01-01", "issued_on": ""}

    client.post(url(profile, f"{record.pk}/renew/"), renewal | agreed(version=record.updated_at.isoformat()))
    record.refresh_from_db()
    assert (record.self_reported_at, record.expires_on.isoformat()) == (before, "2038-01-01")

    new = typed(certificate, prefix="", number="WBE-77")
    client.post(url(profile, f"{record.pk}/edit/"), new | agreed(version=record.updated_at.isoformat()))

    record.refresh_from_db()
    assert record.number == "WBE-77"
    assert record.self_reported_at > before


@pytest.mark.slow
def test_editing_offers_only_certificates_of_the_same_type_and_refuses_others(client, profile, certificate):
    record = CertificationFactory(profile=profile, certificate=certificate)
    same = CertificateFactory(type__key="woman", name="Women in Trade")
    other = CertificateFactory(type__key="disability", name="Disability in Trade")
    page = client.post(
        url(profile, f"{record.pk}/edit/"), typed(certificate, prefix="") | {"step": "to:certificate"}
    ).text
    assert "Women in Trade" in page
    assert "Disability in Trade" not in page
    assert "Add another certification" in page

    for step in (ASKED, agreed(version=record.updated_at.isoformat())):
        response = client.post(url(profile, f"{record.pk}/edit/"), typed(other, prefix="") | step)
        assert f"Choose a certificate for {record.type.name}" in response.text
        assert "WBE-0042" in response.text
    client.post(
        url(profile, f"{record.pk}/edit/"),
        typed(same, prefix="", type=other.type_id) | agreed(version=record.updated_at.isoformat()),
    )

    record.refresh_from_db()
    assert (record.certificate, record.type) == (same, certificate.type)


def test_a_certificate_of_a_type_that_was_not_chosen_is_refused(client, profile, certificate):
    other = CertificateFactory(type__key="disability")

    response = client.post(url(profile), typed(other) | agreed())

    assert "Choose a certificate from the list" in response.text
    assert not Certification.objects.exists()


def test_a_record_keeps_its_certificate_and_type_when_staff_end_or_move_the_certificate(client, profile, certificate):
    record = CertificationFactory(profile=profile, certificate=certificate)
    type = record.type
    certificate.type = CertificateFactory(type__key="disability").type
    certificate.valid_to = timezone.now().date() - timedelta(days=2)
    certificate.save()

    client.post(
        url(profile, f"{record.pk}/edit/"),
        typed(certificate, prefix="", number="WBE-77") | agreed(version=record.updated_at.isoformat()),
    )

    record.refresh_from_db()
    assert (record.number, record.type) == ("WBE-77", type)


@pytest.mark.slow
def test_the_preview_names_each_change_and_says_if_the_record_is_self_reported_again(client, profile, certificate):
    issued = timezone.now().date() - timedelta(days=40)
    record = CertificationFactory(profile=profile, certificate=certificate, issued_on=issued)
    EvidenceFactory(certification=record)
    same = {
        "legal_business_name": record.legal_business_name,
        "number": record.number,
        "issued_on": issued.isoformat(),
        "expires_on": record.expires_on.isoformat(),
    }

    def check(**values):
        data = typed(certificate, prefix="", **same | values) | ASKED
        return client.post(url(profile, f"{record.pk}/edit/"), data)

    dates = check(issued_on="2026-01-05")
    assert [label for label, _, _ in dates.context["changes"]] == ["Issue date"]
    assert "self-reported as of today" not in dates.text
    assert "Document checked" in dates.text
    number = check(number="WBE-77")
    assert number.context["changes"] == [("Certificate number", record.number, "WBE-77")]
    assert "self-reported as of today" in number.text
    assert "Document checked" not in number.text
    assert "What you&#x27;re changing" not in check().text
    record.refresh_from_db()
    assert record.number == same["number"]


def test_renewing_with_the_same_dates_is_refused(client, profile, certificate):
    record = CertificationFactory(profile=profile, certificate=certificate, issued_on="2026-01-05")
    before = record.attested_at
    same = {"issued_on": "2026-01-05", "expires_on": record.expires_on.isoformat()}

    response = client.post(url(profile, f"{record.pk}/renew/"), same | agreed(version=record.updated_at.isoformat()))

    assert "Enter the dates on the renewed certificate, not the old ones" in response.text
    record.refresh_from_db()
    assert record.attested_at == before


def test_two_editors_at_once_lose_no_change(client, profile, certificate):
    record = CertificationFactory(profile=profile, certificate=certificate)
    seen = record.updated_at.isoformat()
    record.hide()

    response = client.post(
        url(profile, f"{record.pk}/edit/"), typed(certificate, prefix="", number="WBE-77") | agreed(version=seen)
    )

    assert "Someone changed this certification" in response.text
    assert "WBE-77" in response.text
    record.refresh_from_db()
    assert record.number != "WBE-77"


def just_before(monkeypatch, act):
    """Have `act` happen between the check of the forms and the trial of what saving them would do."""
    tried = saving.tried

    def late(save, policy):
        monkeypatch.setattr(saving, "tried", tried)
        act()
        return tried(save, policy)

    monkeypatch.setattr(saving, "tried", late)


def test_a_duplicate_added_during_the_preview_is_explained_and_the_input_kept(
    client, profile, certificate, monkeypatch
):
    adding = typed(certificate)
    just_before(monkeypatch, lambda: client.post(url(profile), adding | agreed()))

    response = client.post(url(profile), adding | ASKED)

    assert "You have already added this certification" in response.text
    assert 'value="Quill and Ledger LLC"' in response.text
    assert "<title>Error: " in response.text
    assert Certification.objects.count() == 1


def test_a_change_that_now_equals_another_record_is_explained_and_the_input_kept(
    client, profile, certificate, monkeypatch
):
    record = CertificationFactory(profile=profile, certificate=certificate, number="WBE-0001")
    changed = typed(certificate, prefix="")
    just_before(monkeypatch, lambda: client.post(url(profile), typed(certificate) | agreed()))

    response = client.post(url(profile, f"{record.pk}/edit/"), changed | ASKED)

    assert "You have already added this certification" in response.text
    assert 'value="WBE-0042"' in response.text


@pytest.mark.slow
def test_a_record_withdrawn_during_the_preview_is_explained(client, profile, certificate, monkeypatch):
    record = CertificationFactory(profile=profile, certificate=certificate, number="WBE-0001")
    just_before(monkeypatch, lambda: Certification.objects.update(withdrawn_at=timezone.now()))

    response = client.post(url(profile, f"{record.pk}/edit/"), typed(certificate, prefix="") | ASKED)
    if response.status_code == 302:
        response = client.get(response.url)

    assert "This certification is removed. Restore it before you change it." in response.text


@pytest.mark.parametrize(
    ("act", "undo", "reason"), [("hide", "show", Obstacle.HIDDEN), ("withdraw", "restore", Obstacle.WITHDRAWN)]
)
def test_an_action_takes_effect_at_once_says_so_and_can_be_undone(client, profile, act, undo, reason):
    record = CertificationFactory(profile=profile)

    response = client.post(url(profile, f"{record.pk}/{act}/"), {"next": profile.get_absolute_url()})

    assert response.url == profile.get_absolute_url()
    assert with_status().get().unseen_because == reason
    message = next(iter(get_messages(response.wsgi_request)))
    client.post(undo_url(message))
    assert with_status().get().unseen_because == ""


def test_acting_twice_says_that_nothing_changed(client, profile):
    record = CertificationFactory(profile=profile)

    for _ in range(2):
        response = client.post(url(profile, f"{record.pk}/hide/"), follow=True)

    assert "Nothing changed" in response.text


def test_a_withdrawal_can_be_undone_for_thirty_days(client, profile):
    record = CertificationFactory(profile=profile, withdrawn_at=timezone.now() - timedelta(days=31))

    response = client.post(url(profile, f"{record.pk}/restore/"), follow=True)

    assert "be done anymore" in response.text


def test_restoring_what_was_added_again_is_refused(client, profile):
    record = CertificationFactory(profile=profile, withdrawn_at=timezone.now())
    CertificationFactory(profile=profile, certificate=record.certificate, number=record.number)

    response = client.post(url(profile, f"{record.pk}/restore/"), follow=True)

    assert "added this certification again" in response.text


def test_the_other_answers_shrink_the_section_and_are_reversible(client, profile):
    client.post(url(profile, "answer/"), {"answer": "prefers_not_to_say"})
    assert "You chose not to disclose this" in client.get(profile.get_absolute_url()).text

    client.post(url(profile, "answer/"), {"answer": "never_asked"})

    assert "Add a certification" in client.get(profile.get_absolute_url()).text


@pytest.mark.parametrize("answer", ["disclosed", "", "x"])
def test_only_the_offered_answers_are_accepted(client, profile, answer):
    client.post(url(profile, "answer/"), {"answer": answer})

    assert not Disclosure.objects.exists()


def test_an_answer_that_contradicts_a_record_is_refused(client, profile):
    CertificationFactory(profile=profile)

    response = client.post(url(profile, "answer/"), {"answer": "not_applicable"}, follow=True)

    assert "Remove them first" in response.text
    assert not Disclosure.objects.exists()


def test_abroad_there_is_no_form_and_interest_is_saved_once_and_can_be_taken_back(client, profile):
    profile.country, profile.state = "CA", ""
    profile.save()
    assert client.get(url(profile)).status_code == 302

    for _ in range(2):
        client.post(url(profile, "interest/"), {"on": "1"})

    assert profile.country_interest.country == "CA"
    assert "ll email you when" in client.get(profile.get_absolute_url()).text
    client.post(url(profile, "interest/"))
    assert not CountryInterest.objects.exists()
    assert "Email me when" in client.get(profile.get_absolute_url()).text


@pytest.mark.slow
def test_a_business_registered_in_the_us_can_be_certified_wherever_its_profile_is(client, profile, certificate):
    profile.country, profile.state = "CA", ""
    profile.save()
    assert "My business is registered in the U.S." in client.get(profile.get_absolute_url()).text

    client.post(url(profile, "us-business/"), {"on": "1"})
    client.post(url(profile), typed(certificate) | agreed())

    record = Certification.objects.get()
    seen = visible_to(Viewer(client_person("enterprise")))
    assert list(seen) == [record]
    history = client.get(url(profile, "history/")).text
    assert "Said that the business is registered in the U.S." in history
    assert "registered in the U.S." in client.get(url(profile, "copy/")).text

    back = client.post(url(profile, "us-business/"), follow=True)
    assert not seen.all()
    assert "your profile is outside the U.S." in back.text
    assert client.get(url(profile)).status_code == 302
    assert "t registered in the U.S." in client.get(url(profile, "history/")).text


def test_only_editors_say_where_their_business_is_registered(client):
    abroad = ProfileFactory(country="CA", state="")
    client.force_login(UserFactory())

    assert client.post(url(abroad, "us-business/"), {"on": "1"}).status_code == 404
    assert not UsBusiness.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"expires_on": None},
        {"does_not_expire": True},
        {"issued_on": "2030-01-01", "expires_on": "2029-01-01"},
        {"number": ""},
        {"attestation": ""},
        {"standing": "refused"},
    ],
)
def test_the_database_refuses_what_must_never_hold(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        CertificationFactory(**values)


@pytest.mark.slow
def test_loading_the_catalogue_again_changes_nothing_and_keeps_what_staff_changed():
    loader.load()
    Certificate.objects.filter(key="wbenc-wbe").update(term_months=18)
    done = loader.load()
    assert (done["added"], done["updated"]) == (0, 0)
    assert Certificate.objects.get(key="wbenc-wbe").term_months == 18


@pytest.mark.slow
def test_the_catalogue_follows_the_file_where_staff_changed_nothing(tmp_path):
    loader.load()
    CertifyingBody.objects.filter(key="nmsdc").update(website="https://example.test/")
    newer = tmp_path / "newer.toml"
    source = loader.SOURCE.read_text().replace('short_name = "NMSDC"', 'short_name = "NMSDC!"\nkeywords = "new"')
    newer.write_text(source)

    loader.load(newer)

    body = CertifyingBody.objects.get(key="nmsdc")
    assert (body.short_name, body.website, body.keywords) == ("NMSDC!", "https://example.test/", "new")


@pytest.mark.slow
def test_dbe_and_8a_imply_no_type_and_legacy_letters_are_not_offered(client):
    loader.load()
    offered = Certificate.objects.offered(timezone.now().date()).values_list("key", flat=True)

    assert set(Certificate.objects.filter(type=None).values_list("key", flat=True)) == {"sba-8a", "dot-dbe"}
    assert not {"sba-8a", "dot-dbe", "va-cve-sdvosb"} & set(offered)
    assert CertificationType.objects.count() == 5
    guide = client.get("/help/certifications/").text
    assert "8(a)" in guide
