"""Who may open the pages of a client's spend, and how they are joined."""

import re

import pytest

from tests.site import Site, client_person, held_out_person, person, roll_out, staff

pytestmark = pytest.mark.django_db

# Every page that takes nothing, and its tab.
PAGES = {
    "/spend/": "Overview",
    "/spend/reconciliation/": "Overview",
    "/spend/payments/": "Payments",
    "/spend/goals/": "Goals",
    "/spend/goals/new/": "Goals",
    "/spend/rules/": "Rules",
    "/spend/reports/": "Reports",
    "/spend/rules/edit/": "Rules",
    "/spend/rules/addressable-spend/": "Rules",
    "/spend/expiring/": "Expiring soon",
    "/spend/vendors/": "Vendor check",
}
OTHERS = {
    "talent": person,
    "basic": lambda: client_person("basic"),
    "plus": lambda: client_person("plus"),
    "inactive": lambda: client_person("enterprise", is_active=False),
    "held out": held_out_person,
    "staff": staff,
}


@pytest.mark.parametrize("path", PAGES)
def test_the_tab_of_a_page_and_spend_in_the_header_are_marked(path, lead, client):
    page = client.get(path).text

    assert re.findall(r'class="tabs__tab"[^>]*aria-current="\w+">([^<]+)', page) == [PAGES[path]]
    assert re.findall(r'class="header__link"[^>]*aria-current="\w+">([^<]+)', page) == ["Spend"]


@pytest.mark.parametrize("who", OTHERS)
def test_to_others_no_method_tells_that_an_address_is_there(who, client):
    methods = ["GET", "HEAD", "POST", "PUT", "OPTIONS"]
    paths = [path for path in Site().paths() if path.startswith("/spend/")]

    def answer(method, path):
        response = client.generic(method, path)
        response.headers.pop("Vary", None)  # "Cookie" at each address at which someone is looked for
        return response.status_code, response.getvalue(), dict(response.headers)

    client.force_login(OTHERS[who]())
    nowhere = {method: answer(method, "/spend/nothing-here/") for method in methods}

    assert set(PAGES) <= set(paths)
    for path in paths:
        assert {method: answer(method, path) for method in methods} == nowhere, path
    assert "/spend/" not in client.get("/").text


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_asked_to_sign_in(path, client):
    assert client.get(path).url == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", PAGES)
def test_a_client_accepts_the_terms_of_the_search_first(path, client):
    client.force_login(client_person("enterprise"))

    assert client.get(path).url.startswith("/sourcing/terms/?next=")


@pytest.mark.parametrize("path", PAGES)
def test_a_client_that_is_shown_nothing_at_present_is_told_so(path, lead, client):
    roll_out(plans=["business"])

    response = client.get(path)

    assert response.status_code == 403
    assert 'href="/spend/' not in response.text
