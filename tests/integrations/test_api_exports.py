"""Programs have files made of a shortlist or a search, and download them, as members do on their pages."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from certifications.models import Block, Certification, ClientView
from integrations.api.problems import Problem
from sourcing import terms
from sourcing.models import Export, Shortlist
from tests.factories import CertificationFactory, ClientMembershipFactory
from tests.integrations.programs import Program, admin_of
from tests.integrations.test_api import problem
from tests.site import person, roll_out, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return Program(admin_of())


@pytest.fixture
def record(program):
    """A certification of a profile on the client's shortlist "Bids"."""
    record = CertificationFactory(found=True, number="WBE2100456")
    Shortlist.objects.create(client=program.client, name="Bids").entries.create(profile=record.profile)
    return record


def create(program, headers=None, **body):
    return program.send("POST", "/exports", json.dumps({"format": "csv", **body}), **(headers or {}))


def of_shortlist(program, **body):
    return create(program, shortlist=str(Shortlist.objects.get().key), **body)


def numbers(response):
    """The certificate numbers in a downloaded file."""
    assert response.status_code == 200, response.content
    return [row["Certificate number"] for row in csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))]


def test_a_shortlist_is_exported_and_downloaded_as_on_its_page(program, record, client):
    made = of_shortlist(program)

    assert made.status_code == 201
    told = made.json()
    assert (told["subject"], told["state"]["code"], told["rows"]) == ("Shortlist “Bids”", "done", 1)
    file = program.get(told["file"])
    assert numbers(file) == ["WBE2100456"]
    sign_in(client, program.user)
    page = client.get(reverse("sourcing:export_file", args=[told["id"]]))
    assert page.getvalue() == file.content
    assert page["Content-Disposition"] == file["Content-Disposition"]
    assert file["Content-Type"] == "text/csv; charset=utf-8"


def test_its_owner_sees_the_export_in_the_log(program, record):
    of_shortlist(program)

    seen = ClientView.objects.get(profile=record.profile)
    assert (seen.client, seen.surface) == (program.client, ClientView.Surface.EXPORT)


def test_a_search_is_exported_by_the_filters_of_the_list(program, record):
    CertificationFactory(found=True)

    narrowed = create(program, search={"type": [record.type.key], "q": record.profile.name}).json()
    everything = create(program, format="xlsx").json()

    assert numbers(program.get(narrowed["file"])) == ["WBE2100456"]
    assert narrowed["subject"].startswith("Search: ")
    assert (everything["subject"], everything["rows"]) == ("All search results", 2)
    assert program.get(everything["file"]).content.startswith(b"PK")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"format": "pdf"}, "/body/format"),
        ({"search": {"type": ["none"]}}, "/body/search/type"),
        ({"search": {"level": "none"}}, "/body/search/level"),
        ({"search": {"typ": ["woman"]}}, "/body/search/typ"),
        ({"shortlst": "Bids"}, "/body/shortlst"),
        ({"shortlist": "00000000-0000-4000-8000-000000000000", "search": {}}, "/body/search"),
    ],
)
def test_what_cannot_be_exported_is_pointed_at(program, body, pointer):
    response = create(program, **body)

    assert problem(response) == Problem.INVALID
    assert response.json()["errors"][0]["pointer"] == pointer
    assert not Export.objects.exists()


def test_the_same_key_makes_one_file(program, record):
    first, again = (of_shortlist(program, headers={"idempotency_key": "k1"}) for _ in range(2))

    assert first.content == again.content
    assert Export.objects.count() == 1


def test_the_hourly_limit_of_the_pages_holds(program, record):
    with override_settings(ACCOUNT_RATE_LIMITS={"export": "1/h/user"}):
        of_shortlist(program)
        response = of_shortlist(program)

    assert problem(response) == Problem.INVALID
    assert "too many exports" in response.json()["errors"][0]["message"]


def block(program, record):
    Block.objects.create(profile=record.profile, client=program.client)


def remove_file(program, record):
    Export.objects.get().file.delete(save=False)


OUTDATING = {
    "hide": lambda program, record: record.hide(),
    "block": block,
    "delete": lambda program, record: Certification.objects.all().delete(),
    "correct": lambda program, record: Certification.objects.update(number="WBE2100457"),
    "forget the file": lambda program, record: Export.objects.update(file=""),
    "remove the file": remove_file,
}


@pytest.mark.parametrize("act", OUTDATING)
def test_a_file_that_is_no_longer_true_or_there_is_not_given(program, record, act):
    file = of_shortlist(program).json()["file"]

    OUTDATING[act](program, record)

    assert problem(program.get(file)) == Problem.GONE


def test_a_file_that_is_being_made_is_not_there_yet(program, record):
    made = of_shortlist(program).json()
    Export.objects.update(state=Export.State.RUNNING)

    assert program.get(f"/exports/{made['id']}").json()["file"] is None
    assert problem(program.get(made["file"])) == Problem.NOT_FOUND


def test_exports_of_others_are_not_there(program, record):
    made = of_shortlist(program).json()
    colleague = ClientMembershipFactory(user=person(), client=program.client, role="admin").user
    stranger = admin_of()

    for other in (Program(colleague), Program(stranger)):
        assert other.results("/exports") == []
        for path in (f"/exports/{made['id']}", made["file"]):
            assert problem(other.get(path)) == Problem.NOT_FOUND
    assert problem(of_shortlist(Program(admin_of("business")))) == Problem.NOT_FOUND


def test_a_client_that_may_be_shown_nothing_now_has_no_exports(program, record):
    made = of_shortlist(program).json()

    roll_out(is_paused=True)

    for path in ("/exports", f"/exports/{made['id']}", made["file"]):
        assert problem(program.get(path)) == Problem.NOT_FOUND
    assert problem(of_shortlist(program)) == Problem.NOT_FOUND


def test_a_file_needs_the_newest_terms(program, record, monkeypatch):
    made = of_shortlist(program).json()
    monkeypatch.setattr(terms, "is_accepted", lambda client_pk: False)

    assert problem(program.get(made["file"])) == Problem.TERMS
    assert problem(of_shortlist(program)) == Problem.TERMS


def test_reading_certifications_does_not_allow_files():
    reader = Program(admin_of(), scopes=["certifications:read", "shortlists:read", "spend:read"])

    for path in ("/exports", "/exports/1/file", "/spend/reports/1/tables", "/spend/reports/1/tables/payments"):
        assert problem(reader.get(path)) == Problem.SCOPE


def test_exports_are_listed_oldest_first(program, record):
    first = of_shortlist(program).json()
    second = create(program).json()
    Export.objects.filter(pk=second["id"]).update(asked_at=timezone.now() + timedelta(minutes=1))

    assert [one["id"] for one in program.results("/exports?limit=1")] == [first["id"], second["id"]]
