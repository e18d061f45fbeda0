"""The filters of the search: each stands whole in its class, and what is assembled from them agrees."""

from dataclasses import fields

import pytest
from django.http import QueryDict

from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import addresses
from sourcing.filters import FILTERS, Filters
from sourcing.forms.search import SourcingForm
from tests.factories import CertificationFactory, CertificationTypeFactory
from tests.site import client_person


@pytest.fixture
def read(db):
    """The form of a search by a member of a Business client."""
    viewer = Viewer(client_person("business"))

    def read(query: str) -> SourcingForm:
        return SourcingForm(QueryDict(query), viewer=viewer, policy=RolloutPolicy.in_force())

    return read


def test_each_filter_has_one_key_and_each_key_one_filter():
    keys = [filter.attribute or filter.name for filter in FILTERS]

    assert sorted([*keys, "shown_types"]) == sorted(field.name for field in fields(Filters))


def test_each_filter_has_a_field_of_the_form(read):
    assert {filter.name for filter in FILTERS} <= read("").fields.keys()


def test_a_search_for_nothing_has_no_filter_in_force(read):
    form = read("")

    assert form.in_force == []
    assert form.filters == Filters()


def test_each_filter_in_force_has_a_chip_that_leads_to_the_search_without_it(read):
    record, other = CertificationFactory(), CertificationTypeFactory()
    saved = read("").choices.saved_searches.create(
        client_id=read("").viewer.client.pk, user=read("").viewer.user, name="Books"
    )
    values = {
        "q": "book",
        "types": record.type_id,
        "certificate": record.certificate_id,
        "body": record.certificate.body_id,
        "step": 1,
        "valid_until": "2099-01-31",
        "skills": "Excel",
        "kind": "agency",
        "state": "NY",
        "rate_from": 0,
        "rate_to": 90,
    }
    searches = [f"{name}={value}" for name, value in values.items()]
    searches += ["everyone=on", f"types={record.type_id}&types={other.pk}&match=all", f"new_in={saved.pk}"]
    told = set()
    for query in searches:
        form = read(query)
        assert form.searched_for.keys() == set(QueryDict(query))
        for chip in form.chips():
            told.add(chip.name)
            left = form.reading(addresses.without(form.query, chip))
            assert chip not in left.chips()
    assert told == {filter.name for filter in FILTERS}


def test_a_search_of_everyone_leaves_aside_what_is_about_certifications(read):
    form = read("everyone=on&step=1&valid_until=2099-01-31&state=NY")

    assert form.leaves_aside
    assert [filter.name for filter in form.in_force] == ["everyone", "state"]


def test_filters_of_the_catalogue_that_exclude_each_other_leave_the_narrowest_aside(read):
    record, other = CertificationFactory(), CertificationFactory()

    form = read(f"types={record.type_id}&certificate={other.certificate_id}")

    assert [chip.name for chip in form.chips()] == ["types"]
    assert list(form.errors) == ["certificate"]
    assert form.knows_all


@pytest.mark.parametrize(
    ("query", "other", "are_alike"),
    [
        ("q=book&state=NY", "state=NY&q=Book ", True),
        ("q=book&match=any&sort=relevance&kind=", "q=book", True),
        ("q=book", "q=book&sort=name", False),
        ("types=1&types=2", "types=2&types=1", True),
        ("types=1&types=2&match=all", "types=1&types=2", False),
    ],
)
def test_two_addresses_ask_for_the_same_whatever_their_order_and_case(query, other, are_alike):
    assert addresses.are_alike(query, other) is are_alike


def test_a_search_is_kept_without_the_position_in_its_results():
    query = QueryDict("q=book&after=0~x~1&before=&state=&new_in=5&csrfmiddlewaretoken=x")

    assert addresses.kept(query) == "q=book"
    assert addresses.kept(query, keeps_news=True) == "q=book&new_in=5"
