"""The overview of a client's spend: each number leads to the payments that it adds up."""

import io
import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from certifications.models import CertificationType, Pause
from common.translation import plain
from spend import payments
from spend.choices import Reason
from spend.models import AddressableSpend, SavedRules
from tests.factories import ProfileFactory
from tests.spend.test_payments import HEADER
from tests.spend.test_report import certified, pay

pytestmark = pytest.mark.django_db


def text_of(response):
    """The words of a page's <main>, with single spaces."""
    return " ".join(plain(response.text.split("<main")[1].split(">", 1)[1].split("</main>")[0]).split())


def rows_of(response, label):
    """The cells of the table in the region called `label`, row by row."""
    table = response.text.split(f'aria-label="{label}"')[1].split("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.S)
    return [
        [" ".join(plain(cell).split()) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in rows
    ]


def links_of(response, words):
    """The addresses of the links with these words."""
    found = re.findall(r'<a href="([^"]+)"[^>]*>\s*([^<]*?)\s*</a>', response.text)
    return [unescape(address) for address, text in found if text == words]


def name_of(key):
    return CertificationType.objects.get(key=key).name


def test_the_house_fixture_is_shown(books, client):
    page = client.get("/spend/?year=2026")

    assert "Fiscal year 2026, Jul 1, 2025 to Jun 30, 2026" in text_of(page)
    assert rows_of(page, "Spend by type")[1:] == [
        [name_of("woman"), "$1,400.00", "21.2%", "3", "1"],
        [name_of("minority"), "$1,400.00", "21.2%", "3", "1"],
        [name_of("veteran"), "$0.00", "0.0%", "0", "0"],
        [name_of("lgbt"), "$700.00", "10.6%", "1", "1"],
        ["Each payment once", "$2,100.00", "31.8%", "4", "2"],
    ]
    assert "the types add up to more than the total" in text_of(page)
    assert rows_of(page, "Spend by quarter")[1:] == [
        ["Q1, Jul to Sep 2025", "$1,300.00", "$1,000.00", "76.9%"],
        ["Q2, Oct to Dec 2025", "$4,500.00", "$500.00", "11.1%"],
        ["Q3, Jan to Mar 2026", "$800.00", "$600.00", "75.0%"],
        ["Q4, Apr to Jun 2026", "$0.00", "$0.00", "–"],
    ]
    assert rows_of(page, "Spend by verification level")[1:] == [["Document checked", "$2,100.00", "100.0%", "4", "2"]]
    assert rows_of(page, "Payments that don't count")[1:] == [
        [Reason.NO_CERTIFICATE.label, "$4,000.00", "60.6%", "1", "1"],
        [Reason.EXPIRED.label, "$200.00", "3.0%", "1", "1"],
        [Reason.SELF_REPORTED.label, "$300.00", "4.5%", "1", "1"],
    ]
    assert rows_of(page, "Payments left out of the totals")[1:] == [[Reason.EXCLUDED_KIND.label, "$740.00", "2", "0"]]


def test_every_number_leads_to_payments_that_add_up_to_it(books, client):
    page = client.get("/spend/?year=2026")
    links = re.findall(r'<a href="(/spend/payments/[^"]+)">(.{0,9}[\d,]+\.\d\d)</a>', page.text)

    assert len(links) > 15
    for address, amount in links:
        listed = client.get(unescape(address))
        total = "$0.00" if "No payments" in text_of(listed) else figure(listed)
        assert total == amount, address


def figure(listed):
    """The total of the payments on a page of them."""
    return re.search(r"<dl.*?<dd>(.*?)</dd>", listed.text, re.S)[1]


def test_what_was_settled_in_another_currency_stands_apart(books, client):
    pay_in = HEADER + "E1,bright,freelancer,ann,2025-08-11,work,80.00,EUR,,,\n"
    payments.read(io.BytesIO(pay_in.encode()), name="euros.csv")

    page = client.get("/spend/?year=2026")

    assert ["It was settled in EUR", "EUR 80.00", "1", "1"] in rows_of(page, "Payments left out of the totals")
    [address] = links_of(page, "EUR\N{NO-BREAK SPACE}80.00")
    assert figure(client.get(address)) == "EUR\N{NO-BREAK SPACE}80.00"
    assert "In other currencies, not in the amounts1" in text_of(client.get("/spend/payments/?year=2026"))


def test_without_rules_of_its_own_the_default_ones_are_named(books, client):
    SavedRules.objects.all()._raw_delete("default")

    page = client.get("/spend/?year=2025")

    assert "2025, Jan 1, 2025 to Dec 31, 2025" in text_of(page)
    assert "Counted by the default rules. See the rules" in text_of(page)


@pytest.mark.parametrize(
    ("year", "said"),
    [
        ("2024", "No payments in this fiscal year."),
        ("2090", "This fiscal year hasn't begun."),
    ],
)
def test_a_year_without_payments_says_so(books, client, year, said):
    assert said in text_of(client.get(f"/spend/?year={year}"))


def test_the_years_before_and_after_are_linked_within_what_dates_reach(books, client):
    page = client.get("/spend/?year=2026").text
    found = list(dict.fromkeys(re.findall(r"\?year=\d+", page)))
    assert found == ["?year=2026", "?year=2025", "?year=2027"]  # the page itself first
    assert "?year=1999" not in client.get("/spend/?year=2000").text
    assert "?year=2101" not in client.get("/spend/?year=2100").text


def test_the_share_of_the_addressable_spend_needs_every_day_of_the_year(books, client):
    half = {"starts_on": date(2025, 7, 1), "ends_on": date(2025, 12, 31), "amount": 10_000, "note": "Purchases"}
    rules = SavedRules.objects.create(client=books, fiscal_year_start=7)
    AddressableSpend.objects.create(rules=rules, **half)
    assert "Not entered for this fiscal year" in text_of(client.get("/spend/?year=2026"))

    AddressableSpend.objects.create(
        rules=rules, starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30), amount=11_000, note="Purchases"
    )

    assert "Share of addressable spend 10.0% of $21,000.00" in text_of(client.get("/spend/?year=2026"))


def test_what_expires_soon_of_paid_businesses_leads_to_the_list(books, client):
    profile = ProfileFactory(slug="eve", name="Eve Works")
    today = timezone.localdate()
    certified("woman", profile, "2020-01-01", str(today + timedelta(days=20)))
    pay(("E1", "eve", str(today), "work", "10.00", ""))

    assert "1 certification of businesses you paid expires in the next 90 days." in text_of(client.get("/spend/"))

    Pause.objects.create(profile=profile)
    assert "in the next 90 days" not in text_of(client.get("/spend/"))


@pytest.mark.parametrize("path", ["/spend/", "/spend/payments/"])
def test_the_queries_do_not_depend_on_the_number_of_payments(lead, client, path):
    today = timezone.localdate()

    def asked_after(number):
        profile = ProfileFactory(slug=f"p{number}")
        certified("woman", profile, "2020-01-01", str(today + timedelta(days=9)))
        pay(*((f"{number}-{n}", f"p{number}", str(today), "work", "10.00", "") for n in range(number + 1)))
        pay((f"{number}-r", f"p{number}", str(today), "refund", "-1.00", f"{number}-0"))
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        return len(asked)

    assert asked_after(0) == asked_after(1) == asked_after(4)
