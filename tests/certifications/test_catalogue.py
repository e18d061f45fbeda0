"""The catalogue that the site starts with, and how it is loaded again without losing what staff did."""

from datetime import date

import pytest
from django.core.management import call_command
from django.urls import reverse

from certifications import public_numbers
from certifications.catalogue import loader
from certifications.models import Certificate, CertificationType, CertifyingBody, Fact, UnusedType
from tests.factories import CertificationTypeFactory, ClientFactory
from tests.site import sign_in, staff

pytestmark = pytest.mark.django_db

SMALL = """
[types.woman]
name = "Woman-owned"
[bodies.council]
name = "Council"
website = "{website}"
facts = [{facts}]
[bodies.state]
name = "State or local agency"
[bodies.other]
name = "Another certifying body"
[certificates.council-wbe]
body = "council"
type = "woman"
name = "{name}"
"""
COST = '{topic = "cost", text = "It is free."}'
NOTE = '{topic = "note", text = "It is old.", source = "a page"}'


@pytest.fixture
def load(tmp_path):
    def load(website="https://one.test/", name="WBE", facts=COST):
        source = tmp_path / "catalogue.toml"
        source.write_text(SMALL.format(website=website, name=name, facts=facts))
        return loader.load(source)

    return load


def texts():
    return sorted(Fact.objects.values_list("text", flat=True))


@pytest.mark.slow
def test_the_catalogue_loads_once(capsys):
    call_command("load_catalogue")
    call_command("load_catalogue")

    assert "0 added, 0 updated, 0 removed" in capsys.readouterr().out.splitlines()[-1]
    assert list(CertificationType.objects.values_list("key", flat=True)) == [
        "minority",
        "woman",
        "veteran",
        "disability",
        "lgbtq",
    ]


@pytest.mark.slow
def test_every_type_can_name_a_state_agency_or_another_body():
    loader.load()

    named = Certificate.objects.filter(names_body=True).values_list("type__key", "body__kind")
    keys = CertificationType.objects.values_list("key", flat=True)
    assert set(named) == {(key, kind) for key in keys for kind in ("state", "other")}


@pytest.mark.slow
def test_8a_and_dbe_imply_no_type_and_the_va_is_legacy():
    loader.load()

    offered = Certificate.objects.offered(date(2026, 11, 23))
    assert not offered.filter(acronym__in=["8(a)", "DBE"]).exists()
    assert not offered.filter(body__key="va").exists()
    assert Certificate.objects.filter(body__key="va").exists()
    assert Certificate.objects.offered(date(2022, 12, 31)).filter(body__key="va").exists()


@pytest.mark.slow
def test_a_term_counts_only_if_a_source_gives_it():
    loader.load()

    for certificate in Certificate.objects.exclude(term_months=None):
        assert certificate.facts.filter(topic="term").exclude(source="").exists(), certificate


def test_changes_of_the_file_are_loaded_and_changes_by_staff_stay(load):
    load()
    CertifyingBody.objects.filter(key="council").update(website="https://staff.test/")

    done = load(website="https://two.test/", name="Renamed")

    assert CertifyingBody.objects.get(key="council").website == "https://staff.test/"
    assert Certificate.objects.get(key="council-wbe").name == "Renamed"
    assert done["updated"] == 1


@pytest.mark.parametrize("by", ["the file", "staff"])
def test_a_client_that_chose_its_types_does_not_use_one_that_is_added_later(by, load, client):
    chose, _ = ClientFactory(), ClientFactory()
    UnusedType.objects.create(client=chose, type=CertificationTypeFactory(name="Minority-owned"))

    if by == "the file":
        load()
        load()
    else:
        sign_in(client, staff(is_superuser=True))
        data = {"name": "Woman-owned", "key": "woman", "position": 1, "icon": "building"}
        assert client.post("/admin/certifications/certificationtype/add/", data).status_code == 302

    unused = UnusedType.objects.order_by("pk").values_list("client", "type__name")
    assert list(unused) == [(chose.pk, "Minority-owned"), (chose.pk, "Woman-owned")]


def test_a_fact_is_known_by_its_topic_in_any_order(load):
    load(facts=NOTE)
    load(facts=f"{COST}, {NOTE}")

    assert texts() == ["It is free.", "It is old."]


def test_a_fact_that_staff_deleted_stays_deleted(load):
    load()
    Fact.objects.get().delete()

    load(facts=f"{COST}, {NOTE}")

    assert texts() == ["It is old."]


def test_a_fact_that_left_the_file_is_deleted_unless_staff_changed_it(load):
    load(facts=f"{COST}, {NOTE}")
    Fact.objects.filter(topic="note").update(text="Staff know better.")

    assert load(facts="")["removed"] == 1
    assert texts() == ["Staff know better."]


def test_a_body_that_staff_added_first_stays_as_they_wrote_it(load):
    CertifyingBody.objects.create(key="by-staff", name="Council", website="https://staff.test/")

    load()

    body = CertifyingBody.objects.get(name="Council")
    assert (body.key, body.website, body.facts.count()) == ("council", "https://staff.test/", 1)


@pytest.mark.slow
def test_the_guide_explains_each_type_with_sources(client):
    loader.load()
    whole = client.get(reverse("certifications:guide")).text
    by_type = {
        key: client.get(reverse("certifications:type_guide", args=[key])).text
        for key in CertificationType.objects.values_list("key", flat=True)
    }

    for name in ("NMSDC", "WBENC", "NVBDC", "Disability:IN", "NGLCC", "8(a)", "DBE"):
        assert name in whole
    assert len(by_type) == 5
    assert all("Texas HUB" in page for page in by_type.values())
    assert not any("VA CVE" in page for page in by_type.values())
    assert "Source: wbenc.org/certification-faqs" in by_type["woman"]
    assert any("Ask the certifier to be sure." in page for page in by_type.values())
    assert "NGLCC" not in by_type["woman"]
    assert client.get(reverse("certifications:type_guide", args=["unknown"])).status_code == 404


def test_the_guide_explains_the_rule_and_gives_the_last_count_of_clients(client, monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda _: 3)
    for plan, is_active in (("basic", True), ("business", True), ("enterprise", True), ("enterprise", False)):
        ClientFactory.create_batch(12, plan=plan, is_active=is_active)
    uncounted = client.get(reverse("certifications:guide")).text
    public_numbers.publish_due()
    ClientFactory.create_batch(12, plan="business")

    text = client.get(reverse("certifications:guide")).text

    assert "Only people at Business and Enterprise clients can see it." in text
    assert "that was at least 20 organizations." in text
    assert "organizations." not in uncounted


@pytest.mark.slow
def test_the_guide_costs_the_same_whatever_the_catalogue_holds(client, load, django_assert_max_num_queries):
    loader.load()

    for url in (reverse("certifications:guide"), reverse("certifications:type_guide", args=["woman"])):
        with django_assert_max_num_queries(7):
            client.get(url)
