"""Whoever makes a client from the OpenAPI document can work with it, and its types are true."""

import inspect
from typing import get_type_hints
from urllib.parse import quote, urlencode

import pytest
from pydantic import TypeAdapter

from integrations.api.document import document
from sourcing import shortlists
from sourcing.models import Shortlist
from tests.factories import CertificationFactory
from tests.integrations.programs import Program, admin_of
from tests.integrations.typed_client import module_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return Program(admin_of())


@pytest.fixture
def client(program):
    """The made client, every answer of which is held against the type of its method."""
    made = module_of(document())

    def send(method, path, keys, query):
        given = {name: value for name, value in query.items() if value is not None}
        address = path.format(**{name: quote(str(value)) for name, value in keys.items()})
        response = program.send(method, f"{address}?{urlencode(given, doseq=True)}")
        assert response.status_code == 200, response.content
        caller = getattr(made.Client, inspect.stack()[1].function)
        type = get_type_hints(caller, vars(made))["return"]
        TypeAdapter(type).validate_json(response.content)
        return response.json()

    return made.Client(send)


def test_a_made_client_reads_what_the_api_gives(client, program):
    record = CertificationFactory(found=True)
    held = Shortlist.objects.create(client=program.client, name="Bids")
    shortlists.add(held, record.profile, by=program.user)

    [found] = client.list_certifications(type=[record.type.key], level="self_reported", limit=10)["results"]
    of_profile = client.list_certifications_of_profile(found["profile"]["kind"]["code"], found["profile"]["slug"])
    [listed] = client.list_shortlists()["results"]
    assert of_profile["results"] == [found]
    assert client.get_shortlist(listed["id"]) == listed
    assert client.list_certifications_of_shortlist(listed["id"])["results"] == [found]
    [entry] = client.list_entries_of_shortlist(listed["id"])["results"]
    assert entry["profile"] == found["profile"]
    record.hide()
    [removed] = client.list_removed_certifications(since="2026-01-01T00:00:00Z")["results"]
    assert removed["id"] == found["id"]


def test_a_made_client_has_a_method_for_each_operation(client):
    methods = [name for name in vars(type(client)) if not name.startswith("_")]

    assert len(methods) == sum(len(methods) for methods in document()["paths"].values())
