"""The payments of a client: each says under what it counts or why not, and filters find them."""

import io
import re

import pytest
from django.urls import reverse

from certifications.models import Block, Certification, ClientView, Consent, Pause, UnusedType
from certifications.sharing import consents
from profiles.models import Profile
from spend import payments
from spend.browsing import PER_PAGE
from spend.choices import Reason
from tests.factories import ClientFactory
from tests.spend.test_overview import figure, name_of, text_of
from tests.spend.test_payments import HEADER
from tests.spend.test_report import pay

pytestmark = pytest.mark.django_db

YEAR = "/spend/payments/?starts_on=2025-07-01&ends_on=2026-06-30"


def numbers_of(page):
    return re.findall(r'\w <span translate="no">(\w+)</span>', page.text)


def verdict_of(page, number):
    [row] = [row for row in page.text.split("<tr>") if f'<span translate="no">{number}</span>' in row]
    return text_of_cell(row.split("</tr>")[0].split("<td")[-1])


def text_of_cell(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html.split(">", 1)[1]).split())


def test_each_payment_says_under_what_it_counts_or_why_not(books, client):
    page = client.get(YEAR)

    assert numbers_of(page) == ["D1", "A4", "A3", "A2", "C1", "B1", "T1", "F1", "A1"]
    council = Certification.objects.get(type__key="lgbt").certificate.body
    assert verdict_of(page, "D1").startswith(
        f"Counts {name_of('lgbt')}, {council.short_name or council.name} . Document checked. Valid until Jan 31, 2029."
    )
    letter = reverse("spend:letter", args=["freelancer", "ann"], query={"on": "2025-08-10"})
    [of_refund] = [row for row in page.text.split("<tr>") if '<span translate="no">A4</span>' in row]
    assert f'href="{letter}"' in of_refund  # of the day of the payment that it goes back to
    assert client.get(letter).status_code == 200
    assert verdict_of(page, "A3").startswith(f"Doesn't count {Reason.EXPIRED.label}.")
    assert verdict_of(page, "C1").startswith(f"Doesn't count {Reason.NO_CERTIFICATE.label}.")


def test_a_refund_leads_to_its_payment_and_counts_as_that_does(books, client):
    page = client.get(YEAR)
    [address] = re.findall(r'<a href="([^"]+)" translate="no">A1</a>', page.text)

    assert "−$100.00" in page.text
    assert numbers_of(client.get(address.replace("&amp;", "&"))) == ["A1"]
    assert verdict_of(page, "A4") == verdict_of(page, "A1")


@pytest.mark.parametrize(
    ("query", "found", "total"),
    [
        ("show=counted", ["D1", "A4", "A2", "A1"], "$2,100.00"),
        ("show=not_counted", ["A3", "C1", "B1"], "$4,500.00"),
        ("show=base", ["D1", "A4", "A3", "A2", "C1", "B1", "A1"], "$6,600.00"),
        ("show=outside", ["T1", "F1"], "$740.00"),
        ("type=woman", ["A4", "A2", "A1"], "$1,400.00"),
        ("reason=expired", ["A3"], "$200.00"),
        ("level=1", ["D1", "A4", "A2", "A1"], "$2,100.00"),
        ("kind=refund", ["A4"], "−$100.00"),
        ("number=C1", ["C1"], "$4,000.00"),
        ("business=bea", ["B1"], "$300.00"),
        ("business=ann&show=not_counted", ["A3"], "$200.00"),
    ],
)
def test_filters_find_payments_and_add_them_up(books, client, query, found, total):
    page = client.get(f"{YEAR}&{query}")

    assert (numbers_of(page), figure(page)) == (found, total)


@pytest.mark.parametrize("query", ["business=nobody", "cost_center=none", "file=999999999", "number=0"])
def test_filters_that_nothing_fits_say_so(books, client, query):
    assert "No payments fit these filters." in text_of(client.get(f"{YEAR}&{query}"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("ends_on=2025-01-01&starts_on=2025-02-01", "Enter a day that isn't before the first"),
        ("starts_on=today", "There is a problem"),
        ("type=nothing", "There is a problem"),
    ],
)
def test_what_cannot_be_asked_is_an_error_of_its_field(books, client, query, said):
    page = client.get(f"/spend/payments/?{query}")

    assert said in text_of(page)
    assert 'id="results"' not in page.text


def test_pages_follow_each_other_and_lose_no_payment(books, client):
    numbers = [f"N{number}" for number in range(PER_PAGE + 7)]
    pay(
        *((number, "cay", "2025-09-0" + str(1 + index % 7), "work", "1.00", "") for index, number in enumerate(numbers))
    )
    address, seen = f"{YEAR}&business=cay", []
    while address and len(seen) < 3 * PER_PAGE:
        page = client.get(address)
        seen += numbers_of(page)
        [address] = re.findall(r'rel="next" href="([^"]+)">Next 50', page.text) or [""]
        address = address and f"/spend/payments/{address}".replace("&amp;", "&")

    assert len(seen) == len(set(seen)) == PER_PAGE + 8
    assert set(numbers) < set(seen)


@pytest.mark.parametrize(
    "after", ["", "x", "2025-09-01", "9999-12-31 ~", "0001-01-01 a", "2025-13-01 a", "2025-09-01 a\0"]
)
def test_no_place_in_the_list_breaks_the_page(books, client, after):
    assert client.get(YEAR, {"after": after}).status_code == 200


def test_owners_read_that_the_client_viewed_the_certifications_that_count(books, client):
    client.head(YEAR)
    client.get(f"{YEAR}&show=not_counted")
    assert not ClientView.objects.exists()

    client.get(YEAR)

    assert set(ClientView.objects.values_list("profile__slug", "client__slug")) == {
        ("ann", "bright"),
        ("dee", "bright"),
    }


# What the rule hides is as if it were not there


def everything(client):
    """What the pages of spend say, and the names of the types that they can filter by."""
    paths = ["/spend/?year=2026", YEAR, f"{YEAR}&type=woman", f"{YEAR}&show=counted", f"{YEAR}&level=1"]
    return [re.sub(r'value="[\w:-]{20,}"', "", client.get(path).text.split("<main")[1]) for path in paths]


@pytest.mark.parametrize(
    "hide",
    [
        lambda client, record: Block.objects.create(profile=record.profile, client=client),
        lambda client, record: Pause.objects.create(profile=record.profile),
        lambda client, record: record.hide(),
        lambda client, record: record.withdraw(),
        lambda client, record: record.suspend(by=None, reason=Certification.Reason.UNDER_CHECK),
        lambda client, record: record.show_to(Certification.Audience.NAMED),
        lambda client, record: consents.choose(
            record.profile, Consent.Purpose.COUNT, is_given=False, plans=["enterprise"], by=None
        ),
        lambda client, record: Certification.objects.update(agreed_plans=["business"]),
    ],
)
def test_what_is_hidden_leaves_the_pages_as_if_it_had_never_been(books, client, hide):
    record = Certification.objects.get(type__key="lgbt")
    before = everything(client)
    assert all("$700.00" in page for page in (before[0], before[3]))

    hide(books, record)
    hidden = everything(client)
    record.delete()

    assert hidden == everything(client)
    assert hidden != before
    assert "$700.00" not in hidden[3]


def test_a_type_the_client_turned_off_is_named_nowhere(books, client):
    kind = Certification.objects.get(type__key="lgbt").type
    assert kind.name in everything(client)[0]

    UnusedType.objects.create(client=books, type=kind)

    assert not any(kind.name in page for page in everything(client))


def test_a_profile_the_viewer_may_not_see_has_no_name_and_is_not_found_by_it(books, client):
    assert "Profile not available" not in client.get(YEAR).text
    profile = Profile.objects.get(slug="cay")
    name = profile.name

    Profile.objects.filter(pk=profile.pk).update(is_active=False)

    assert name not in client.get(YEAR).text
    assert "Profile not available" in client.get(YEAR).text
    assert "No payments fit" in client.get(YEAR, {"business": name, "starts_on": "2025-07-01"}).text


def test_payments_of_other_clients_are_on_no_page(books, client):
    ClientFactory(slug="tall", name="Tall Timber")
    row = "Z9,{},freelancer,cay,2025-09-01,work,9.99,USD,,,\n"
    payments.read(io.BytesIO((HEADER + row.format("tall")).encode()), name="payments.csv")
    assert "Z9" not in numbers_of(client.get(YEAR))

    payments.read(io.BytesIO((HEADER + row.format("bright")).encode()), name="payments.csv")

    assert "Z9" in numbers_of(client.get(YEAR))
