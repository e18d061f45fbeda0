"""What developers read: the OpenAPI document, and pages whose examples work."""

import json
import re
from html import unescape
from io import BytesIO
from unittest.mock import patch

import pytest
from django.conf import settings
from jsonschema_rs import Draft202012Validator

from integrations.api.document import document, is_file, success_of
from integrations.api.problems import CONTENT_TYPE, Problem
from integrations.models import AccessToken
from tests.factories import CertificationFactory
from tests.integrations.programs import Program, admin_of

pytestmark = pytest.mark.django_db

PAGES = ["/developers/", "/developers/reference/", "/developers/errors/", "/developers/webhooks/"]


def operations():
    return [one for methods in document()["paths"].values() for one in methods.values()]


def validator(schema):
    """A validator of a schema of the document."""
    return Draft202012Validator(schema | {"components": document()["components"]}, validate_formats=True)


def test_the_document_is_public_and_names_its_operations(client):
    response = client.get("/api/v1/openapi.json")

    assert response["Content-Type"] == "application/json"
    told = response.json()
    assert told == document()
    assert (told["openapi"], told["servers"]) == ("3.1.0", [{"url": settings.SITE_URL}])
    names = {one["operationId"] for one in operations()}
    assert names >= {"listCertifications", "listRemovedCertifications", "listShortlists", "getShortlist"}
    assert len(names) == len(operations())


def test_each_operation_has_a_scope_an_example_that_fits_and_its_errors():
    responses = document()["components"]["responses"]
    for operation in operations():
        assert operation["x-scope"] in AccessToken.Scope.values
        assert operation["security"] == [{"Bearer": []}, {"OAuth": [operation["x-scope"]]}]
        assert operation["summary"]
        for content in success_of(operation)["content"].values():
            if not is_file(content["schema"]):
                validator(content["schema"]).validate(content["example"])
        assert {"401", "403", "422", "429", "500", "503"} <= operation["responses"].keys()
    for response in responses.values():
        content = response["content"][CONTENT_TYPE]
        validator(content["schema"]).validate(content["example"])


def test_everything_that_a_program_sends_is_explained():
    schemas = document()["components"]["schemas"]
    for operation in operations():
        told = list(operation["parameters"])
        if "requestBody" in operation:
            reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            told += schemas[reference.rpartition("/")[2]]["properties"].values()
        assert [one for one in told if not one.get("description")] == [], operation["operationId"]


def test_answers_fit_the_document():
    program = Program(admin_of())
    CertificationFactory(found=True)
    for operation, path in (("listCertifications", "/certifications"), ("listShortlists", "/shortlists")):
        [told] = [one for one in operations() if one["operationId"] == operation]
        schema = told["responses"]["200"]["content"]["application/json"]["schema"]
        validator(schema).validate(program.get(path).json())
    validator({"$ref": "#/components/schemas/Problem"}).validate(program.get("/none").json())


@pytest.mark.parametrize("page", PAGES)
def test_pages_for_developers_are_public_and_lead_to_each_other(client, page):
    text = client.get(page).text

    assert all(f'href="{other}"' in text for other in PAGES)


def test_the_reference_has_every_operation_parameter_and_object(client):
    text = client.get("/developers/reference/").text

    for operation in operations():
        assert f'id="{operation["operationId"]}"' in text
        assert all(f">{parameter['name']}</code>" in text for parameter in operation["parameters"])
    assert "one of self_reported, document, register, certifier" in text
    [create] = re.findall(r'<h3 id="createShortlist".*?</section>', text, re.S)
    assert "<h4>Body</h4>" in create
    assert json.dumps({"name": "Spring bids"}, indent=2) in unescape(create)
    assert 'An <a href="#Entry"' in text
    assert 'A <a href="#Shortlist"' in create


def test_operations_that_some_clients_do_not_have_say_that_they_may_be_missing():
    program = Program(admin_of("basic"))
    missing = {"/spend/goals", "/spend/payments", "/spend/reports"}

    for path in missing:
        assert program.get(path).status_code == 404
        assert "404" in document()["paths"][f"/api/v1{path}"]["get"]["responses"]
    assert program.send("POST", "/shortlists", b'{"name": "Bids"}').status_code == 404
    methods = document()["paths"]["/api/v1/shortlists"]
    assert ["404" in methods[method]["responses"] for method in ("get", "post")] == [False, True]


def test_each_error_leads_to_its_explanation(client):
    text = client.get("/developers/errors/").text

    for problem in Problem:
        assert problem.url.startswith(f"{settings.SITE_URL}/developers/errors/#")
        assert f'id="{problem.slug}"' in text


def test_the_examples_of_the_quick_start_work(client, capsys):
    program = Program(admin_of())
    records = [CertificationFactory(found=True) for _ in range(3)]
    blocks = [
        unescape(block) for block in re.findall(r"<code>(.*?)</code></pre>", client.get("/developers/").text, re.S)
    ]
    curl, *code = [block for block in blocks if block.startswith("TOKEN=") or "curl" not in block]
    address = re.search(r'curl "([^"]+)"', curl)[1]
    assert len(program.get(address).json()["results"]) == 2

    def urlopen(request):
        response = program.get(request.full_url)
        assert request.get_header("Authorization") == f"Bearer {program.secret}"
        return BytesIO(response.content)

    space = {}
    with patch("urllib.request.urlopen", urlopen), patch.dict("os.environ", TOKEN=program.secret):
        for block in code:
            exec(block, space)  # noqa: S102 (it is our own page)
        assert capsys.readouterr().out.count(records[0].label) == 3
        stored = {}
        last = space["keep_in_step"](stored)
        assert sorted(one["number"] for one in stored.values()) == sorted(record.number for record in records)
        records[0].hide()
        space["keep_in_step"](stored, last)

    assert sorted(one["number"] for one in stored.values()) == sorted(record.number for record in records[1:])
    assert json.loads(json.dumps(stored)) == stored
