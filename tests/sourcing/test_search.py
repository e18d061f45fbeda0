"""The search: every filter, paging, counts, and that the rule decides on whatever the listing proposes."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.models import Block, Certification, ClientView, Consent, Pause, UnusedType
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing.forms.search import SourcingForm
from sourcing.models import CertifiedListing
from sourcing.search import narrowed
from tests.factories import (
    AgencyFactory,
    CertificateFactory,
    CertificationFactory,
    CertificationTypeFactory,
    EvidenceFactory,
    ProfileFactory,
)
from tests.in_force import visible_to
from tests.site import bare, roll_out
from tests.states import STATES

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client, member):
    """The answer to a search: its context."""

    def search(query="", **values):
        return client.get(f"/sourcing/{query}", values).context

    return search


@pytest.fixture
def found(ask):
    """The names that a search finds, in order."""

    def search(**values):
        return [profile.name for profile, _ in ask(**values)["cards"]]

    return search


def counted(context):
    """The numbers beside the types and states of a page, as far as it has any."""
    facets = [*context["types"], *context["states"].first, *context["states"].others]
    return {facet.name: facet.count for facet in facets if facet.count}


def certified(name="Fay Freeman", **fields):
    return CertificationFactory(profile__name=name, found=True, **fields)


# Who is found


@pytest.mark.parametrize("state", STATES)
def test_a_profile_is_found_only_by_what_the_rule_shows_to_the_client(state, found):
    values, is_shown = STATES[state]
    certified(**values)

    assert found() == (["Fay Freeman"] if is_shown else [])


def test_a_profile_without_consent_to_be_found_is_not_found(found):
    CertificationFactory()

    assert found() == []


def test_a_profile_that_agreed_to_another_plan_is_not_found(found):
    record = certified()
    Consent.objects.filter(profile=record.profile, purpose="find").update(plans=["enterprise"])

    assert found() == []


ACTS = {
    "hides it": lambda record, user: record.hide(),
    "withdraws it": lambda record, user: record.withdraw(),
    "keeps it": lambda record, user: record.show_to("nobody"),
    "names others": lambda record, user: record.show_to("named"),
    "hides all": lambda record, user: Pause.objects.create(profile=record.profile),
    "blocks the client": lambda record, user: Block.objects.create(profile=record.profile, client=user.clients.get()),
    "takes back being found": lambda record, user: Consent.objects.filter(purpose="find").update(is_given=False),
    "takes back being shown": lambda record, user: Consent.objects.filter(purpose="show").update(is_given=False),
    "leaves the country": lambda record, user: Profile.objects.update(country="CA", state=""),
    "lets it expire": lambda record, user: Certification.objects.update(
        expires_on=timezone.now().date() - timedelta(days=2)
    ),
    "is taken down": lambda record, user: Profile.objects.update(is_active=False),
    "is suspended": lambda record, user: record.suspend(by=user, reason="not_found"),
    "is deleted": lambda record, user: record.profile.delete(),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_owners_change_counts_from_the_next_request_on(act, ask, member):
    record = certified()
    before = ask()
    assert (before["total"], counted(before)) == ("1", {record.type.name: 1, "New York": 1})

    ACTS[act](record, member)

    after = ask()
    assert (after["total"], counted(after), after["cards"]) == ("0", {}, [])


@pytest.mark.slow
def test_a_blocked_clients_answers_equal_those_without_the_profile(client, member):
    certified("Ann Abel")
    other = certified("Bea Brown", profile__state="CA")
    Block.objects.create(profile=other.profile, client=member.clients.get())
    pages = ["/sourcing/", "/sourcing/?state=CA", "/sourcing/?q=bea", f"/sourcing/?types={other.type.pk}"]
    with_it = [client.get(page).text for page in pages]

    other.delete()

    assert [bare(client.get(page).text) for page in pages] == [bare(text) for text in with_it]


def test_an_out_of_date_listing_shows_no_one(ask):
    certified()
    Certification.objects.update(hidden_at=timezone.now())
    assert CertifiedListing.objects.exists()

    assert ask()["total"] == "0"


def test_an_editor_who_buys_sees_the_search_as_the_client_does(found, member):
    record = certified(hidden_at=timezone.now())
    record.profile.memberships.create(user=member, role="owner")
    assert visible_to(Viewer(member)).exists()

    assert found() == []


def test_a_head_request_counts_as_no_view(client, member):
    certified()
    client.force_login(member)

    assert client.head("/sourcing/").status_code == 200
    assert not ClientView.objects.exists()


def test_an_owner_sees_a_view_with_its_filters(found, member):
    record = certified()

    found(q="fay", types=[record.type.pk])
    found(q="fay")

    view = ClientView.objects.get()
    assert (view.profile, view.client, view.surface) == (record.profile, member.clients.get(), "search")
    assert view.filters == {"q": "fay", "types": [record.type.key]}


@pytest.mark.slow
def test_everyone_is_shown_the_uncertified_too_and_badges_only_of_who_may_be_found(ask, member):
    shown, hidden = certified("Ann Abel"), certified("Bea Brown", hidden_at=timezone.now())
    ProfileFactory(name="Cy Cole")
    not_to_be_found = CertificationFactory(profile__name="Di Dole")
    assert visible_to(Viewer(member)).filter(pk=not_to_be_found.pk).exists()

    context = ask(everyone="on", types=[shown.type.pk], sort="name")

    assert [(profile.name, bool(badges)) for profile, badges in context["cards"]] == [
        ("Ann Abel", True),
        ("Bea Brown", False),
        ("Cy Cole", False),
        ("Di Dole", False),
    ]
    assert [view.profile for view in ClientView.objects.all()] == [shown.profile]
    assert hidden.number not in str(context["cards"])
    assert context["form"].leaves_aside
    assert not ask(everyone="on")["form"].leaves_aside
    assert not ask(types=[shown.type.pk])["form"].leaves_aside


# Filters


@pytest.mark.slow
def test_each_filter_narrows(found):
    wbe = CertificateFactory()
    fay = certified(
        "Fay Freeman",
        certificate=wbe,
        profile__skills=["Bookkeeping", "C++", "O'Brien \\ method"],
        profile__hourly_rate=90,
        expires_on=timezone.now().date() + timedelta(days=400),
    )
    CertificationFactory(
        profile=AgencyFactory(name="Ames Works", headline="Web", state="CA", hourly_rate=40), found=True
    )
    EvidenceFactory(certification=fay, step=1)
    in_a_year = timezone.now().date() + timedelta(days=365)

    for narrowing in (
        {"q": "book"},
        {"q": "free fay"},
        {"types": [fay.type.pk]},
        {"certificate": wbe.pk},
        {"body": wbe.body_id},
        {"step": 1},
        {"valid_until": in_a_year.isoformat()},
        {"skills": "bookkeeping, c++"},
        {"skills": "o'brien \\ method"},
        {"kind": "freelancer"},
        {"state": "NY"},
        {"rate_from": 50},
    ):
        assert found(**narrowing) == ["Fay Freeman"], narrowing
    for missing in ({"q": "keeping"}, {"step": 2}, {"skills": "book"}, {"rate_to": 30}, {"q": "fay works"}):
        assert found(**missing) == [], missing


@pytest.mark.slow
def test_any_of_the_types_or_all_of_them(found):
    both = certified("Ann Abel")
    one = certified("Bea Brown", certificate=both.certificate)
    other = CertificationFactory(profile=both.profile)
    types = [both.type.pk, other.type.pk]

    assert set(found(types=types)) == {"Ann Abel", "Bea Brown"}
    assert found(types=types, match="all") == ["Ann Abel"]

    other.hide()
    assert found(types=types, match="all") == []
    assert one.type == both.type


@pytest.mark.parametrize("way", ["the client does not use it", "it is paused"])
def test_a_profile_without_a_type_shown_to_the_client_is_not_proposed(way, member, found):
    stopped, other = certified("Ann Abel"), certified("Bea Brown")
    both = certified("Cy Cole", certificate=stopped.certificate)
    CertificationFactory(profile=both.profile, certificate=other.certificate)
    types = [stopped.type_id, other.type_id]
    if way == "it is paused":
        roll_out(paused_types=[stopped.type_id])
    else:
        UnusedType.objects.create(client=member.clients.get(), type=stopped.type)

    def proposed(**values):
        query = QueryDict(urlencode(values, doseq=True))
        form = SourcingForm(query, viewer=Viewer(member), policy=RolloutPolicy.in_force())
        return sorted(narrowed(form.filters).values_list("name_key", flat=True))

    assert proposed() == ["bea brown", "cy cole"]
    assert proposed(types=types[1:]) == ["bea brown", "cy cole"]
    assert proposed(everyone="on") == ["ann abel", "bea brown", "cy cole"]
    if way == "it is paused":
        assert proposed(types=types) == ["bea brown", "cy cole"]
        assert proposed(types=types[:1]) == proposed(types=types, match="all") == []
    assert found(sort="name") == ["Bea Brown", "Cy Cole"]


@pytest.mark.slow
def test_one_certification_must_fit_all_filters_about_certifications(found):
    """The listing knows of the profile's certifications together, the rule of each."""
    old = certified("Ann Abel", expires_on=timezone.now().date() + timedelta(days=10))
    CertificationFactory(profile=old.profile, expires_on=timezone.now().date() + timedelta(days=400))
    far = (timezone.now().date() + timedelta(days=300)).isoformat()

    assert found(types=[old.type.pk]) == ["Ann Abel"]
    assert found(valid_until=far) == ["Ann Abel"]
    assert found(types=[old.type.pk], valid_until=far) == []


@pytest.mark.parametrize(
    "bad",
    [
        {"state": "QQ"},
        {"step": "9"},
        {"valid_until": "soon"},
        {"rate_from": "90", "rate_to": "10"},
        {"q": "\x00"},
    ],
)
def test_an_unreadable_value_is_reported_and_narrows_nothing(bad, ask):
    certified()

    context = ask(**bad)

    assert context["form"].errors
    assert context["total"] == "1" or "rate_from" in bad


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "~",
        "0~nonsense~1",
        "9~2026-01-01T00:00:00+00:00~1",
        "0~2026-01-01T00:00:00~1",
        "0~2026-01-01T00:00:00+16:00~1",
        "0~2026-13-01T00:00:00+00:00~1",
        "0~\x00~1",
        "0~2026-01-01T00:00:00+00:00~\x00",
    ],
)
@pytest.mark.parametrize("sort", ["recent", "name"])
def test_a_cursor_that_cannot_be_read_is_the_first_page(sort, cursor, found):
    certified()

    assert found(sort=sort, after=cursor) == ["Fay Freeman"]
    assert found(sort=sort, before=cursor) == ["Fay Freeman"]


@pytest.mark.parametrize("words", ["' & !", "a:* | b", "\\", "~certified", "(", "fay & !freeman:A", "~kind/agency"])
def test_typed_text_is_never_read_as_a_query(words, found):
    certified("Ann Abel")  # as a query each but those of no word would find her, or be an error
    certified("Fay Freeman", profile__skills=[words], profile__headline="")

    assert found(skills=words) == ["Fay Freeman"]
    assert found(q=words, sort="name") == (["Fay Freeman"] if re.search(r"\w", words) else ["Ann Abel", "Fay Freeman"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("skill", "typed"),
    [
        ("ΟΔΟΣ", "ΟΔΟΣ"),
        ("ΟΔΟΣ", "οδοσ"),
        ("İş", "İş"),
        ("STRASSE", "straSSE"),
        ("foo_bar", "foo_bar"),
        ("Ünal", "ÜNAL"),
    ],
)
def test_words_and_skills_are_found_in_every_spelling(skill, typed, found, client):
    certified("Ann Abel")
    profile = certified(f"{skill} Inc.", profile__skills=[skill]).profile

    assert found(skills=typed) == [profile.name]
    for sort in ("relevance", "recent"):
        assert found(q=typed, sort=sort) == [profile.name]
    assert f">{profile.name}<" in client.get("/talent/", {"q": typed}).text


@pytest.mark.parametrize("typed", ["pena", "PEÑA", "Jose\u0301", "obrien", "O'Brien", "o’brien", "OBRIEN pena"])
@pytest.mark.parametrize("sort", ["relevance", "name"])
@pytest.mark.parametrize("everyone", ["", "on"])
def test_accents_and_apostrophes_do_not_matter(typed, sort, everyone, found):
    certified("Ann Abel")
    certified("José Peña O’Brien", profile__headline="", profile__skills=["Diseño gráfico", "Node.js"])

    assert found(q=typed, sort=sort, everyone=everyone) == ["José Peña O’Brien"]
    assert found(skills="diseno GRAFICO, nodejs", everyone=everyone) == ["José Peña O’Brien"]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Müller", ["Ann Müller", "Bea Mueller", "Cy Muller"]),
        ("mueller", ["Ann Müller", "Bea Mueller"]),
        ("muller", ["Ann Müller", "Cy Muller"]),
    ],
)
def test_letters_with_two_spellings_are_found_by_both(typed, names, found):
    for name in ("Ann Müller", "Bea Mueller", "Cy Muller"):
        certified(name, profile__headline="", profile__skills=[])

    assert found(q=typed, sort="name") == names
    assert sorted(found(q=typed, sort="relevance")) == names


def test_names_are_in_the_order_of_their_letters_without_accents(found):
    for name in ("Zoe", "Álvaro", "Łukasz", "Bea", "Lena"):
        certified(name)

    assert found(sort="name") == ["Álvaro", "Bea", "Lena", "Łukasz", "Zoe"]


# Order, pages, counts


def test_by_relevance_a_name_comes_before_a_headline(found):
    certified("Ann Abel", profile__headline="Web")
    certified("Bo Web")
    certified("Cy Cole", profile__headline="Web")

    assert found(q="web") == ["Bo Web", "Cy Cole", "Ann Abel"]
    assert found(q="web", sort="recent") == ["Cy Cole", "Bo Web", "Ann Abel"]
    assert found(q="web", sort="name") == ["Ann Abel", "Bo Web", "Cy Cole"]


@pytest.mark.slow
@pytest.mark.parametrize("sort", ["relevance", "recent", "name"])
def test_pages_lead_through_all_results_and_back(sort, client, member):
    certificate = CertificateFactory()
    for number in range(45):
        certified(f"Web {number % 3}" if number % 2 else "Cole", profile__headline="Web", certificate=certificate)

    def walk(query, rel):
        pages = []
        while query and len(pages) < 5:
            answer = client.get(f"/sourcing/{query}")
            pages.append([profile.pk for profile, _ in answer.context["cards"]])
            link = re.search(f'rel="{rel}" href="([^"]+)"', answer.text)
            last, query = query, unescape(link[1]) if link else ""
        return pages, last

    forth, last = walk(f"?q=web&sort={sort}", "next")
    assert [len(page) for page in forth] == [20, 20, 5]
    assert len({pk for page in forth for pk in page}) == 45

    assert walk(last, "prev")[0][::-1] == forth


@pytest.mark.parametrize("path", ["/sourcing/", "/talent/"])
def test_a_filter_that_is_changed_on_a_later_page_begins_with_the_first(path, client, member):
    page = client.get(f"{path}?after=1&q=web").text

    [form] = re.findall(r'<form class="filters".*?</form>', page, re.DOTALL)
    assert 'name="q"' in form
    assert 'name="after"' not in form
    assert 'name="before"' not in form


@pytest.mark.slow
def test_a_page_stays_put_while_newer_ones_come_in(ask):
    certificate = CertificateFactory()
    for number in range(25):
        certified(f"Web {number}", certificate=certificate)
    first = ask()
    after = first["next"]
    second = [profile.pk for profile, _ in ask(after=after)["cards"]]

    certified("Newest", certificate=certificate)

    assert [profile.pk for profile, _ in ask(after=after)["cards"]] == second


@pytest.mark.slow
def test_many_hidden_ones_do_not_end_the_results_early(found, monkeypatch):
    monkeypatch.setattr("sourcing.search.FIRST_CHUNK", 3)
    certificate = CertificateFactory()
    for number in range(30):
        hidden = {} if number % 10 == 0 else {"hidden_at": timezone.now()}
        certified(f"Web {number:02}", certificate=certificate, **hidden)

    assert found(sort="name") == ["Web 00", "Web 10", "Web 20"]


def test_the_chosen_type_and_state_are_marked_among_the_counts(client, member):
    record = certified("Bea Brown", profile__state="NY")
    certified("Cal Coast", profile__state="CA")

    page = client.get("/sourcing/", {"types": record.type_id, "state": "NY"}).text

    ticked = re.findall(r'name="(\w+)" value="(\w+)"\s+checked', page)
    assert ticked == [("types", str(record.type_id)), ("state", "NY")]


def test_any_of_several_states_will_do(ask, found):
    for name, state in (("Ann Abel", "NY"), ("Bea Brown", "CA"), ("Cy Cole", "TX")):
        certified(name, profile__state=state)

    assert found(state=["NY", "CA"], sort="name") == ["Ann Abel", "Bea Brown"]
    assert [chip.words for chip in ask(state=["NY", "CA"])["chips"]] == ["New York", "California"]


def test_counts_say_how_many_each_type_and_state_would_find(ask):
    first = certified("Ann Abel")
    certified("Bea Brown", certificate=first.certificate, profile__state="CA")
    second = certified("Cy Cole")

    context = ask(types=[first.type.pk], state="NY")

    assert context["total"] == "1"
    assert counted(context) == {first.type.name: 1, second.type.name: 1, "California": 1, "New York": 1}
    assert [facet.name for facet in context["states"].first] == ["California", "New York"]


@pytest.mark.slow
@pytest.mark.parametrize("match", ["any", "all"])
@pytest.mark.parametrize("chosen", [0, 1, 2])
@pytest.mark.parametrize("other", [{}, {"state": "NY", "q": "web"}])
def test_each_count_leads_to_as_many(match, chosen, other, client, ask):
    one, two, three = (CertificateFactory() for _ in range(3))
    for state, certificates in (("NY", (one, two)), ("NY", (one, three)), ("CA", (one, two, three)), ("CA", (two,))):
        profile = ProfileFactory(headline="Web", state=state)
        for certificate in certificates:
            CertificationFactory(profile=profile, certificate=certificate, found=True)

    types = [one.type_id, two.type_id][:chosen]
    asked = {"types": types, "match": match, **other}

    context = ask(**asked)

    kept = types if match == "all" else []
    told = [(facet.count, {"types": [*kept, facet.value]}) for facet in context["types"]]
    told += [(facet.count, {"state": facet.value}) for facet in context["states"].first]
    assert told
    assert [ask(**asked | instead)["total"] for _, instead in told] == [str(count) for count, _ in told]


def test_large_totals_are_shown_as_more_than_a_limit(ask, client, monkeypatch):
    for name in ("sourcing.search", "sourcing.views.search"):
        monkeypatch.setattr(f"{name}.COUNTED_UP_TO", 2)
    certificate = CertificateFactory()
    for number in range(3):
        certified(f"Web {number}", certificate=certificate)

    assert ask()["total"] == "2+"
    assert ask(q="1")["total"] == "1"
    assert ask()["types"][0].count == 2


def test_an_empty_result_says_which_filter_to_loosen(ask):
    certified("Ann Abel")

    context = ask(q="ann", state="CA", kind="freelancer")

    assert [(chip.words, chip.found) for chip in context["loosened"]] == [("Without California", "1 result")]
    assert context["loosened"][0].url == "/sourcing/?q=ann&kind=freelancer"


@pytest.mark.parametrize(
    ("words", "leads_to"),
    [
        ("texas", "state=TX"),
        ("minority", "types={type}"),
        ("mbe", "certificate={pk}"),
        ("owned", None),
        ("ohio", None),
        ("any", None),
    ],
)
def test_words_that_name_a_filter_lead_to_it(words, leads_to, ask, client):
    type = CertificationTypeFactory(name="Minority-owned")
    certificate = CertificateFactory(type=type, acronym="MBE", name="Minority Business Enterprise")
    certified("Ann Abel", certificate=certificate, profile__state="TX")

    named = ask(q=words)["named"]

    expected = [f"/sourcing/?{leads_to.format(type=type.pk, pk=certificate.pk)}"] if leads_to else []
    assert [chip.url for chip in named] == expected
    for chip in named:
        assert chip.found == "1 result"
        assert [profile.name for profile, _ in client.get(chip.url).context["cards"]] == ["Ann Abel"]


def test_an_empty_result_of_one_filter_suggests_no_pair(client, member):
    page = client.get("/sourcing/", {"state": "CA"}).text
    assert "No one has opted in to this search" in page
    assert "Remove two or more" not in page

    assert (
        "Removing one filter isn't enough. Remove two or more"
        in client.get("/sourcing/", {"state": "CA", "q": "x"}).text
    )


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_errors_are_repeated_above_the_results(headers, client, member):
    response = client.get("/sourcing/", {"rate_from": "90", "rate_to": "20"}, headers=headers)

    page = response.text
    assert ("HX-Reswap" in response) == bool(headers)  # which scrolls there
    results = page[page.index('class="results"') :]
    assert "Highest $/hr: Enter a rate that is at least the lowest rate" in results


@pytest.mark.parametrize("bad", [{"types": ["x"]}, {"types": ["99999999999999999999"]}, {"certificate": "0'"}])
def test_a_value_outside_the_catalogue_finds_no_one(bad, ask, client):
    certified()

    context = ask(**bad)

    assert list(context["form"].errors) == list(bad)
    assert context["total"] == "0"
    page = client.get("/sourcing/", bad).text
    assert "Your organization has turned off what was selected." in page
    assert "No one has opted in" not in page


@pytest.mark.parametrize("name", ["types", "certificate", "body"])
def test_a_type_that_the_client_no_longer_uses_finds_no_one(name, ask, member):
    record = certified()
    keys = {"types": record.type_id, "certificate": record.certificate_id, "body": record.certificate.body_id}
    certified(name="Another", certificate__type=CertificationTypeFactory())
    assert len(ask(**{name: keys[name]})["cards"]) == 1
    UnusedType.objects.create(client=member.clients.get(), type=record.type)

    context = ask(**{name: keys[name]})

    assert (context["cards"], context["total"]) == ([], "0")
    assert context["form"].errors == {name: ["Your organization has turned this type off."]}
    assert len(ask(**{name: keys[name], "everyone": "on"})["cards"]) == 2


def test_the_same_search_again_is_no_further_step_back(client, member):
    def pushed(current):
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{current}"}
        return client.get("/sourcing/?q=book", headers=headers).headers.get("HX-Push-Url")

    assert pushed("/sourcing/?q=book") == "false"
    assert pushed("/sourcing/") is None


@pytest.mark.slow
def test_a_misspelled_word_is_suggested_as_profiles_spell_it(ask, client):
    certified("Ann Abel", profile__headline="Bookkeeper", profile__skills=["Payroll"])
    certified("Bea Brown", profile__headline="Welder", hidden_at=timezone.now())

    def meant(**values):
        chip = ask(**values)["meant"]
        return chip and (chip.words, chip.found, chip.url)

    assert meant(q="Bookkeper", state="NY") == ("bookkeeper", "1 result", "/sourcing/?q=bookkeeper&state=NY")
    assert meant(q="Ann bokkeepr") == ("ann bookkeeper", "1 result", "/sourcing/?q=ann+bookkeeper")
    assert 'Did you mean <a href="/sourcing/?q=bookkeeper">' in client.get("/sourcing/?q=bookkeper").text
    for words in ("bookkeeper", "bookkeeper ann nobody", "weldr", "anm", "ny~state", "'); --"):
        assert meant(q=words) is None


@pytest.mark.parametrize("typed", ["0", "$0", "0.00"])
def test_a_rate_of_zero_may_be_the_filter_to_remove(typed, ask, client):
    certified("Ann Abel", profile__hourly_rate=50)

    context = ask(rate_to=typed)

    assert [(chip.words, chip.url) for chip in context["chips"]] == [("$0/hr or less", "/sourcing/")]
    assert [chip.words for chip in context["loosened"]] == ["Without $0/hr or less"]
    assert "No one has opted in" not in client.get("/sourcing/", {"rate_to": typed}).text


@pytest.mark.parametrize("typed", ["60", "$60", " $60/hr ", "60.00", "$ 60 per hour"])
def test_a_rate_is_read_as_people_type_it(typed, found):
    certified("Ann Abel", profile__hourly_rate=50)
    certified("Bea Brown", profile__hourly_rate=90)

    assert found(rate_to=typed) == ["Ann Abel"]


def test_chips_lead_to_the_search_without_them(ask):
    first, second = certified("Ann Abel"), certified("Bea Brown")

    context = ask(types=[first.type.pk, second.type.pk], q="a")

    assert [(chip.words, chip.url) for chip in context["chips"]] == [
        ('“<bdi translate="no">a</bdi>”', f"/sourcing/?types={first.type.pk}&types={second.type.pk}"),
        (first.type.name, f"/sourcing/?types={second.type.pk}&q=a"),
        (second.type.name, f"/sourcing/?types={first.type.pk}&q=a"),
    ]


UNSEEN = {
    "there is none": lambda record, user: record.profile.delete(),
    "is not certified": lambda record, user: record.delete(),
    "may not be found": lambda record, user: Consent.objects.filter(profile=record.profile, purpose="find").delete(),
    "hides it": lambda record, user: record.hide(),
    "hides all": lambda record, user: Pause.objects.create(profile=record.profile),
    "blocks the client": lambda record, user: Block.objects.create(profile=record.profile, client=user.clients.get()),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        "q=bea",
        "q=bea&sort=name&state=CA&kind=freelancer",
        "q=bea&types={type}",
        "types={type}&match=all",
        "q=bea&types={type}&everyone=on",
    ],
)
def test_neither_the_statements_nor_the_bytes_tell_who_is_not_to_be_seen(asked, client, member):
    certified("Ann Abel")
    record = certified("Bea Brown", profile__state="CA")
    address = f"/sourcing/?{asked.format(type=record.type_id)}"
    if "everyone" not in asked:
        assert "Bea Brown" in client.get(address).text
    answers = {}
    for name, act in UNSEEN.items():
        with transaction.atomic():
            act(Certification.objects.get(pk=record.pk), member)
            with CaptureQueriesContext(connection) as captured:
                answers[name] = [bare(client.get(address).text)]
            answers[name].append(len(captured))
            transaction.set_rollback(True)

    expected = answers["is not certified"]
    if "everyone" in asked:  # who lists the uncertified, but no one that is not there
        del answers["there is none"]
    assert answers == dict.fromkeys(answers, expected)


@pytest.mark.parametrize("path", ["/sourcing/exports/new/", "/sourcing/searches/new/"])
@pytest.mark.parametrize("query", ["types=abc", "rate_from=abc"])
def test_a_search_that_is_to_be_corrected_is_neither_exported_nor_saved(path, query, client, member):
    for response in (client.get(f"{path}?{query}"), client.post(f"{path}?{query}", {"format": "csv", "name": "All"})):
        assert response.url == f"/sourcing/?{query}"

    assert 'role="alert"' in client.get(response.url).text


@pytest.mark.parametrize("path", ["/sourcing/", "/talent/"])
def test_words_without_a_letter_or_digit_are_reported(path, client, member):
    certified("Bea Brown")

    page = client.get(path, {"q": "🦊 %"})

    assert "Enter at least one letter or digit" in page.text
    assert "Remove" not in page.text  # no filter is in force


@pytest.mark.slow
def test_a_search_by_body_does_not_tell_who_hides_one_of_it_and_shows_another(client, member):
    record = certified("Bea Brown")
    CertificationFactory(profile=record.profile, found=True)
    address = f"/sourcing/?body={record.certificate.body_id}"
    assert "Bea Brown" in client.get(address).text

    answers = []
    for act in (Certification.hide, Certification.delete):
        act(record)
        with CaptureQueriesContext(connection) as captured:
            answers.append((bare(client.get(address).text), len(captured)))

    assert answers[0] == answers[1]
    assert "Bea Brown" not in answers[0][0]


@pytest.mark.slow
@pytest.mark.parametrize("query", ["", "?q=web&sort=name&state=NY"])
def test_a_search_costs_the_same_queries_whatever_is_found(query, client, member):
    certificate = CertificateFactory()

    def queries():
        client.get(f"/sourcing/{query}")  # whoever is new was noted
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(f"/sourcing/{query}")
        return len(captured)

    certified("Web 0", certificate=certificate)
    few = queries()
    for number in range(1, 12):
        certified(f"Web {number}", certificate=certificate)

    assert queries() == few
