"""Looking up a certificate in hand: by number or legal name, and never anything that the rule keeps from the client."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.models import Block, Certification, ClientView, Consent, Pause, UnusedType
from certifications.sharing import consents
from common.translation import plain
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing.look_up import MOST
from sourcing.models import Shortlist, ShortlistEntry
from tests.factories import CertificateFactory, CertificationFactory
from tests.in_force import visible_to
from tests.site import bare, client_person, held_out_person, person
from tests.states import STATES

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(client, member):
    """The names of the profiles that a look-up finds, in order."""

    def look_up(text):
        response = client.get("/sourcing/look-up/", {"q": text})
        return [profile.name for profile, _ in response.context["cards"]]

    return look_up


def certified(name="Fay Freeman", **fields):
    return CertificationFactory(profile__name=name, found=True, **fields)


@pytest.fixture
def osprey():
    """The record of a business whose legal name and number are nothing like its profile's name."""
    return certified(
        certificate=CertificateFactory(acronym="WBE", body__name="Harbor Council", body__short_name="HRBC"),
        legal_business_name="O'Brien & Peña Café Works, L.L.C.",
        number="WBE-0012345",
    )


@pytest.mark.parametrize(
    "typed",
    [
        "WBE-0012345",
        "wbe 12345",
        "Cert. No. WBE0012345",
        "12345",
        "HRBC WBE 12345",
        " ＷＢＥ－００１２３４５ ",
        "O'Brien & Peña Café Works, L.L.C.",
        "obrien and pena cafe works llc",
        "O’BRIEN PENA",
        "Works Café",
        "The O'Brien and Pena Company, Inc.",
        "caf\u200be wor",
    ],
)
def test_a_certificate_is_found_in_every_spelling_of_its_number(typed, osprey, found):
    certified("Bea Brown", legal_business_name="Brown Bakery Inc", number="WBE-0012399")

    assert found(typed) == ["Fay Freeman"]


@pytest.mark.parametrize("typed", ["Müller Bau", "mueller bau", "MUELLER BAU"])
def test_a_legal_name_is_found_by_both_spellings(typed, found):
    certified("Ann Abel", legal_business_name="Müller Bau LLC")
    certified("Bea Brown", legal_business_name="MUELLER BAU LLC")

    assert found(typed) == ["Ann Abel", "Bea Brown"]


@pytest.mark.parametrize(
    "typed",
    ["1234", "2345", "WBE-1234", "NMSDC 12345", "Peña Bakery", "heron | works", "!heron", "wor:* & heron", "\\\\\\abc"],
)
def test_another_number_or_name_finds_no_one(typed, osprey, found):
    assert found(typed) == []


def test_the_card_shows_the_name_and_the_number_to_compare(osprey, client, member):
    page = client.get("/sourcing/look-up/?q=12345")

    assert "O&#x27;Brien &amp; Peña Café Works, L.L.C." in page.text
    assert "No. WBE-0012345" in plain(page.text)


def test_a_profile_with_two_certificates_that_match_is_shown_once(osprey, found):
    CertificationFactory(profile=osprey.profile, legal_business_name=osprey.legal_business_name, found=True)

    assert found("pena works") == ["Fay Freeman"]


@pytest.mark.parametrize("state", STATES)
def test_a_certificate_is_found_only_if_the_rule_shows_it_to_the_client(state, found):
    values, is_shown = STATES[state]
    certified(legal_business_name="Osprey Works LLC", number="OS-777", **values)

    expected = ["Fay Freeman"] if is_shown else []
    assert (found("osprey"), found("OS-777")) == (expected, expected)


def test_a_hidden_certificate_is_not_found_beside_one_that_is_shown(osprey, found):
    CertificationFactory(
        profile=osprey.profile,
        legal_business_name="Heron Holdings LLC",
        number="HH-888",
        hidden_at=timezone.now(),
        found=True,
    )
    assert found("pena") == ["Fay Freeman"]

    assert (found("heron"), found("HH-888")) == ([], [])


def test_the_text_that_names_filters_alone_allows_the_filter_and_no_look_up(osprey, found, client, member):
    Consent.objects.filter(purpose="find").update(version="2026-11")

    assert (found("pena works"), found("12345")) == ([], [])
    assert Certification.objects.findable_by(Viewer(member), RolloutPolicy.in_force()).get() == osprey
    assert consents.open_question(osprey.profile, RolloutPolicy.in_force()).texts == [
        ("Let clients find me by certification", consents.newest("find")[1].words)
    ]


@pytest.mark.parametrize(
    ("typed", "names"),
    [("zeb rock", ["Zed"]), ("ze rock", []), ("ze ro", []), ("ze r", []), ("zebra ro", []), ("zebra rock a", ["Zed"])],
)
def test_short_words_stand_for_themselves_alone(typed, names, found):
    certified("Zed", legal_business_name="Zebra Rocket A Inc")

    assert found(typed) == names


def test_a_card_says_what_the_client_has_done_already(osprey, client, member):
    shortlist = Shortlist.objects.create(client=member.clients.get(), name="Q1 bids")
    ShortlistEntry.objects.create(shortlist=shortlist, profile=osprey.profile)

    assert 'On <bdi translate="no">Q1 bids</bdi>' in client.get("/sourcing/look-up/?q=12345").text


def test_an_editor_who_buys_looks_up_as_the_client_does(found, member):
    record = certified(hidden_at=timezone.now(), legal_business_name="Osprey Works LLC")
    record.profile.memberships.create(user=member, role="owner")
    assert visible_to(Viewer(member)).exists()

    assert found("osprey") == []


UNSEEN = {
    "there is none": lambda record, user: record.profile.delete(),
    "is hidden": lambda record, user: record.hide(),
    "is withdrawn": lambda record, user: record.withdraw(),
    "is kept for oneself": lambda record, user: record.show_to("nobody"),
    "all are hidden": lambda record, user: Pause.objects.create(profile=record.profile),
    "blocks the client": lambda record, user: Block.objects.create(profile=record.profile, client=user.clients.get()),
    "did not agree to be found": lambda record, user: Consent.objects.filter(purpose="find").update(is_given=False),
    "agreed before a look-up was named": lambda record, user: Consent.objects.filter(purpose="find").update(
        version="2026-11"
    ),
    "did not agree to be shown": lambda record, user: Consent.objects.filter(purpose="show").update(is_given=False),
    "agreed to another plan": lambda record, user: Consent.objects.filter(purpose="find").update(plans=["enterprise"]),
    "the client does not use the type": lambda record, user: UnusedType.objects.create(
        client=user.clients.get(), type=record.type
    ),
    "is suspended": lambda record, user: record.suspend(by=user, reason="not_found"),
    "has expired": lambda record, user: Certification.objects.update(
        issued_on=None, expires_on=timezone.now().date() - timedelta(days=3)
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["pena", "WBE-0012345"])
def test_neither_the_statements_nor_the_bytes_tell_who_is_not_to_be_seen(typed, osprey, client, member):
    address = f"/sourcing/look-up/?q={typed}"
    assert "Fay Freeman" in client.get(address).text
    answers = {}
    for name, act in UNSEEN.items():
        with transaction.atomic():
            act(Certification.objects.get(pk=osprey.pk), member)
            with CaptureQueriesContext(connection) as captured:
                response = client.get(address)
            answers[name] = (bare(response.text), len(captured), response.status_code)
            transaction.set_rollback(True)

    assert answers == dict.fromkeys(answers, answers["there is none"])
    assert "Fay Freeman" not in answers["there is none"][0]


@pytest.mark.slow
def test_a_look_up_costs_the_same_queries_whatever_is_found(client, member):
    certificate = CertificateFactory()

    def queries():
        client.get("/sourcing/look-up/?q=osprey")  # whoever is new was noted
        with CaptureQueriesContext(connection) as captured:
            client.get("/sourcing/look-up/?q=osprey")
        return len(captured)

    none = queries()
    certified(certificate=certificate, legal_business_name="Osprey Works LLC")
    one = queries()
    for number in range(12):
        certified(f"Osprey {number}", certificate=certificate, legal_business_name="Osprey Works LLC")

    assert none == one == queries()


@pytest.mark.slow
def test_the_first_twenty_are_shown_and_more_are_told(client, member):
    for number in range(MOST + 1):
        certified(f"Osprey {number:02}", legal_business_name="Osprey Works LLC")

    page = client.get("/sourcing/look-up/?q=osprey")

    assert [profile.name for profile, _ in page.context["cards"]] == [f"Osprey {number:02}" for number in range(MOST)]
    assert "More than 20 results." in page.text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter a legal business name or a certificate number"),
        ("  ", "Enter a legal business name or a certificate number"),
        ("ab", "Enter at least 3 letters or digits"),
        ("- a/b -", "Enter at least 3 letters or digits"),
        ("🦊🦊🦊", "Enter at least 3 letters or digits"),
        ("L.L.C.", "Many businesses have this in their name. Enter another word from the name."),
        ("The Company, Inc.", "Many businesses have this in their name. Enter another word from the name."),
        ("x" * 161, "Use at most 160 characters. You entered 161."),
        ("osprey\x01", "has a character that can"),
    ],
)
def test_what_cannot_be_looked_up_is_said_and_stays_in_the_field(typed, message, client, member):
    certified("Fay Freeman", legal_business_name="The ab LLC Company Inc")

    page = client.get("/sourcing/look-up/", {"q": typed})

    assert message in page.text
    assert page.context["form"]["q"].value() == typed
    assert "Fay Freeman" not in page.text


def test_the_page_asks_for_nothing_before_something_is_typed(client, member):
    page = client.get("/sourcing/look-up/")

    assert page.status_code == 200
    assert not page.context["is_asked"]
    assert not page.context["form"].errors


def test_an_empty_answer_keeps_what_was_typed_and_says_what_to_do(client, member):
    page = client.get("/sourcing/look-up/", {"q": "Nowhere <b> Ltd"})

    assert 'value="Nowhere &lt;b&gt; Ltd"' in page.text
    assert "Check the spelling" in page.text


def test_whoever_was_looked_up_learns_of_it(osprey, found, member):
    found("pena works")
    found("12345")

    view = ClientView.objects.get()
    assert (view.profile, view.client, view.surface, view.count) == (
        osprey.profile, member.clients.get(), "search", 1
    )  # fmt: skip
    assert view.filters == {"look_up": "pena works"}


def test_a_head_request_counts_as_no_view(osprey, client, member):
    assert client.head("/sourcing/look-up/?q=pena").status_code == 200
    assert not ClientView.objects.exists()


def test_the_search_and_its_empty_result_lead_to_it(client, member):
    assert 'href="/sourcing/look-up/"' in client.get("/sourcing/").text
    assert 'href="/sourcing/look-up/?q=no%20one%26co"' in client.get("/sourcing/", {"q": "no one&co"}).text


def test_before_the_terms_it_leads_to_them(client):
    client.force_login(client_person("business"))

    assert client.get("/sourcing/look-up/?q=osprey").url == (
        "/sourcing/terms/?next=%2Fsourcing%2Flook-up%2F%3Fq%3Dosprey"
    )


@pytest.mark.parametrize("who", [person, lambda: client_person("basic"), held_out_person])
def test_to_others_it_does_not_exist(who, osprey, client):
    client.force_login(who())

    assert client.get("/sourcing/look-up/?q=pena").status_code == 404
