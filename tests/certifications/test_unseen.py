"""Owners are never told, or left to believe, that clients see a certification which the rule shows to no client."""

import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.utils import timezone

from certifications.badges import Badge
from certifications.mail.due import post_due
from certifications.models import Certification, Consent, Pause
from certifications.rule import BY_OBSTACLE, Obstacle
from certifications.sharing import unseen
from common.history import events_of
from common.mail import outbox
from common.translation import plain
from tests.certifications.typing_in import ASKED
from tests.factories import CertificateFactory, CertificationFactory, ClientFactory, ProfileFactory
from tests.in_force import with_status
from tests.site import person, roll_out, sign_in

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LATER = NOW.date() + timedelta(days=30)
PAST = NOW.date() - timedelta(days=40)
DECIDED = {"standing_reason": "not_found", "standing_at": NOW}
# By why no client sees a record: what makes it so, and the words for it.
REASONS: dict[str, tuple[dict, str]] = {
    Obstacle.WITHDRAWN: ({"withdrawn_at": NOW}, "you removed it"),
    Obstacle.REFUSED: ({"standing": "refused", **DECIDED}, "it wasn't accepted"),
    Obstacle.SUSPENDED: ({"standing": "suspended", **DECIDED}, "it's suspended"),
    Obstacle.EXPIRED: ({"expires_on": PAST}, f"it expired on {PAST:%b} {PAST.day}, {PAST.year}"),
    Obstacle.ABROAD: ({"profile__country": "CA", "profile__state": ""}, "your profile is outside the U.S."),
    Obstacle.PAUSED: (
        {"pause": {"until": LATER}},
        f"all your certifications are hidden until {LATER:%b} {LATER.day}, {LATER.year}",
    ),
    Obstacle.HIDDEN: ({"hidden_at": NOW}, "you hid it"),
    Obstacle.NOT_SHOWN: ({"consent": False}, "“Show certifications on my profile” is off"),
    Obstacle.PROFILE_OFF: ({"profile__is_active": False}, "your profile is turned off"),
    Obstacle.NOBODY: ({"audience": "nobody"}, "you chose “No one (only me)”"),
    Obstacle.AUDIENCE: ({"agreed_plans": []}, "you haven't agreed to show it to the clients"),
    Obstacle.STOPPED: ({}, "we've stopped showing certifications for now"),
    Obstacle.TYPE_STOPPED: ({}, "we've stopped showing Woman-owned certifications for now"),
    Obstacle.UNNAMED: ({"audience": "named"}, "you haven't chosen a client that can see certifications"),
}


@pytest.fixture
def owner(client):
    user = person()
    sign_in(client, user)
    return user


@pytest.fixture
def certificate():
    return CertificateFactory(type__key="woman", type__name="Woman-owned", acronym="WBE")


@pytest.fixture(params=REASONS)
def reason(request):
    return request.param


@pytest.fixture
def record(reason, owner, certificate):
    """A record that no client sees for `reason`."""
    values, _ = REASONS[reason]
    record = CertificationFactory(profile__owner=owner, certificate=certificate, **values)
    if reason == Obstacle.STOPPED:
        roll_out(is_paused=True)
    if reason == Obstacle.TYPE_STOPPED:
        roll_out(paused_types=[record.type_id])
    return record


def said(client, record, page, data):
    response = client.post(f"{record.section_url}{page}", data, follow=True)
    return unescape(" ".join(str(message) for message in response.context["messages"]))


def added(client, section_url, page, data):
    """What the page after adding says."""
    response = client.post(f"{section_url}{page}", data | {"step": "save", "audience": "eligible"}, follow=True)
    assert "ertification" in response.text
    return response.text


def dates(**values):
    return {"expires_on": LATER, "updated_at": NOW} | values


def typed(record, **values):
    return {
        "certificate": record.certificate_id,
        "legal_business_name": record.legal_business_name,
        "number": record.number,
        "expires_on": record.expires_on.isoformat(),
        "attested": "on",
        "submission": str(uuid.uuid4()),
        "plans": ["business", "enterprise"],
        "version": record.updated_at.isoformat(),
    } | values


def test_this_module_tries_every_reason_of_the_rule():
    assert list(REASONS) == list(BY_OBSTACLE)


@pytest.mark.slow
def test_each_reason_has_its_words_and_only_pages_that_open(client, record, reason):
    seen = with_status().get()

    assert seen.unseen_because == reason
    assert REASONS[reason][1] in seen.because
    assert seen.status
    for address, words in unseen.remedies(seen):
        assert words
        assert client.get(address).status_code == 200
    for page in (record.section_url, record.get_absolute_url(), record.profile.get_absolute_url()):
        assert "Shown on the badge" not in client.get(page).text


@pytest.mark.slow
@pytest.mark.parametrize("reason", sorted(set(REASONS) - {Obstacle.WITHDRAWN}), indirect=True)
def test_editing_a_record_no_one_sees_says_so_before_and_after(client, record, reason):
    data = typed(record, number="WBE-77")
    if reason == Obstacle.REFUSED:
        data["number"] = record.number  # a change of substance ends a refusal

    shown = client.post(f"{record.section_url}{record.pk}/edit/", data | ASKED).text
    after = said(client, record, f"{record.pk}/edit/", data | {"step": "save", "audience": "eligible"})

    assert "What clients will see" not in shown
    assert "Clients won't see" in shown
    assert REASONS[reason][1] in unescape(shown)
    assert f"Clients can't see it because {REASONS[reason][1]}" in after


@pytest.mark.slow
@pytest.mark.parametrize(
    "reason",
    [Obstacle.PAUSED, Obstacle.NOT_SHOWN, Obstacle.STOPPED, Obstacle.TYPE_STOPPED, Obstacle.PROFILE_OFF],
    indirect=True,
)
def test_adding_to_a_profile_no_one_sees_says_so_before_and_after(client, record, reason):
    add = f"add/?type={record.type.key}"
    data = {f"woman-{name}": value for name, value in typed(record, number="WBE-77").items()} | typed(record)

    shown = client.post(f"{record.section_url}{add}", data | ASKED).text
    after = added(client, record.section_url, add, data)

    assert "What clients will see" not in shown
    assert REASONS[reason][1] in unescape(shown)
    assert f"Clients can't see it because {REASONS[reason][1]}" in unescape(after)
    assert "Visible to" not in after


@pytest.mark.slow
@pytest.mark.parametrize("reason", sorted(set(REASONS) - {Obstacle.HIDDEN, Obstacle.WITHDRAWN}), indirect=True)
@pytest.mark.parametrize(("act", "back"), [("hide", "show"), ("withdraw", "restore")])
def test_showing_and_restoring_a_record_no_one_sees_says_so(client, record, reason, act, back):
    said(client, record, f"{record.pk}/{act}/", {})

    assert f"Clients can't see it because {REASONS[reason][1]}" in said(client, record, f"{record.pk}/{back}/", {})


@pytest.mark.slow
def test_an_expired_certificate_is_said_to_be_expired_everywhere(client, owner, certificate):
    profile = ProfileFactory(owner=owner)
    typed_in = {"legal_business_name": "Quill and Ledger LLC", "number": "WBE-77"}
    record = Certification(profile=profile, certificate=certificate, **typed_in, **dates(expires_on=PAST))
    add = f"add/?type={certificate.type.key}"
    data = {f"woman-{name}": value for name, value in typed(record).items()} | typed(record)
    on = f"{PAST:%b} {PAST.day}, {PAST.year}"

    shown = client.post(f"{record.section_url}{add}", data | ASKED).text
    after = unescape(added(client, record.section_url, add, data))

    assert "Visible to" not in after
    assert f"Clients can't see it because it expired on {on}." in after
    saved = Certification.objects.get()
    assert f"{saved.get_absolute_url()}renewal/" in after
    pages = [saved.profile.get_absolute_url(), f"{saved.profile.get_absolute_url()}preview/"]
    pages += [saved.section_url, saved.get_absolute_url()]
    for text in (shown, *(client.get(page).text for page in pages)):
        assert "Valid until" not in text
        assert f"xpired on {on}" in text
    assert "Have you filed for renewal?" in shown


@pytest.mark.slow
def test_each_of_two_new_records_has_its_own_reason(client, owner, certificate):
    profile = ProfileFactory(owner=owner)
    other = CertificateFactory(type__key="veteran", acronym="VBE", name="Veteran")
    data = typed(Certification(certificate=certificate, legal_business_name="Q", **dates()))
    for chosen, expires in ((certificate, LATER), (other, PAST)):
        values = {"certificate": chosen.pk, "number": "7", "expires_on": expires.isoformat()}
        data |= {f"{chosen.type.key}-{name}": value for name, value in (data | values).items()}

    url = f"{profile.get_absolute_url()}certifications/add/?type=woman&type=veteran"
    shown = client.post(url, data | ASKED).text
    assert "What clients will see" in shown
    assert "VBE · Veteran because it expired" in " ".join(unescape(plain(shown)).split())
    response = client.post(url, data | {"step": "save", "audience": "eligible"}, follow=True)

    seen, expired = (unescape(plain(part)) for part in response.text.split('<section class="card stack"')[1:])
    assert "WBE · Certified Business Enterprise" in seen
    assert "Visible to Business and Enterprise clients" in seen
    assert "VBE · Veteran" in expired
    assert "Clients can't see it because it expired" in expired


def test_trying_a_save_leaves_nothing_behind(client, owner, certificate, django_capture_on_commit_callbacks):
    profile = ProfileFactory(owner=owner)
    data = typed(Certification(certificate=certificate, legal_business_name="Q", number="7", **dates()))
    data = {f"woman-{name}": value for name, value in data.items()}
    url = f"{profile.get_absolute_url()}certifications/add/?type=woman"

    with django_capture_on_commit_callbacks() as callbacks:
        response = client.post(url, data | ASKED)

    assert "What clients will see" in response.text
    assert callbacks == []
    assert not Certification.objects.exists()
    assert not events_of(Certification).exists()
    assert not Consent.objects.exists()
    assert not hasattr(profile, "disclosure")


@pytest.mark.slow
def test_showing_all_again_and_agreeing_again_name_remaining_reasons(client, owner, certificate):
    record = CertificationFactory(profile__owner=owner, certificate=certificate, consent=False, pause={})

    shown = said(client, record, "show-all/", {})
    assert "is off" in shown
    record.hide()
    agreed = said(client, record, "consent/", {"purpose": "show", "on": "1", "plans": ["business", "enterprise"]})

    assert not Pause.objects.exists()
    assert "because you hid it" in agreed


@pytest.mark.slow
def test_choosing_the_audience_says_why_no_one_sees_the_record(client, owner, certificate):
    record = CertificationFactory(profile__owner=owner, certificate=certificate, expires_on=PAST)
    named = ClientFactory()

    assert "because it expired" in said(client, record, f"{record.pk}/audience/", {"audience": "eligible"})
    record.show_to("named")
    assert "because it expired" in said(client, record, f"{record.pk}/audience/name/", {"client": named.slug})


def test_a_reminder_of_a_record_kept_for_oneself_does_not_say_that_clients_see_it(owner, certificate):
    soon = {"expires_on": NOW.date() + timedelta(days=7), "attested_at": NOW - timedelta(days=300)}
    CertificationFactory(profile__owner=owner, certificate=certificate, audience="nobody", **soon)
    CertificationFactory(profile__owner=owner, certificate=certificate, **soon)

    post_due()
    outbox.send_waiting.call()

    kept, seen = (message.body for message in mail.outbox)
    assert "clients" not in kept
    assert "After that, clients can't see it" in seen


@pytest.mark.slow
def test_a_certificate_expires_by_the_owners_calendar(certificate):
    """The rule's day and the badge's are the same, on either side of the date line."""
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"):
        for days in (-2, -1, 0, 1, 2):
            record = CertificationFactory(
                profile__time_zone=zone, certificate=certificate, expires_on=NOW.date() + timedelta(days=days)
            )
            is_expired = with_status().get(pk=record.pk).unseen_because == Obstacle.EXPIRED
            assert record.has_ended == is_expired
            assert Badge.of(record).expiry.startswith("Expired" if is_expired else "Valid until")


@pytest.mark.slow
def test_the_section_first_says_why_no_client_sees_any_and_links_to_the_switch(client, owner, certificate):
    profile = ProfileFactory(owner=owner)
    record = CertificationFactory(profile=profile, certificate=certificate)
    shown = "Only Business and Enterprise clients can see these."
    assert shown in client.get(record.section_url).text

    Pause.objects.create(profile=profile, until=LATER)
    until = f"{LATER:%b} {LATER.day}, {LATER.year}"
    hidden = client.get(record.section_url).text
    assert shown not in hidden
    assert f"because you've hidden all of them until {until}" in hidden
    assert f"Not shown because all your certifications are hidden until {until}" in hidden
    assert f"hidden until {until}" in client.get(record.get_absolute_url()).text
    Consent.objects.update(is_given=False)
    off = client.get(record.section_url).text
    assert shown not in off
    assert "because “Show certifications on my profile” is off" in off
    assert f'href="{record.section_url}consent/"' in off


@pytest.mark.slow
def test_a_withdrawn_record_is_shown_on_no_badge(client, owner, certificate):
    record = CertificationFactory(profile__owner=owner, certificate=certificate)
    assert "Shown on the badge" in client.get(record.get_absolute_url()).text

    record.withdraw()

    assert "Shown on the badge" not in client.get(record.get_absolute_url()).text
