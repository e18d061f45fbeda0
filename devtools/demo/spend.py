"""The demo's payments: two years of the marketplace's books, imported as staff import them, and a client's rules."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from certifications.models import CertificationType
from profiles.models import Client, ClientMembership, Profile, User
from rollout.models import RolloutPolicy
from spend import issuing, payments
from spend.choices import Kind
from spend.issuing import Signer
from spend.models import AddressableSpend, Goal, ReportDraft, SavedRules
from spend.rules import Rules

MONTHS = 25  # two years and the month under way
USD = "USD"
TO_USD = Decimal("0.73")  # of the other currency, which is the same on every day of the demo
FEE = Decimal("0.05")
# The versions of the rules, by how many days ago they were saved.
RULES: dict[int, dict[str, Any]] = {
    760: {"fiscal_year_start": 7},
    410: {"fiscal_year_start": 7, "primary_order": ["woman", "minority"]},
}
ADDRESSABLE = Decimal(410_000)  # a fiscal year
GOAL_PERCENT = Decimal(25)
GOAL_AMOUNT = Decimal(75_000)
SIGNED_AS = "Director of supplier diversity"


class Row(NamedTuple):
    """A row of the books. Its fields are the columns of the file."""

    external_id: str
    client: str
    profile_kind: str
    profile: str
    paid_on: date
    kind: str
    amount: Decimal
    currency: str = USD
    refers_to: str = ""
    cost_center: str = ""
    category: str = ""
    settled_amount: Decimal | None = None
    settled_currency: str = ""


def pay(spending: list[dict[str, Any]], *, now: datetime) -> None:
    """Import what the clients of the demo paid, a month later a few corrections, and save the rules of the first."""
    books = Books(now.date())
    rows = [row for entry in spending for row in books.of(entry)]
    _import("payments.csv", rows)
    wrong = [row for row in rows if row.kind == Kind.EXPENSE][:3]
    _import("corrected.csv", [row._replace(amount=row.amount - 20) for row in wrong])
    client = Client.objects.get(slug=spending[0]["client"])
    _save_rules(client, now)
    _issue_report(client, now)


class Books:
    """The books of the marketplace up to a day. The same rows each time, with dates counted back from that day."""

    def __init__(self, today: date) -> None:
        self.today, self.random, self.last_number = today, Random("spend"), 40_000

    def of(self, entry: dict[str, Any]) -> Iterator[Row]:
        """Yield what one client paid, in the order of months."""
        payees = {profile.slug: profile for profile in Profile.objects.filter(slug__in=entry["payees"])}
        every = {slug: self.random.choice([1, 1, 2, 3]) for slug in entry["payees"]}
        for month in range(MONTHS):
            first = _month(self.today, MONTHS - 1 - month)
            paid: list[Row] = []
            for slug in entry["payees"]:
                if month % every[slug] == 0:
                    paid += self.work(entry, payees[slug], first)
            paid = [row for row in paid if row.paid_on <= self.today]
            yield from paid
            if fees := sum(row.amount for row in paid if row.currency == USD and row.kind == Kind.WORK) * FEE:
                yield self.fee(entry, first, round(fees, 2), Kind.PLATFORM_FEE)
                if month % 3 == 2:
                    yield self.fee(entry, first, round(fees / 4, 2), Kind.TAX)

    def work(self, entry: dict[str, Any], payee: Profile, first: date) -> Iterator[Row]:
        """Yield a payment for work, and at times a bonus or an expense beside it, or the money that came back."""
        hours = self.random.randint(6, 60)
        row = Row(
            self.number(),
            entry["client"],
            payee.kind,
            payee.slug,
            first + timedelta(days=self.random.randrange(28)),
            Kind.WORK,
            Decimal(payee.hourly_rate or 80) * hours + Decimal(self.random.choice([0, 0, 25, 50])) / 100,
            cost_center=self.random.choice(entry["cost_centers"]),
            category=payee.skills[0] if payee.skills else "",
        )
        if payee.country != "US":
            row = row._replace(currency="CAD")
            if first.month % 2:
                row = row._replace(settled_amount=round(row.amount * TO_USD, 2), settled_currency=USD)
            yield row
            return
        yield row
        later = row.paid_on + timedelta(days=self.random.randint(3, 40))
        match self.random.randrange(30):
            case 0 | 1:
                yield row._replace(external_id=self.number(), kind=Kind.BONUS, amount=Decimal(250))
            case 2 | 3 | 4:
                spent = Decimal(self.random.randint(4_000, 42_000)) / 100
                yield row._replace(external_id=self.number(), kind=Kind.EXPENSE, amount=spent)
            case 5 | 6:
                yield self.returned(row, later, Kind.REFUND, round(row.amount / 4, 2))
            case 7 if hours > 40:
                yield self.returned(row, later, Kind.CHARGEBACK, row.amount)
            case 8:
                yield self.returned(row, later, Kind.ADJUSTMENT, Decimal("12.50"))

    def returned(self, row: Row, on: date, kind: str, amount: Decimal) -> Row:
        return row._replace(external_id=self.number(), paid_on=on, kind=kind, amount=-amount, refers_to=row.external_id)

    def fee(self, entry: dict[str, Any], first: date, amount: Decimal, kind: str) -> Row:
        return Row(self.number(), entry["client"], "", "", first, kind, amount)

    def number(self) -> str:
        self.last_number += 1
        return f"PAY-{self.last_number}"


def _month(day: date, back: int) -> date:
    """Return the first day of the month that lies `back` months before that of `day`."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def _import(name: str, rows: Iterable[Row]) -> None:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(Row._fields)
    writer.writerows(rows)
    imported = payments.read(io.BytesIO(file.getvalue().encode()), name=name)
    if imported.problems:
        raise ValueError(f"{name}: {imported.problems}")


def _save_rules(client: Client, now: datetime) -> None:
    """Save two versions of the client's rules, as its admin would have, with what it could have spent each year."""
    admin = client.memberships.filter(role=ClientMembership.Role.ADMIN).get()
    for days_ago, rules in RULES.items():
        saved = SavedRules(client=client, saved_by=admin.user, saved_at=now - timedelta(days=days_ago), **rules)
        saved.full_clean()
        saved.save()
    for year in range(3):
        starts_on, ends_on = saved.plain().fiscal_year(now.date() - timedelta(days=365 * year))
        AddressableSpend.objects.create(
            rules=saved,
            starts_on=starts_on,
            ends_on=ends_on,
            amount=ADDRESSABLE - 30_000 * year,
            note="Professional services, on the marketplace and elsewhere",
        )
    _set_goals(client, admin.user, saved.plain(), now)


def _set_goals(client: Client, admin: User, rules: Rules, now: datetime) -> None:
    """Set a goal for any business and one for a type, for this fiscal year and the last one."""
    woman = CertificationType.objects.get(key="woman")
    for year in (rules.fiscal_year(now.date()).ends_on.year - back for back in range(2)):
        by = {"client": client, "fiscal_year": year, "set_by": admin, "set_at": now - timedelta(days=160)}
        Goal.objects.create(percent=GOAL_PERCENT, **by)
        Goal.objects.create(type=woman, amount=GOAL_AMOUNT, **by)


def _issue_report(client: Client, now: datetime) -> None:
    """Issue the report of the last fiscal year, signed by the client's admin."""
    admin = client.memberships.filter(role=ClientMembership.Role.ADMIN).get().user
    rules = SavedRules.objects.filter(client=client).latest("pk").plain()
    this_year = rules.fiscal_year(now.date())
    last_year = rules.fiscal_year(this_year.starts_on - timedelta(days=1))
    draft = ReportDraft.objects.create(client=client, **last_year._asdict(), begun_by=admin)
    issuing.issue(draft, signer=Signer(admin.name, SIGNED_AS), by=admin, policy=RolloutPolicy.in_force())
