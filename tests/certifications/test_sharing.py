"""What an owner chooses about who sees a profile's certifications, and that each choice counts at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from certifications.models import Block, Certification, Consent, NamedClient, Pause
from certifications.rule import Obstacle
from certifications.sharing import clients, consents, pauses
from certifications.sharing.consents import Text
from profiles.models import Membership
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from tests.certifications.typing_in import ASKED
from tests.factories import (
    PASSWORD,
    AgencyFactory,
    CertificationFactory,
    ClientFactory,
    ClientMembershipFactory,
    MembershipFactory,
    ProfileFactory,
    UserFactory,
)
from tests.in_force import visible_to, with_status
from tests.site import client_person, in_thread, roll_out, sign_in, staff_user

pytestmark = pytest.mark.django_db

TWELVE_HOURS = 12 * 60 * 60


@pytest.fixture
def record(client):
    """A record of a freelancer who is signed in."""
    user = UserFactory(name="Fay Freeman", email="fay@example.test")
    sign_in(client, user)
    return CertificationFactory(profile__owner=user, certificate__acronym="WBE")


def seen(plan, record):
    return visible_to(Viewer(client_person(plan))).filter(pk=record.pk).exists()


def page(record, name, *args):
    return reverse(f"certifications:{name}", args=[record.profile.kind, record.profile.slug, *args])


# The audience of each


@pytest.mark.parametrize(
    ("audience", "who"),
    [("eligible", {"business", "enterprise"}), ("enterprise", {"enterprise"}), ("named", set()), ("nobody", set())],
)
def test_a_choice_of_audience_takes_effect_at_once(audience, who, client, record):
    response = client.post(page(record, "audience", record.pk), {"audience": audience})

    assert response.status_code == 302
    assert {plan for plan in ("basic", "plus", "business", "enterprise") if seen(plan, record)} == who


@pytest.mark.slow
def test_only_named_clients_see_it_while_their_plan_is_in_the_audience(client, record):
    named = ClientMembershipFactory(client__plan="business")
    other = ClientMembershipFactory(client__plan="business")
    client.post(page(record, "audience", record.pk), {"audience": "named"})
    client.post(page(record, "client_name", record.pk), {"client": named.client.slug})

    assert visible_to(Viewer(named.user)).exists()
    assert not visible_to(Viewer(other.user)).exists()
    assert with_status().get().status == "Visible to 1 client you chose"

    named.client.plan = "plus"
    named.client.save()
    assert not visible_to(Viewer(named.user)).exists()
    assert with_status().get().status == "Not shown because you haven't chosen a client that can see certifications"

    client.post(page(record, "client_unname", record.pk), {"client": named.client.slug})
    assert not NamedClient.objects.exists()


def test_a_named_client_of_a_plan_that_was_not_agreed_to_is_not_counted_as_seeing_it():
    roll_out(WIDER)
    record = CertificationFactory(audience="named")
    clients.name(record, ClientFactory(plan="plus"))

    assert with_status().get().unseen_because == Obstacle.UNNAMED


def test_named_clients_are_found_among_those_that_could_see_it(client, record):
    for name, plan in (("Bright Foods", "enterprise"), ("Brick Works", "plus"), ("Old Brine", "business")):
        ClientFactory(name=name, plan=plan)
    client.post(page(record, "audience", record.pk), {"audience": "named"})

    text = client.get(page(record, "audience", record.pk), {"q": "bri"}).text

    assert "Bright Foods" in text
    assert "Old Brine" in text
    assert "Brick Works" not in text
    assert "Type at least 2 letters" in client.get(page(record, "audience", record.pk), {"q": "b"}).text


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("cafe rio", ["Café Río"]),
        ("CAFÉ", ["Café Río"]),
        ("obrien", ["O’Brien & Sons, Inc."]),
        ("o'brien and", []),
        ("brien sons inc", ["O’Brien & Sons, Inc."]),
        ("Co op", ["Co-op Foods"]),
        ("coop", ["Co-op Foods"]),
        ("Müller", ["Mueller Bau", "Müller Stahl", "Alte Müllerei"]),
        ("mueller", ["Mueller Bau", "Müller Stahl", "Alte Müllerei"]),
        ("muller", ["Müller Stahl", "Alte Müllerei"]),
        ("%", []),
        ("__", []),
    ],
)
def test_clients_are_found_however_their_names_are_spelled(typed, names):
    for name in (
        "Café Río", "O’Brien & Sons, Inc.", "Co-op Foods", "Ann Abel", "Mueller Bau", "Müller Stahl", "Alte Müllerei",
    ):  # fmt: skip
        ClientFactory(name=name)

    assert [client.name for client in clients.find(typed)] == names


def test_an_unknown_audience_is_explained_and_an_unknown_client_is_not_found(client, record):
    url = page(record, "audience", record.pk)
    assert "Choose from the list" in client.post(url, {"audience": "everybody"}).text
    assert client.post(page(record, "client_name", record.pk), {"client": "no-such"}).status_code == 404
    assert client.post(page(record, "client_name", record.pk), {"client": "a\x00b"}).status_code == 404
    assert Certification.objects.get().audience == "eligible"


# Blocks


def test_a_blocked_clients_members_see_no_trace_for_whomever_they_act(client, record):
    membership = ClientMembershipFactory(client__plan="enterprise")
    other = ClientMembershipFactory(user=membership.user, client__plan="enterprise").client
    assert visible_to(Viewer(membership.user, other.pk)).exists()

    client.post(page(record, "block"), {"client": membership.client.slug})

    for acting_for in (membership.client.pk, other.pk):
        assert not visible_to(Viewer(membership.user, acting_for)).exists()
    assert seen("enterprise", record)

    client.post(page(record, "unblock"), {"client": membership.client.slug})
    assert visible_to(Viewer(membership.user, other.pk)).exists()


def test_a_block_wins_over_a_name(record):
    membership = ClientMembershipFactory()
    Certification.objects.update(audience="named")
    clients.name(record, membership.client)
    clients.block(record.profile, membership.client)

    assert not visible_to(Viewer(membership.user)).exists()
    assert with_status().get().unseen_because == Obstacle.UNNAMED


def test_a_block_of_another_profile_hides_nothing_here(record):
    membership = ClientMembershipFactory()
    clients.block(ProfileFactory(), membership.client)

    assert visible_to(Viewer(membership.user)).exists()


def test_blocking_twice_blocks_once(client, record):
    blocked = ClientFactory()

    for _ in range(2):
        assert client.post(page(record, "block"), {"client": blocked.slug}).status_code == 302

    assert Block.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Block.objects.create(profile=record.profile, client=blocked)


def test_staff_with_the_permission_learn_that_a_block_exists_and_never_of_whom(client, record, settings):
    settings.DEBUG = True
    clients.block(record.profile, ClientFactory(name="Zeta Works"))
    staff = staff_user(reads=True)
    client.force_login(staff)
    url = reverse("admin:certifications_certification_change", args=[record.pk])
    assert "locks a client" not in client.get(url).text

    staff.user_permissions.add(Permission.objects.get(codename="view_block"))
    text = client.get(url).text

    assert "locks a client" in text
    assert "Zeta Works" not in text


def test_staff_cannot_delete_a_client_and_so_learn_who_blocks_it(client, record, settings):
    settings.DEBUG = True
    blocked = ClientFactory()
    clients.block(record.profile, blocked)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    assert client.post(reverse("admin:profiles_client_delete", args=[blocked.pk]), {"post": "yes"}).status_code == 403

    blocked.delete()
    assert not Block.objects.exists()


# Hiding all, and for a while


@pytest.mark.slow
def test_one_control_hides_all_at_once_and_can_be_undone(client, record):
    CertificationFactory(profile=record.profile)

    response = client.post(page(record, "hide_all"), follow=True)
    assert "All certifications are hidden" in response.text
    assert not visible_to(Viewer(client_person("enterprise"))).exists()
    assert set(with_status().values_list("unseen_because", flat=True)) == {Obstacle.PAUSED}

    client.post(page(record, "show_all"))
    assert visible_to(Viewer(client_person("enterprise"))).count() == 2
    assert "t hidden" in client.post(page(record, "show_all"), follow=True).text


@pytest.mark.slow
def test_hiding_again_moves_the_day_and_bad_days_change_nothing(client, record):
    today = record.profile.today()
    far = today + timedelta(days=4000)
    for until, words in (
        (today, "Choose a day after today"),
        (today - timedelta(days=1), "Choose a day after today"),
        (far, "Choose a day within the next two years"),
        ("soon", "Enter a date, like"),
        ("", "Choose the day to show it again"),
    ):
        for url in (page(record, "hide_all"), page(record, "hide", record.pk)):
            text = client.post(url, {"until": until, "for_a_while": "1"}).text
            assert text.count(words) == 2  # in the summary, and next to the field, which keeps what was typed
            assert f'value="{until}"' in text or not until
    assert not Pause.objects.exists()
    assert not Certification.objects.filter(hidden_at__isnull=False).exists()

    client.post(page(record, "hide_all"))
    client.post(page(record, "hide_all"), {"until": today + timedelta(days=3)})

    assert Pause.objects.get().until == today + timedelta(days=3)


@pytest.mark.parametrize("whole", [True, False])
def test_a_pause_ends_at_midnight_in_the_owners_time_zone(whole, record):
    # Between these two zones lie exactly 24 hours: it is always a day later on Kiritimati than in Honolulu.
    day = datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    for zone, is_over in (("Pacific/Kiritimati", True), ("Pacific/Honolulu", False)):
        record.profile.time_zone = zone
        record.profile.save()
        if whole:
            pauses.hide_all(record.profile, until=day)
        else:
            Certification.objects.update(hidden_at=timezone.now(), hidden_until=day)
        record.refresh_from_db()

        assert seen("business", record) is is_over
        if whole:
            assert (pauses.of(record.profile) is None) is is_over
        else:
            assert record.is_hidden is not is_over


def test_a_record_hidden_for_a_while_can_be_hidden_for_longer_and_shown_before(client, record):
    day = record.profile.today() + timedelta(days=9)

    client.post(page(record, "hide", record.pk), {"until": day})
    record.refresh_from_db()
    assert (record.is_hidden, record.hidden_until) == (True, day)
    client.post(page(record, "hide", record.pk))
    record.refresh_from_db()
    assert (record.is_hidden, record.hidden_until) == (True, None)
    client.post(page(record, "show", record.pk))

    assert seen("business", record)


def test_only_a_hidden_record_has_a_day_on_which_it_shows_again(record):
    with pytest.raises(IntegrityError), transaction.atomic():
        Certification.objects.update(hidden_until=record.profile.today())


# Consents


def test_each_consent_is_on_or_off_by_itself_and_takes_effect_at_once(client, record):
    client.post(page(record, "consent"), {"purpose": "find", "on": "1", "plans": ["business", "enterprise"]})
    client.post(page(record, "consent"), {"purpose": "show"})

    given = consents.of(record.profile)
    assert [given[purpose].is_given for purpose in consents.FOR_CLIENTS] == [False, True, False]
    assert (given["find"].version, given["find"].plans) == ("2026-11-27", ["business", "enterprise"])
    assert given["find"].decided_by.email == "fay@example.test"
    assert not seen("enterprise", record)

    client.post(page(record, "consent"), {"purpose": "show", "on": "1", "plans": ["business", "enterprise"]})
    assert seen("enterprise", record)


def test_the_history_of_consents_names_text_choice_who_and_when(client, record):
    client.post(page(record, "consent"), {"purpose": "count", "on": "1", "plans": ["enterprise"]})
    client.post(page(record, "consent"), {"purpose": "count"})

    text = client.get(page(record, "consent")).text

    assert "Turned on “Include me in diversity-spend reports” (version 2026-11-28)" in text
    assert "Turned off “Include me in diversity-spend reports”" in text
    assert text.count("Fay Freeman") >= 2
    assert f"{timezone.now():%Y}" in text


def test_adding_agrees_only_to_showing_unless_more_is_chosen(client, record):
    consents.agree_by_adding(record.profile, plans=["business"], by=None)
    assert list(Consent.objects.values_list("purpose", flat=True)) == ["show"]

    consents.choose(record.profile, "show", is_given=False, plans=[], by=None)
    consents.agree_by_adding(record.profile, plans=["business"], by=None)

    assert not Consent.objects.get().is_given  # what was turned off is not turned on by the way


WIDER = ["plus", "business", "enterprise"]


@pytest.mark.slow
def test_widening_the_audience_exposes_nothing_asks_once_and_silence_means_no(client, record):
    roll_out(WIDER)
    assert not seen("plus", record)
    call_command("due", verbosity=0)
    call_command("due", verbosity=0)

    assert [message.to for message in mail.outbox] == [["fay@example.test"]]
    assert "now also show certifications to Plus clients" in mail.outbox[0].body
    asked = " ".join(client.get(page(record, "section")).text.split())
    assert "May we show them to Plus, Business and Enterprise clients from now on?" in asked
    assert not seen("plus", record)
    assert seen("business", record)


@pytest.mark.slow
def test_a_yes_widens_every_record_a_no_widens_none_and_neither_is_asked_again(client, record):
    second = CertificationFactory(profile=record.profile, audience="enterprise")
    roll_out(WIDER)

    client.post(page(record, "question"), {"answer": "no", "plans": WIDER})
    assert consents.open_question(record.profile, RolloutPolicy.in_force()) is None
    assert not seen("plus", record)
    assert seen("business", record)

    roll_out(["basic", *WIDER])
    assert consents.open_question(record.profile, RolloutPolicy.in_force()).new_plans == ["basic"]
    assert consents.open_question(record.profile, RolloutPolicy.in_force()).plans == ["basic", "business", "enterprise"]
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(page(record, "question"), {"answer": "yes", "plans": ["basic", *WIDER]})

    assert consents.open_question(record.profile, RolloutPolicy.in_force()) is None
    assert seen("basic", record)
    assert not seen("plus", record)  # declined before, and not asked again by the way
    assert not seen("basic", second)  # chosen for Enterprise alone, and still so
    assert "Clients that may see certifications: " in mail.outbox[-1].body

    client.post(page(record, "question"), {"answer": "again"})
    client.post(page(record, "question"), {"answer": "yes", "plans": ["basic", *WIDER]})
    assert seen("plus", record)


def test_a_yes_covers_the_plans_shown_and_none_added_since(client, record):
    roll_out(["basic", *WIDER])

    client.post(page(record, "question"), {"answer": "yes", "plans": WIDER})

    assert seen("plus", record)
    assert not seen("basic", record)
    assert consents.open_question(record.profile, RolloutPolicy.in_force()).new_plans == ["basic"]


def test_a_text_that_asks_for_more_binds_no_one_before_they_agree(client, record, monkeypatch):
    texts = consents.TEXTS["show"]
    monkeypatch.setitem(consents.TEXTS, "show", texts | {"2027-01": Text("And in print.")})
    assert seen("enterprise", record)  # as it was agreed to before

    assert "And in print." in client.get(page(record, "consent")).text
    client.post(page(record, "question"), {"answer": "no"})
    assert (Consent.objects.get().version, Consent.objects.get().declined_version) == ("2026-11", "2027-01")
    assert consents.open_question(record.profile, RolloutPolicy.in_force()) is None

    monkeypatch.setitem(
        consents.TEXTS, "show", texts | {"2027-01": Text("And in print."), "2027-02": Text("And on air.")}
    )
    client.post(page(record, "question"), {"answer": "yes", "plans": ["business", "enterprise"]})
    assert Consent.objects.get().version == "2027-02"


def test_a_text_that_only_reads_better_asks_no_question(record, monkeypatch):
    texts = consents.TEXTS["show"] | {"2027-01": Text("The same, said better.", is_material=False)}
    monkeypatch.setitem(consents.TEXTS, "show", texts)

    assert consents.open_question(record.profile, RolloutPolicy.in_force()) is None


def test_an_invalid_answer_changes_nothing(client, record):
    for name, data in (("consent", {"purpose": "sell"}), ("question", {"answer": "maybe"})):
        assert client.post(page(record, name), data).status_code == 302
    assert "There is no open question" in client.post(page(record, "question"), {"answer": "yes"}, follow=True).text
    assert Consent.objects.get().plans == ["business", "enterprise"]


# Account safety

CHANGES = {
    "audience": lambda record: ("audience", record.pk),
    "client_name": lambda record: ("client_name", record.pk),
    "client_unname": lambda record: ("client_unname", record.pk),
    "block": lambda record: ("block",),
    "unblock": lambda record: ("unblock",),
    "consent": lambda record: ("consent",),
    "question": lambda record: ("question",),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_asks_for_the_password_if_the_last_proof_is_old(change, client, record):
    url = page(record, *CHANGES[change](record))
    sign_in(client, record.profile.users.get(), ago=TWELVE_HOURS + 60)

    response = client.post(url, {"audience": "nobody", "purpose": "show", "client": "x"})
    assert response.url == f"/accounts/reauthenticate/?next={url.replace('/', '%2F')}"
    assert Certification.objects.get().audience == "eligible"

    sign_in(client, record.profile.users.get(), ago=TWELVE_HOURS - 60)
    response = client.post(url, {"audience": "nobody", "purpose": "show", "client": "x"})
    assert "reauthenticate" not in response.headers.get("Location", "")


def test_cancel_of_the_password_question_leads_back_where_one_came_from(client, record):
    came_from = record.get_absolute_url()
    ask = f"/accounts/reauthenticate/?next={page(record, 'consent')}"

    asked = client.get(ask, headers={"referer": f"http://testserver{came_from}"})
    [action] = re.findall(r'class="form" method="post" action="([^"]+)"', asked.text)
    mistaken = client.post(f"/accounts/reauthenticate/{unescape(action)}", {"password": "wrong"})

    for response in (asked, mistaken):
        assert f'href="{came_from}">Cancel</a>' in response.text
    for elsewhere in ("", "https://elsewhere.test/", "http://testserver/accounts/reauthenticate/"):
        assert 'href="/">Cancel</a>' in client.get(ask, headers={"referer": elsewhere}).text


@pytest.mark.slow
def test_a_posted_change_is_made_after_the_proof(client, record):
    sign_in(client, record.profile.users.get(), ago=TWELVE_HOURS + 60)
    asked = client.post(page(record, "audience", record.pk), {"audience": "nobody"})

    client.post(asked.url, {"password": PASSWORD})

    assert Certification.objects.get().audience == "nobody"


@pytest.mark.slow
def test_owners_get_an_email_about_changes_by_an_admin(client):
    agency = AgencyFactory(name="Ames Works", owner=UserFactory(email="ada@example.test"))
    admin = UserFactory(name="Bo Admin")
    MembershipFactory(profile=agency, user=admin, role=Membership.Role.ADMIN)
    record = CertificationFactory(profile=agency, certificate__name="Secret Certificate")
    sign_in(client, admin)

    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(page(record, "audience", record.pk), {"audience": "nobody"})
        client.post(page(record, "block"), {"client": ClientFactory(name="Zeta Works").slug})
        client.post(page(record, "consent"), {"purpose": "show"})

    assert [message.to for message in mail.outbox] == [["ada@example.test"]] * 3
    for message in mail.outbox:
        assert "Bo Admin changed a privacy setting" in message.body
        assert "Secret Certificate" not in f"{message.subject}{message.body}"
        assert "Zeta Works" not in message.body
    assert "Bo Admin" in client.get(page(record, "history")).text


@pytest.mark.parametrize(
    ("act", "told"), [("withdraw", "removed a certification from"), ("restore", "restored a certification of")]
)
def test_an_agencys_other_editors_are_emailed_what_one_of_them_did_but_not_to_which(client, act, told):
    agency = AgencyFactory(name="Ames Works", owner=UserFactory(email="ada@example.test"))
    admins = [UserFactory(name="Bo Admin"), UserFactory(email="cy@example.test")]
    for admin in admins:
        MembershipFactory(profile=agency, user=admin, role=Membership.Role.ADMIN)
    MembershipFactory(profile=agency, role=Membership.Role.MEMBER)
    record = CertificationFactory(profile=agency, certificate__name="Secret Certificate")
    if act == "restore":
        record.withdraw()
    sign_in(client, admins[0])

    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(page(record, act, record.pk))

    assert sorted(message.to for message in mail.outbox) == [["ada@example.test"], ["cy@example.test"]]
    for message in mail.outbox:
        assert message.subject == "The certifications of Ames Works changed"
        assert f"Bo Admin {told} Ames Works." in message.body
        assert page(record, "section") in message.body
        assert "Secret Certificate" not in message.body


# Two at once


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_editors_who_change_the_audience_and_hide_at_once_both_succeed():
    record = CertificationFactory()
    blocked = [ClientFactory() for _ in range(4)]

    @in_thread
    def act(step):
        own = Certification.objects.get(pk=record.pk)
        try:
            match step % 4:
                case 0:
                    own.show_to("enterprise")
                case 1:
                    own.hide()
                case 2:
                    pauses.hide_all(own.profile)
                case 3:
                    clients.block(own.profile, blocked[step // 4])
        except Certification.NotPossible:
            pass  # hidden by the same act of another thread already

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(16)))

    record.refresh_from_db()
    assert record.audience == "enterprise"
    assert record.hidden_at is not None
    assert Pause.objects.count() == 1
    assert Block.objects.count() == 4


@pytest.mark.parametrize(
    "name",
    [
        "section",
        "consent",
        "blocks",
        "seen_by",
        "history",
        "copy",
        "copy_json",
        "erase",
        "hide_all",
        "show_all",
        "block",
    ],
)
def test_only_editors_open_the_pages_of_control(name, client, record):
    for user in (client_person("enterprise"), UserFactory()):
        sign_in(client, user, again=True)
        assert client.get(page(record, name)).status_code in {404, 405}
        assert client.post(page(record, name)).status_code in {404, 405}
    assert not Pause.objects.exists()


@pytest.mark.slow
def test_editing_a_record_never_adds_plans_that_its_owner_agreed_to(client, record):
    roll_out(WIDER)
    url = page(record, "edit", record.pk)
    typed = {
        "certificate": record.certificate_id,
        "legal_business_name": record.legal_business_name,
        "number": "QL-2",
        "expires_on": record.expires_on,
    }
    shown = client.post(url, typed | ASKED).text
    assert "only people at <strong>Business and Enterprise clients</strong> can see" in shown

    agreed = {"step": "save", "attested": "on", "plans": WIDER, "submission": str(record.submission)}
    client.post(url, typed | agreed | {"version": record.updated_at.isoformat()})

    record.refresh_from_db()
    assert (record.number, record.agreed_plans) == ("QL-2", ["business", "enterprise"])


def test_a_new_record_is_not_shown_to_plans_that_its_owner_declined(client, record):
    roll_out(WIDER)
    assert consents.offered_plans(record.profile, RolloutPolicy.in_force()) == WIDER

    client.post(page(record, "question"), {"answer": "no", "plans": WIDER})

    assert consents.offered_plans(record.profile, RolloutPolicy.in_force()) == ["business", "enterprise"]


def test_switching_show_off_and_on_leaves_the_question_open(client, record):
    roll_out(WIDER)
    client.post(page(record, "consent"), {"purpose": "show"})
    client.post(page(record, "consent"), {"purpose": "show", "on": "1", "plans": WIDER})

    assert consents.open_question(record.profile, RolloutPolicy.in_force()).new_plans == ["plus"]
    assert not seen("plus", record)
    assert "We have a question for you" in client.get(record.profile.get_absolute_url()).text


def test_a_yes_to_a_new_text_widens_nothing(client, monkeypatch):
    user = UserFactory()
    sign_in(client, user)
    own = CertificationFactory(profile__owner=user, agreed_plans=["enterprise"])
    Consent.objects.update(plans=["enterprise"], declined_plans=["business"])
    texts = consents.TEXTS["show"]
    monkeypatch.setitem(consents.TEXTS, "show", texts | {"2027-01": Text("And in print.")})

    client.post(page(own, "question"), {"answer": "yes", "plans": ["business", "enterprise"]})

    own.refresh_from_db()
    assert own.agreed_plans == ["enterprise"]
    assert Consent.objects.get().version == "2027-01"
