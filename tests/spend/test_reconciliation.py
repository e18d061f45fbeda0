"""The reconciliation: from all payments in the ledger to what counts, to the cent, each step with its payments."""

import csv
import io
from decimal import Decimal

import pytest
from django.utils import timezone

from spend import payments, reconciling
from spend.choices import Reason
from spend.models import SavedRules
from spend.totals import Line, Totals
from tests.spend.test_overview import figure, links_of, name_of, rows_of, text_of
from tests.spend.test_payments import HEADER
from tests.spend.test_report import pay

pytestmark = pytest.mark.django_db

PAGE = "/spend/reconciliation/?year=2026"
FILE = "/spend/reconciliation/reconciliation.csv?year=2026"
STEPS = [
    ["Work", "$6,700.00", "6"],
    ["Platform fee", "$650.00", "1"],
    ["Tax", "$90.00", "1"],
    ["Refund", "−$100.00", "1"],
    ["All payments in the ledger", "$7,340.00", "9"],
    [Reason.EXCLUDED_KIND.label, "−$740.00", "−2"],
    ["Payments in the total", "$6,600.00", "7"],
    [Reason.NO_CERTIFICATE.label, "−$4,000.00", "−1"],
    [Reason.EXPIRED.label, "−$200.00", "−1"],
    [Reason.SELF_REPORTED.label, "−$300.00", "−1"],
    ["Counts as spend with certified businesses", "$2,100.00", "4"],
]


def test_the_house_fixture_reconciles_to_the_cent(books, client):
    page = client.get(PAGE)

    assert rows_of(page, "Steps")[1:] == STEPS
    assert rows_of(page, "Types")[1:] == [
        [name_of("woman"), "$1,400.00", "$1,400.00"],
        [name_of("minority"), "$1,400.00", "$0.00"],
        [name_of("veteran"), "$0.00", "$0.00"],
        [name_of("lgbt"), "$700.00", "$700.00"],
        ["Sum", "$3,500.00", "$2,100.00"],
    ]
    assert "31.8% of $6,600.00" in text_of(page)
    assert "don't add up" not in text_of(page)


def test_each_step_leads_to_payments_that_add_up_to_it(books, client):
    page = client.get(PAGE)

    for _, amount, _ in STEPS:
        address = links_of(page, amount)[0]
        assert figure(client.get(address)).lstrip("−") == amount.lstrip("−"), address


def test_what_was_settled_in_another_currency_stands_apart(books, client):
    paid = "bright,freelancer,ann,2025-08-11,work"
    rows = f"E1,{paid},80.00,EUR,,,,,\nE2,{paid},90.00,EUR,,,,99.00,USD\n"
    header = HEADER.rstrip("\n") + ",settled_amount,settled_currency\n"
    assert payments.read(io.BytesIO((header + rows).encode()), name="euros.csv").problems == []

    page = client.get(PAGE)

    assert ["Work", "$6,799.00", "7"] in rows_of(page, "Steps")
    assert ["All payments in the ledger", "$7,439.00", "10"] in rows_of(page, "Steps")
    assert ["Counts as spend with certified businesses", "$2,199.00", "5"] in rows_of(page, "Steps")
    assert "EUR 80.00, 1 payment" in text_of(page).replace("\N{NO-BREAK SPACE}", " ")


def test_corrections_and_refunds_of_unknown_payments_reconcile(books, client):
    pay(("A2", "ann", "2025-12-31", "work", "450.00", ""), ("X1", "ann", "2025-12-31", "refund", "-5.00", "NONE"))

    steps = rows_of(client.get(PAGE), "Steps")

    assert ["All payments in the ledger", "$7,285.00", "10"] in steps
    assert [Reason.UNKNOWN_PAYMENT.label, "$5.00", "−1"] in steps
    assert "don't add up" not in text_of(client.get(PAGE))


def test_the_file_has_the_same_steps(books, client):
    response = client.get(FILE)
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert rows[0] == ["Step", "Total", "Amount", "Currency", "Payments"]
    assert [[words, amount, number] for words, _, amount, _, number in rows[1:]] == [
        [words, amount.replace("−", "-").replace("$", "").replace(",", ""), number.replace("−", "-")]
        for words, amount, number in STEPS
    ]
    assert [row[0] for row in rows if row[1] == "yes"] == [
        "All payments in the ledger",
        "Payments in the total",
        "Counts as spend with certified businesses",
    ]


def test_a_year_without_payments_says_so(books, client):
    assert "there is nothing to reconcile" in text_of(client.get("/spend/reconciliation/?year=2020"))


def test_totals_that_the_ledger_does_not_lead_to_are_noticed(books):
    nothing = Line(Decimal(0), 0, 0)
    wrong = Totals(Line(Decimal(1), 1, 1), {}, nothing, {}, {}, {Reason.EXPIRED: Line(Decimal(1), 1, 1)}, {})
    rules = SavedRules.objects.get().plain()
    year = rules.fiscal_year_named(2026)

    assert not reconciling.reconcile(books, year, wrong, rules=rules, cutoff=timezone.now()).is_complete
