"""Whoever makes a client from the OpenAPI document can work with it, and its types are true."""

import inspect
import json
from typing import get_type_hints
from urllib.parse import quote, urlencode

import pytest
from pydantic import TypeAdapter

from integrations.api.document import document
from tests.factories import CertificationFactory, ProfileFactory
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

    def send(method, path, keys, query, body=None):
        given = {name: value for name, value in query.items() if value is not None}
        address = path.format(**{name: quote(str(value)) for name, value in keys.items()})
        data = json.dumps(body) if body else None
        response = program.send(method, f"{address}?{urlencode(given, doseq=True)}", data)
        assert response.status_code in (200, 201), response.content
        caller = getattr(made.Client, inspect.stack()[1].function)
        type = get_type_hints(caller, vars(made))["return"]
        if type is bytes:
            return response.content
        TypeAdapter(type).validate_json(response.content)
        return response.json()

    return made.Client(send)


def test_a_made_client_reads_what_the_api_gives(client, program):
    record = CertificationFactory(found=True)
    made = client.create_shortlist({"name": "Bids"})
    client.add_to_shortlist(made["id"], record.profile.kind, record.profile.slug)

    [found] = client.list_certifications(type=[record.type.key], level="self_reported", limit=10)["results"]
    of_profile = client.list_certifications_of_profile(found["profile"]["kind"]["code"], found["profile"]["slug"])
    [listed] = client.list_shortlists()["results"]
    assert (listed["name"], listed["profiles"]) == ("Bids", 1)
    assert of_profile["results"] == [found]
    assert client.get_shortlist(listed["id"]) == listed
    assert client.list_certifications_of_shortlist(listed["id"])["results"] == [found]
    [entry] = client.list_entries_of_shortlist(listed["id"])["results"]
    assert entry["profile"] == found["profile"]
    assert client.remove_from_shortlist(made["id"], record.profile.kind, record.profile.slug) == made
    record.hide()
    [removed] = client.list_removed_certifications(since="2026-01-01T00:00:00Z")["results"]
    assert removed["id"] == found["id"]


def test_a_made_client_invites_and_withdraws(client, program):
    profile = ProfileFactory()
    [sent] = client.send_invitations(
        {
            "profiles": [{"kind": profile.kind, "slug": profile.slug}],
            "title": "Accounts",
            "text": "From January on.",
            "budget": 5000,
            "answer_by": str(profile.today()),
        }
    )["sent"]

    assert client.list_invitations()["results"] == [client.get_invitation(sent["id"])] == [sent]
    assert client.withdraw_invitation(sent["id"])["state"]["code"] == "withdrawn"


def test_a_made_client_downloads_a_file(client, program):
    record = CertificationFactory(found=True)
    made = client.create_shortlist({"name": "Bids"})
    client.add_to_shortlist(made["id"], record.profile.kind, record.profile.slug)
    export = client.create_export({"format": "csv", "shortlist": made["id"]})

    assert client.list_exports()["results"] == [client.get_export(export["id"])] == [export]
    assert record.number.encode() in client.download_export(export["id"])


def test_a_made_client_has_a_method_for_each_operation(client):
    methods = [name for name in vars(type(client)) if not name.startswith("_")]

    assert len(methods) == sum(len(methods) for methods in document()["paths"].values())
