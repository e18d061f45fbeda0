"""What public pages tell search engines and link previews."""

import json
import re

import pytest
from django.conf import settings

from tests.factories import AgencyFactory, CertificationFactory, ProfileFactory
from tests.site import client_person

pytestmark = pytest.mark.django_db


def data_on(page):
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(text)["@graph"]


def test_a_profile_describes_itself(client):
    profile = ProfileFactory(name="Fay <b>Freeman</b>", headline="Bookkeeper", skills=["Xero"], city="Albany")
    address = f"{settings.SITE_URL}{profile.get_absolute_url()}"

    page = client.get(profile.get_absolute_url()).text

    assert f'<link href="{address}" rel="canonical">' in page
    assert re.search('<meta name="description" content="Freelancer in Albany, [^"]+. Bookkeeper">', page)
    assert f'<meta property="og:image" content="{settings.SITE_URL}/static/share' in page
    about, trail = data_on(page)
    assert (about["@type"], about["name"], about["jobTitle"]) == ("Person", "Fay <b>Freeman</b>", "Bookkeeper")
    assert [step["name"] for step in trail["itemListElement"]] == ["Marketplace", "Talent", "Fay <b>Freeman</b>"]
    assert trail["itemListElement"][-1]["item"] == address


def test_an_agency_is_an_organization(client):
    [about, _] = data_on(client.get(AgencyFactory().get_absolute_url()).text)

    assert about["@type"] == "Organization"
    assert "jobTitle" not in about


def test_a_profile_describes_itself_the_same_to_a_client_that_sees_badges(client):
    record = CertificationFactory()
    visitors = data_on(client.get(record.profile.get_absolute_url()).text)
    client.force_login(client_person("enterprise"))

    page = client.get(record.profile.get_absolute_url()).text

    assert "Diversity certification" in page
    assert data_on(page) == visitors
    assert "ertif" not in json.dumps(visitors)


@pytest.mark.parametrize("path", ["/", "/talent/", "/help/certifications/", "/impact/", "/terms/", "/privacy/"])
def test_public_pages_have_a_description_and_an_address(path, client):
    page = client.get(path).text

    assert f'<link href="{settings.SITE_URL}{path}" rel="canonical">' in page
    assert len(re.findall('<meta name="description"', page)) == 1


def test_the_sitemap_lists_what_a_visitor_sees(client):
    seen, hidden = ProfileFactory(), ProfileFactory(is_active=False)
    agency = AgencyFactory()

    index = client.get("/sitemap.xml").text
    parts = {part: client.get(f"/sitemap-{part}.xml").text for part in ("pages", "freelancers", "agencies")}

    assert all(f"/sitemap-{part}.xml" in index for part in parts)
    assert f"<loc>{settings.SITE_URL}{seen.get_absolute_url()}</loc>" in parts["freelancers"]
    assert hidden.get_absolute_url() not in parts["freelancers"]
    assert agency.get_absolute_url() in parts["agencies"]
    assert f"<loc>{settings.SITE_URL}/talent/</loc>" in parts["pages"]


def test_a_certification_changes_nothing_in_the_sitemap(client):
    profile = ProfileFactory()
    before = client.get("/sitemap-freelancers.xml").content

    CertificationFactory(profile=profile)

    assert client.get("/sitemap-freelancers.xml").content == before


def test_robots_txt_names_the_sitemap(client):
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in client.get("/robots.txt").text
