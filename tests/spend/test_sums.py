"""The sums that PostgreSQL adds up are those of the report's rows, to the cent."""

import io
import random
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from certifications.models import Block, Certification, Consent, UnusedType
from profiles.models import Client
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from spend import payments, report, sums
from spend.browsing import Filters, Show, browse
from spend.choices import DateRule, Reason
from spend.models import Disputed, Payment, PaymentFile
from spend.rules import Period, Rules
from spend.totals import cells, totals
from tests.factories import CertificationTypeFactory, ClientFactory, ProfileFactory
from tests.spend.examples import moment
from tests.spend.test_payments import HEADER
from tests.spend.test_report import certified

pytestmark = pytest.mark.django_db

TYPES = ("minority", "woman", "lgbt", "veteran")
SLUGS = ("ann", "bea", "cay", "dee")
YEAR = Period(date(2025, 7, 1), date(2026, 6, 30))
SETTLED = HEADER.replace("\n", ",settled_amount,settled_currency\n")


def overview(client, period=YEAR, rules=None, cutoff=None, policy=None):
    return sums.overview(
        client,
        period,
        rules=rules or Rules(),
        cutoff=cutoff or timezone.now(),
        policy=policy or RolloutPolicy.in_force(),
    )


def test_an_overview_has_the_sums_of_each_quarter_and_level(house):
    found = overview(Client.objects.get(slug="bright"), rules=Rules(fiscal_year_start=7, self_reported=True))

    assert [(str(quarter.period.starts_on), quarter.totals.unduplicated.amount) for quarter in found.quarters] == [
        ("2025-07-01", 1300),
        ("2025-10-01", 500),
        ("2026-01-01", 600),
        ("2026-04-01", 0),
    ]
    assert {level: line.amount for level, line in found.levels.items() if line.payments} == {1: 2100, 0: 300}


def test_an_empty_ledger_has_no_sums():
    found = overview(ClientFactory())

    assert found.totals.base == (0, 0, 0)
    assert len(found.quarters) == 4


# The overview that is kept


def hide(record):
    record.hide()


def take_back(record):
    Consent.objects.filter(profile=record.profile, purpose=Consent.Purpose.COUNT).update(is_given=False)


def block(record):
    Block.objects.create(profile=record.profile, client=Client.objects.get(slug="bright"))


def stop_using_the_type(record):
    UnusedType.objects.create(client=Client.objects.get(slug="bright"), type=record.type)


def suspend(record):
    record.suspend(by=None, reason=Certification.Reason.UNDER_CHECK)


def end_the_evidence(record):
    record.evidence.update(ended_at=timezone.now(), ended_because="withdrawn")


def correct_the_dates(record):
    Certification.objects.filter(pk=record.pk).update(issued_on=date(2024, 1, 1), expires_on=date(2024, 12, 31))


def dispute(record):
    Disputed.objects.create(profile=record.profile, external_id="A1")


def pay_more(record):
    read(["X1,bright,freelancer,ann,2025-08-10,work,1.00,USD,,,,,"])


def delete_the_profile(record):
    record.profile.delete()


CHANGES = [
    hide,
    take_back,
    block,
    stop_using_the_type,
    suspend,
    end_the_evidence,
    correct_the_dates,
    dispute,
    pay_more,
    delete_the_profile,
]


@pytest.fixture
def keeping(settings):
    """A cache that keeps what it is given."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "spend"}}
    cache.clear()
    yield
    cache.clear()


def current(client, **rules):
    return sums.current(client, YEAR, rules=Rules(**rules), policy=RolloutPolicy.in_force())


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_in_the_next_overview(change, house, keeping):
    client = Client.objects.get(slug="bright")
    before = current(client)
    assert current(client) == before

    change(Certification.objects.get(profile__slug="ann", type__key="woman"))

    after = current(client)
    assert after != before
    assert after.totals == overview(client).totals


def test_a_kept_overview_takes_three_queries(house, keeping, django_assert_num_queries):
    client = Client.objects.get(slug="bright")
    policy = RolloutPolicy.in_force()
    first = sums.current(client, YEAR, rules=Rules(), policy=policy)

    with django_assert_num_queries(3):
        assert sums.current(client, YEAR, rules=Rules(), policy=policy) == first


def test_each_client_and_each_set_of_rules_has_its_own_kept_overview(house, keeping):
    client = Client.objects.get(slug="bright")

    assert current(client).totals.unduplicated.amount == 2100
    assert current(client, self_reported=True).totals.unduplicated.amount == 2400
    assert current(ClientFactory()).totals.unduplicated.amount == 0


# Random ledgers


def a_day(draw):
    return date(2025, 1, 1) + timedelta(days=draw.randrange(600))


def cents(number):
    return f"{number / 100:.2f}"


def some_payments(draw):
    """Lines of a file: payments, and what follows them, them that follow each other, and none that exists."""
    numbers = [f"P{n}" for n in range(14)]
    lines = [
        f"{number},bright,freelancer,{draw.choice(SLUGS)},{a_day(draw)},{draw.choice(('work', 'bonus', 'tax'))},"
        f"{cents(draw.randrange(99_999))},{draw.choice(('USD', 'USD', 'EUR'))},,,,"
        for number in numbers
    ]
    lines = [f"{line}{draw.choice((',', '5.55,USD', '6.66,GBP'))}" for line in lines]
    following = [f"R{n}" for n in range(8)]
    lines += [
        f"{number},bright,freelancer,{draw.choice(SLUGS)},{a_day(draw)},{draw.choice(('refund', 'adjustment'))},"
        f"{cents(-draw.randrange(9_999))},USD,"
        f"{draw.choice([to for to in [*numbers, *following, 'none'] if to != number])},,,,"
        for number in following
    ]
    return lines


def read(lines):
    file = payments.read(io.BytesIO("\n".join([SETTLED.strip(), *lines]).encode()), name="payments.csv")
    assert file.problems == []


def some_rules(draw):
    return Rules(
        fiscal_year_start=draw.randint(1, 12),
        types=draw.choice((None, tuple(draw.sample(TYPES, 2)))),
        self_reported=draw.random() < 0.5,
        least_step=draw.choice((0, 0, 2)),
        date_rule=draw.choice(DateRule.values),
        grace_days=draw.randrange(366),
        primary_order=tuple(draw.sample(TYPES, draw.randint(0, 4))),
        base_kinds=tuple(draw.sample(("work", "bonus", "tax"), draw.randint(1, 3))),
        currency=draw.choice(("USD", "USD", "EUR")),
    )


def certify(slug, draw):
    """Give a profile up to three records, some of them suspended for a time, renewed or with evidence that ends."""
    for key in draw.sample(TYPES, draw.randint(0, 3)):
        first = a_day(draw)
        record = certified(
            key,
            ProfileFactory._meta.model.objects.get(slug=slug),
            first.isoformat(),
            (first + timedelta(days=draw.randrange(1, 500))).isoformat(),
            known_at=a_day(draw).isoformat(),
            step=draw.choice((0, 1, 3)),
        )
        if draw.random() < 0.3:
            record.renewal_filed_on = a_day(draw)
            record.save()
        if draw.random() < 0.3:
            record.issued_on, record.expires_on = record.expires_on, record.expires_on + timedelta(days=365)
            record.save()
        for evidence in record.evidence.all():
            if draw.random() < 0.4:
                evidence.ended_at, evidence.ended_because = moment(a_day(draw).isoformat()), "replaced"
                evidence.save()


def a_world(draw):
    """A client with payments to businesses with records. Some payments are corrected, some disputed."""
    client = ClientFactory(slug="bright")
    for key in TYPES:
        CertificationTypeFactory(key=key)
    profiles = [ProfileFactory(slug=slug) for slug in SLUGS]
    for slug in SLUGS:
        certify(slug, draw)
    lines = some_payments(draw)
    read(draw.sample(lines, len(lines)))
    read([line.replace(",USD,", ",EUR,") for line in draw.sample(lines[:14], 2)])
    for payment in draw.sample(list(Payment.objects.current()), 4):
        Disputed.objects.create(profile=payment.profile, external_id=payment.external_id)
    profiles[0].delete()
    return client


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_the_database_adds_up_what_the_report_counts(seed):
    draw = random.Random(seed)
    client = a_world(draw)
    before_the_corrections = PaymentFile.objects.latest("pk").uploaded_at
    policy = RolloutPolicy.in_force()
    for cutoff in (timezone.now(), before_the_corrections, moment(a_day(draw).isoformat())):
        rules = some_rules(draw)
        period = Period(a_day(draw).replace(day=1), date(2026, 9, 15))
        made = report.make(client, period, rules=rules, cutoff=cutoff, policy=policy)
        found = overview(client, period=period, rules=rules, cutoff=cutoff)

        assert found.totals == made.totals
        order = rules.order(TYPES)
        assert [quarter.totals for quarter in found.quarters] == [
            totals(cells(row for row in made.counted if row.entry.paid_on in part), order) for part in period.quarters()
        ]
        assert {level: line.amount for level, line in found.levels.items()} == {
            level: sum(row.amount for row in made.counted if row.level == level) for level in found.levels
        }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_the_list_of_payments_has_the_rows_of_the_report(seed):
    draw = random.Random(seed)
    client = a_world(draw)
    policy, cutoff, rules = RolloutPolicy.in_force(), timezone.now(), some_rules(draw)
    period = Period(a_day(draw).replace(day=1), date(2026, 9, 15))
    rows = report.make(client, period, rules=rules, cutoff=cutoff, policy=policy).counted
    rows.sort(key=lambda row: (row.entry.paid_on, row.entry.number), reverse=True)

    for asked, fits in {
        Filters(period): lambda row: True,
        Filters(period, show=Show.COUNTED): lambda row: row.held,
        Filters(period, show=Show.OUTSIDE): lambda row: not row.is_in_base,
        Filters(period, kind="refund"): lambda row: row.entry.kind == "refund",
        Filters(period, type="woman"): lambda row: "woman" in row.types,
        Filters(period, level=1): lambda row: row.level == 1,
        Filters(period, reason=Reason.NO_CERTIFICATE): lambda row: row.reason == Reason.NO_CERTIFICATE,
        Filters(period, currency="GBP"): lambda row: row.currency == "GBP",
    }.items():
        viewer = Viewer.member_of(client)
        found = browse(client, asked, viewer=viewer, rules=rules, cutoff=cutoff, policy=policy)
        assert found.rows == [row for row in rows if fits(row)]


def test_the_queries_of_an_overview_do_not_depend_on_its_size(house, django_assert_num_queries):
    client = Client.objects.get(slug="bright")
    policy = RolloutPolicy.in_force()
    for more in (
        [],
        [
            "X1,bright,freelancer,ann,2025-08-10,work,1.00,USD,,,,,",
            "X2,bright,freelancer,bea,2025-08-10,work,1.00,USD,,,,,",
        ],
    ):
        read(more or ["X0,bright,freelancer,ann,2025-08-10,work,1.00,USD,,,,,"])
        with django_assert_num_queries(7):
            overview(client, policy=policy)
