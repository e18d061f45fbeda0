"""What the API gives of spend: what the pages of spend show, in exact amounts, and nothing that an owner hides."""

import pytest

from certifications.models import Block, Certification, ClientView, Consent, Pause
from certifications.sharing import consents
from integrations.api.problems import Problem
from profiles.models import ClientMembership, Profile
from sourcing import terms
from sourcing.exports import files
from spend.choices import Reason
from spend.models import Goal, IssuedReport, ReportedPayment
from tests.integrations.programs import Program, admin_of
from tests.integrations.test_api import problem
from tests.site import held_out_person, sign_in
from tests.spend import conftest
from tests.spend.test_issuing import again
from tests.spend.test_payments_page import numbers_of
from tests.spend.test_report import pay

pytestmark = pytest.mark.django_db
house, books, issued = conftest.house, conftest.books, conftest.issued

PERIOD = "starts_on=2025-07-01&ends_on=2026-06-30"
OPERATIONS = ["/spend/reports", "/spend/reports/1", "/spend/reports/1/payments", "/spend/payments", "/spend/goals"]


@pytest.fixture
def program(books):
    ClientMembership.objects.filter(client=books).update(role=ClientMembership.Role.ADMIN)
    return Program(books.memberships.get().user)


def payments_of(program, query=""):
    return {row["number"]: row for row in program.results(f"/spend/payments?{PERIOD}{query}")}


def usd(amount):
    return {"amount": amount, "currency": "USD"}


@pytest.mark.parametrize(
    "query",
    ["", "&show=counted", "&show=not_counted", "&show=outside", "&type=woman", "&reason=expired", "&kind=refund",
     "&number=C1", "&business=bea"],
)  # fmt: skip
def test_payments_are_those_of_the_page(program, client, query):
    assert list(payments_of(program, query)) == numbers_of(client.get(f"/spend/payments/?{PERIOD}{query}"))


def test_payment_says_what_it_counts_under_or_why_not(program):
    found = payments_of(program)

    assert payments_of(program, "&level=document").keys() == {"A1", "A2", "A4", "D1"}
    assert {number: row["reason"]["code"] for number, row in found.items() if row["reason"]} == {
        "A3": Reason.EXPIRED,
        "B1": Reason.SELF_REPORTED,
        "C1": Reason.NO_CERTIFICATE,
        "F1": Reason.EXCLUDED_KIND,
        "T1": Reason.EXCLUDED_KIND,
    }
    refund = found["A4"]
    assert (refund["amount"], refund["refers_to"], refund["is_counted"]) == (usd("-100.00"), "A1", True)
    council = Certification.objects.get(type__key="lgbt").certificate.body
    assert found["D1"]["certificates"] == [
        {
            "type": {"code": "lgbt", "label": Certification.objects.get(type__key="lgbt").type.name},
            "certifier": {"code": council.key, "label": str(council)},
            "level": {"code": "document", "label": "Document checked"},
            "ends_on": "2029-01-31",
        }
    ]
    assert found["D1"]["profile"]["slug"] == "dee"


@pytest.mark.slow
def test_pages_of_any_length_lose_no_payment(program):
    whole = payments_of(program)

    assert list(payments_of(program, "&limit=2")) == list(whole)
    first = program.get(f"/spend/payments?{PERIOD}&limit=2").json()
    assert (len(first["results"]), first["previous"]) == (2, None)
    assert problem(program.get("/spend/payments?cursor=x")) == Problem.INVALID


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("starts_on=2025-02-01&ends_on=2025-01-01", "/query/ends_on"),
        ("starts_on=today", "/query/starts_on"),
        ("type=nothing", "/query/type"),
        ("level=best", "/query/level"),
        ("show=some", "/query/show"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(program, query, pointer):
    response = program.get(f"/spend/payments?{query}")

    assert problem(response) == Problem.INVALID
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


def test_report_has_its_sums_and_is_the_same_until_it_is_superseded(issued, program):
    address = "/spend/reports/1"
    response = program.get(address)
    report = response.json()

    assert report["base"]["sum"] == usd("6600.05")
    assert report["counted"] == {"sum": usd("2100.05"), "payments": 5, "businesses": 2, "share": "31.8"}
    split = {row["type"]["code"]: row["split"]["amount"] for row in report["types"]}
    assert split == {"minority": "466.68", "woman": "466.68", "veteran": "466.68", "lgbt": "700.00"}
    assert program.get(address, **{"if-none-match": response["ETag"]}).status_code == 304

    replaced_by = again(issued)

    changed = program.get(address, **{"if-none-match": response["ETag"]})
    assert changed.json() == report | {"superseded_by": replaced_by.number}
    listed = program.results("/spend/reports?limit=1")
    assert [(row["number"], row["replaces"]) for row in listed] == [(1, None), (2, 1)]
    assert listed[1]["reason"] == "A certificate arrived late"


def test_payments_of_a_report_are_its_rows(issued, program):
    found = program.results("/spend/reports/1/payments?limit=3")

    rows = ReportedPayment.objects.filter(report=issued)
    assert [(row["position"], row["amount"]["amount"], row["types"]) for row in found] == [
        (row.position, str(row.amount), row.types) for row in rows
    ]
    first = next(row for row in found if row["number"] == "A1")
    assert first["payee"] == Profile.objects.get(slug="ann").name
    assert {certificate["type"] for certificate in first["certificates"]} == set(first["types"])
    noted = ClientView.objects.values_list("profile__slug", "surface")
    assert set(noted) == {("ann", "api"), ("bea", "api"), ("dee", "api")}


def test_report_names_no_one_who_takes_it_back_and_keeps_the_amounts(issued, program):
    before = program.results("/spend/reports/1/payments")
    ann = Profile.objects.get(slug="ann")
    ClientView.objects.all().delete()

    consents.choose(ann, Consent.Purpose.COUNT, is_given=False, plans=[], by=None)

    after = program.results("/spend/reports/1/payments")
    anns = {row["position"] for row in before if row["payee"] == ann.name}
    nothing = dict.fromkeys(("number", "version", "paid_on", "refers_to", "payee")) | {"certificates": []}
    assert after == [row | nothing if row["position"] in anns else row for row in before]
    assert not ClientView.objects.filter(profile=ann).exists()


def test_goals_say_how_far_the_client_is(program):
    Goal.objects.create(client=program.client, fiscal_year=2026, amount=4_200)

    found = program.get("/spend/goals?year=2026").json()

    assert (found["starts_on"], found["ends_on"], found["base"]) == ("2025-07-01", "2026-06-30", usd("6600.00"))
    [goal] = found["results"]
    assert (goal["type"], goal["target"], goal["counted"], goal["missing"]) == (
        None, usd("4200.00"), usd("2100.00"), usd("2100.00"),
    )  # fmt: skip
    assert goal["basis"] == "amount"
    assert problem(program.get("/spend/goals?year=1")) == Problem.INVALID


HIDING = {
    "block": lambda client, record: Block.objects.create(profile=record.profile, client=client),
    "pause": lambda client, record: Pause.objects.create(profile=record.profile),
    "hide": lambda client, record: record.hide(),
    "withdraw": lambda client, record: record.withdraw(),
    "no consent": lambda client, record: consents.choose(
        record.profile, Consent.Purpose.COUNT, is_given=False, plans=[], by=None
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("hide", HIDING)
def test_what_is_hidden_is_as_if_it_had_never_been(program, hide):
    """Dee's one certification is hidden: her payment says what Cay's says, who never had any."""
    pay(("C9", "cay", "2026-02-15", "work", "700.00", ""))
    record = Certification.objects.get(type__key="lgbt")
    Goal.objects.create(client=program.client, fiscal_year=2026, type=record.type, amount=1_000)

    HIDING[hide](program.client, record)

    found = payments_of(program)
    alike = {"number": "", "profile": ""}
    assert found["D1"] | alike == found["C9"] | alike
    assert "D1" not in payments_of(program, "&type=lgbt")
    assert program.get("/spend/goals?year=2026").json()["results"][0]["counted"] == usd("0.00")
    assert not ClientView.objects.filter(profile=record.profile).exists()


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_is_for_clients_in_the_audience_with_the_scope(issued, operation):
    """A client of another plan and one that is held out are answered as if there were nothing at that address."""
    outside = [Program(admin_of("plus"))]
    held_out = held_out_person()
    held_out.client_memberships.update(role=ClientMembership.Role.ADMIN)
    terms.accept(held_out.client_memberships.get().client_id, purpose="To report.", by=held_out)
    outside.append(Program(held_out))
    for program in outside:
        assert problem(program.get(operation)) == Problem.NOT_FOUND

    other = Program(admin_of())
    report = IssuedReport.objects.get().number
    if str(report) in operation:
        assert other.get(operation).content == other.get(operation.replace("1", "99")).content
    else:
        assert "ann" not in other.get(operation).text

    lacking = Program(admin_of(), scopes=["certifications:read", "shortlists:read"])
    assert problem(lacking.get(operation)) == Problem.SCOPE


@pytest.mark.parametrize(
    ("operation", "queries"),
    [
        ("/spend/reports", 17),
        ("/spend/reports/1", 18),
        ("/spend/reports/1/payments", 21),
        (f"/spend/payments?{PERIOD}", 34),
    ],
)
def test_number_of_queries_does_not_depend_on_the_number_of_rows(
    issued,
    program,
    operation,
    queries,
    django_assert_num_queries,
):
    program.get(operation)
    for number in range(3):
        with django_assert_num_queries(queries):
            program.get(operation)
        pay((f"N{number}", "ann", "2025-09-02", "work", "1.00", ""))
        again(IssuedReport.objects.latest("number"))


def test_tables_of_a_report_are_the_files_of_its_page(issued, program, client):
    tables = program.get("/spend/reports/1/tables").json()["results"]
    sign_in(client, program.user)

    assert {"payments", "certificates", "types"} <= {table["name"] for table in tables}
    for name, kind in (("types", "csv"), ("payments", "csv"), ("payments", "xlsx")):
        file = program.get(f"/spend/reports/1/tables/{name}?format={kind}")
        page = client.get(f"/spend/reports/1/tables/{name}.{kind}")
        assert file.content == page.getvalue()
        assert file["Content-Disposition"] == page["Content-Disposition"]
    assert problem(program.get("/spend/reports/1/tables/none")) == Problem.NOT_FOUND
    assert problem(program.get("/spend/reports/1/tables/types?format=pdf")) == Problem.INVALID


def test_a_table_that_names_businesses_is_noted_for_them(issued, program):
    program.get("/spend/reports/1/tables/types")
    assert not ClientView.objects.exists()

    program.get("/spend/reports/1/tables/payments")

    assert set(ClientView.objects.values_list("surface", flat=True)) == {ClientView.Surface.EXPORT}


def test_a_spreadsheet_that_would_lose_rows_is_refused(issued, program, monkeypatch):
    monkeypatch.setattr(files, "MOST_ROWS", 1)

    response = program.get("/spend/reports/1/tables/payments?format=xlsx")

    assert response.json()["errors"][0]["pointer"] == "/query/format"
