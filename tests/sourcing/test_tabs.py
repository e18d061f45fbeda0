"""The tabs of a client's sourcing stand on each of its pages, and say where one is."""

import re

import pytest

from tests.factories import ProfileFactory
from tests.site import client_person

pytestmark = pytest.mark.django_db

PAGES = {
    "/sourcing/": "Search",
    "/sourcing/searches/new/": "Search",
    "/sourcing/types/": "Search",
    "/sourcing/look-up/": "Look up a certificate",
    "/sourcing/searches/": "Saved searches",
    "/sourcing/shortlists/": "Shortlists",
    "/sourcing/save/freelancers/fay/": "Shortlists",
    "/talks/": "Invitations",
    "/talks/invite/freelancers/fay/": "Invitations",
    "/sourcing/exports/": "Exports",
    "/sourcing/exports/new/": "Exports",
}


@pytest.fixture
def fay():
    return ProfileFactory(name="Fay Freeman", slug="fay")


@pytest.mark.parametrize("path", PAGES)
def test_the_tab_of_a_page_and_sourcing_in_the_header_are_marked(path, fay, cleo, client):
    client.force_login(cleo)

    page = client.get(path).text

    assert re.findall(r'class="tabs__tab"[^>]*aria-current="\w+">([^<]+)', page) == [PAGES[path]]
    assert re.findall(r'class="header__link"[^>]*aria-current="\w+">([^<]+)', page) == ["Sourcing"]


def test_a_client_that_does_not_source_has_invitations_and_no_tabs(fay, client):
    client.force_login(client_person("basic"))

    page = client.get("/talks/invite/freelancers/fay/").text

    assert "tabs__tab" not in page
    assert re.findall(r'class="header__link"[^>]*aria-current="\w+">([^<]+)', page) == ["Invitations"]
    assert "ourcing" not in re.sub(r'href="[^"]*"|data-[\w-]+="[^"]*"', "", page)
