"""Seeing one's own page as someone else is served it."""

import re

import pytest

from certifications.models import ClientView, NamedClient
from common.translation import plain
from tests.factories import (
    AgencyFactory,
    CertificationFactory,
    ClientFactory,
    MembershipFactory,
    ProfileFactory,
    UserFactory,
)
from tests.site import client_person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(client):
    user = UserFactory()
    client.force_login(user)
    return ProfileFactory(owner=user, name="Fay Freeman")


def page(profile):
    return f"{profile.get_absolute_url()}preview/"


def body(text):
    """The profile's part of a page, without what names its ids or the form's token, and what a preview leaves out."""
    text = text.partition('<div class="page profile')[2].partition("</main>")[0]
    text = re.sub(r' · <a href="[^"]*concern/">Report a concern</a>', "", text)
    text = re.sub(r'<div class="talent-card__tools">.*?</div>|<ul class="dealings">.*?</ul>', "", text, flags=re.DOTALL)
    return "\n".join(line for line in text.splitlines() if line.strip())


@pytest.mark.parametrize(
    ("chosen", "user"),
    [
        ("visitor", lambda: None),
        ("freelancer", lambda: ProfileFactory(owner=person()).users.get()),
        ("basic", lambda: client_person("basic")),
        ("plus", lambda: client_person("plus")),
        ("business", lambda: client_person("business")),
        ("enterprise", lambda: client_person("enterprise")),
    ],
)
@pytest.mark.parametrize("audience", ["eligible", "enterprise", "nobody"])
def test_the_preview_equals_the_page_that_clients_get(chosen, user, audience, client, profile, django_user_model):
    CertificationFactory(profile=profile, audience=audience)
    preview = client.get(page(profile), {"as": chosen}).text
    other = user()
    client.logout()
    if other:
        client.force_login(other)

    served = client.get(profile.get_absolute_url()).text

    assert body(preview) == body(served) != ""


def test_the_rule_is_asked_for_each_named_client_alone(client, profile):
    named, other = ClientFactory(name="Bright Foods"), ClientFactory(name="Brick Works")
    record = CertificationFactory(profile=profile, audience="named")
    NamedClient.objects.create(certification=record, client=named)
    assert "Bright Foods" in client.get(page(profile), {"q": "bri"}).text

    assert record.number in client.get(page(profile), {"client": named.slug}).text
    assert record.number not in client.get(page(profile), {"client": other.slug}).text
    assert record.number not in client.get(page(profile), {"as": "enterprise"}).text


@pytest.mark.parametrize("viewer", [{"as": "basic"}, {"client": "bright-foods"}])
def test_a_search_for_a_client_keeps_who_was_chosen(viewer, client, profile):
    ClientFactory(name="Bright Foods", slug="bright-foods")
    ClientFactory(name="Café Río")
    [(name, value)] = viewer.items()

    text = client.get(page(profile), {**viewer, "q": "cafe rio"}).text

    who = "Bright Foods" if "client" in viewer else "a Basic client"
    assert f"Fay Freeman as {who} sees it" in plain(text)
    assert f'<input type="hidden" name="{name}" value="{value}">' in text
    assert "Café Río" in text


@pytest.mark.parametrize(("typed", "told"), [("a", "Type at least 2 letters."), ("zz", "No client with that name")])
def test_a_search_for_a_client_says_why_nothing_is_found(typed, told, client, profile):
    ClientFactory(name="Ada")

    for address in (page(profile), f"{profile.get_absolute_url()}certifications/blocks/"):
        assert told in client.get(address, {"q": typed}).text


def test_the_preview_is_marked_and_offers_no_action(client, profile):
    CertificationFactory(profile=profile)

    text = client.get(page(profile), {"as": "enterprise"}).text

    assert "Fay Freeman</span> as an Enterprise client sees it" in text
    assert "<form" not in body(text)
    assert "/edit/" not in body(text)
    assert "Report a concern" not in text
    assert client.post(page(profile)).status_code == 405
    assert not ClientView.objects.exists()


@pytest.mark.parametrize("query", [{"as": "staff"}, {"client": "no-such"}, {"client": "a\x00b"}, {"q": "\x00"}, {}])
def test_an_unreadable_client_in_the_address_shows_the_usual_preview(query, client, profile):
    assert "as an Enterprise client sees it" in client.get(page(profile), query).text


def test_a_page_that_is_switched_off_says_so(client, profile):
    profile.is_active = False
    profile.save()
    CertificationFactory(profile=profile)

    text = client.get(page(profile), {"as": "visitor"}).text

    assert "For a visitor this page doesn't exist" in text
    assert "Self-reported" not in client.get(page(profile), {"as": "enterprise"}).text


def test_only_the_editors_of_the_profile_can_use_the_preview(client):
    agency = AgencyFactory(owner=UserFactory())
    member = MembershipFactory(profile=agency).user
    for user in (
        None,
        member,
        UserFactory(),
        client_person("enterprise"),
        UserFactory(is_staff=True, is_superuser=True),
    ):
        client.logout()
        if user:
            client.force_login(user)
        assert client.get(page(agency)).status_code == (404 if user else 302)
