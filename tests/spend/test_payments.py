"""Payments come from a file: again changes nothing, a correction is a new version, a bad row costs no other."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from profiles.models import Client, Profile
from spend import payments
from spend.choices import Kind
from spend.models import Payment, PaymentFile
from tests.factories import ClientFactory, ProfileFactory
from verification.registers.reading.books import BadFile

pytestmark = pytest.mark.django_db

HEADER = "external_id,client,profile_kind,profile,paid_on,kind,amount,currency,refers_to,cost_center,category\n"
ROW = "P-1,bright,freelancer,fay,2026-08-10,work,1000.00,USD,,CC-7,Design\n"
REFUND = "P-2,bright,freelancer,fay,2026-09-15,refund,-100.00,USD,P-1,CC-7,Design\n"


@pytest.fixture(autouse=True)
def places():
    ClientFactory(slug="bright")
    ProfileFactory(slug="fay")


def read(text):
    return payments.read(io.BytesIO(text.encode() if isinstance(text, str) else text), name="payments.csv")


def became(file):
    return file.added, file.corrected, file.unchanged, file.refused


def test_each_row_becomes_a_payment():
    assert became(read(HEADER + ROW)) == (1, 0, 0, 0)

    payment = Payment.objects.get()
    assert (payment.external_id, payment.version, payment.kind) == ("P-1", 1, Kind.WORK)
    assert (payment.client.slug, payment.profile.slug, payment.paid_on) == ("bright", "fay", date(2026, 8, 10))
    assert (payment.amount, payment.currency) == (Decimal("1000.00"), "USD")
    assert (payment.cost_center, payment.category, payment.refers_to) == ("CC-7", "Design", "")


def test_the_same_file_again_changes_nothing():
    read(HEADER + ROW + REFUND)

    assert became(read(HEADER + ROW + REFUND)) == (0, 0, 2, 0)
    assert Payment.objects.count() == 2


def test_a_correction_is_a_new_version_and_the_old_one_stays():
    read(HEADER + ROW)
    file = read(HEADER + ROW.replace("1000.00", "900.00"))

    assert became(file) == (0, 1, 0, 0)
    old, new = Payment.objects.order_by("version")
    assert (old.amount, new.amount, new.version) == (1000, 900, 2)
    assert old.replaced_at == new.recorded_at == file.uploaded_at
    assert [payment.version for payment in Payment.objects.current()] == [2]


def test_each_cutoff_has_the_version_that_was_known_then():
    read(HEADER + ROW)
    between = timezone.now()
    read(HEADER + ROW.replace("1000.00", "900.00"))

    def known(cutoff):
        return [payment.amount for payment in Payment.objects.known_before(cutoff)]

    assert known(between) == [1000]
    assert known(timezone.now()) == [900]
    assert known(between.replace(month=8, day=11, hour=0, minute=0, second=0, microsecond=0)) == [1000]
    assert known(between.replace(month=8, day=10, hour=0, minute=0, second=0, microsecond=0)) == []


def test_a_refund_may_come_before_its_payment():
    file = read(HEADER + REFUND)

    assert became(file) == (1, 0, 0, 0)
    assert file.notes == [
        "1 row refers to a payment that isn't in the ledger. Such a row is in no total until that payment is imported."
    ]
    assert read(HEADER + ROW + REFUND).notes == []


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + ROW + REFUND).encode("utf-16"),
        b"\xef\xbb\xbf" + (HEADER + ROW + REFUND).replace("\n", "\r\n").encode(),
        (HEADER + ROW + REFUND).replace(",", ";").encode(),
        (HEADER + ROW + REFUND).replace("-100.00", "(100.00)").encode("cp1252"),
        (HEADER + ROW + REFUND).replace("-100.00", "\u2212100.00").encode(),
        (HEADER + ROW + REFUND).replace("external_id", "External ID").replace("2026-08-10", "08/10/2026").encode(),
        (HEADER + ROW + REFUND).replace("1000.00", '"1,000.00"').replace("work", "Work").replace("USD", "usd").encode(),
    ],
)
def test_a_file_is_read_however_it_was_written(content):
    file = read(content)

    assert (became(file), file.problems) == ((2, 0, 0, 0), [])
    assert sorted(Payment.objects.values_list("amount", "paid_on")) == [
        (Decimal("-100.00"), date(2026, 9, 15)),
        (Decimal("1000.00"), date(2026, 8, 10)),
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (ROW.replace("P-1", ""), "The external_id is missing."),
        (ROW.replace("P-1", "P" * 81), "external_id: It has more than 80 characters."),
        (ROW.replace("bright", "dark"), "There is no client “dark”."),
        (ROW.replace("fay", "eve"), "profile: There is no freelancer with this address."),
        (ROW.replace("freelancer,fay", ","), "The profile_kind is missing."),
        (ROW.replace("2026-08-10", ""), "paid_on: The date is missing."),
        (ROW.replace("2026-08-10", "2031-08-10"), "paid_on: “2031-08-10” is in the future."),
        (ROW.replace("2026-08-10", "soon"), "paid_on: “soon” isn't a date. Use 09/15/2026 or 2026-09-15."),
        (
            ROW.replace("work", "gift"),
            "kind: “gift” isn't one of work, bonus, expense, platform_fee, tax, refund, chargeback, adjustment.",
        ),
        (ROW.replace("1000.00", ""), "amount: The amount is missing."),
        (ROW.replace("1000.00", "1.005"), "amount: “1.005” has more than two digits after the period."),
        (ROW.replace("1000.00", "9999999999999"), "amount: “9999999999999” is more than 999,999,999,999.99."),
        (ROW.replace("1000.00", "-5"), "Only a refund, a chargeback or an adjustment can be negative."),
        (ROW.replace("USD", ""), "currency: The currency is missing."),
        (ROW.replace("work", ""), "kind: The kind is missing."),
        (ROW.replace("USD", "DOLLAR"), "currency: “DOLLAR” isn't a currency. Use its code, like USD."),
        (ROW.replace("USD,", "USD,P-0"), "Only a refund, a chargeback or an adjustment refers to another payment."),
        (REFUND.replace("-100", "100"), "The amount of a refund or a chargeback is negative, like -100.00."),
        (REFUND.replace("P-1", ""), "A refund or a chargeback names its payment in refers_to."),
        (REFUND.replace("P-1", "P-2"), "A payment cannot refer to itself."),
        (ROW.replace("Design", "D" * 81), "category: It has more than 80 characters."),
        (ROW.replace(",Design", ""), "It has 10 cells, but the header has 11."),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_costs_no_other(row, problem):
    file = read(HEADER + ROW.replace("P-1", "P-9") + row)

    assert file.problems == [["Line 3", problem]]
    assert became(file) == (1, 0, 0, 1)


def test_a_repeated_number_is_reported_and_only_its_first_row_counts():
    file = read(HEADER + ROW + ROW.replace("1000", "2000"))

    assert file.problems == [["Line 3", "Line 2 has the same external_id."]]
    assert Payment.objects.get().amount == 1000


def test_a_fee_or_a_tax_may_name_no_business():
    assert became(read(HEADER + ROW.replace("freelancer,fay", ",").replace("work", "tax"))) == (1, 0, 0, 0)
    assert Payment.objects.get().profile is None


def test_a_payment_keeps_the_amount_that_the_client_settled():
    header = HEADER.replace("\n", ",settled_amount,settled_currency\n")
    file = read(header + ROW.replace("USD", "EUR").replace("\n", ",1170.00,USD\n") + REFUND.replace("\n", ",5.00,\n"))

    payment = Payment.objects.get()
    assert (payment.amount, payment.currency) == (1000, "EUR")
    assert (payment.settled_amount, payment.settled_currency) == (1170, "USD")
    assert file.refused == 1


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", HEADER.encode(), b"%PDF-1.7"])
def test_an_unreadable_file_is_refused_as_a_whole(content):
    with pytest.raises(BadFile):
        read(content)
    assert not PaymentFile.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 5},
        {"paid_on": date(2026, 1, 1)},
        {"kind": Kind.BONUS},
        {"refers_to": "P-3"},
        {"recorded_at": timezone.now()},
        {"version": 7},
    ],
)
def test_no_version_is_ever_changed(change):
    read(HEADER + ROW)

    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Payment.objects.update(**change)


def test_no_payment_is_given_to_another_business_or_replaced_twice():
    read(HEADER + ROW)
    read(HEADER + ROW.replace("1000", "900"))

    for change in ({"profile": ProfileFactory()}, {"replaced_at": timezone.now() - timedelta(days=1)}):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            Payment.objects.filter(version=1).update(**change)


def test_no_payment_is_deleted_but_with_its_client():
    read(HEADER + ROW)

    with pytest.raises(IntegrityError, match="deleted only with its client"), transaction.atomic():
        Payment.objects.all().delete()
    Client.objects.filter(slug="bright").delete()
    assert not Payment.objects.exists()


def test_a_deleted_profile_leaves_the_amount_and_no_name():
    read(HEADER + ROW)

    Profile.objects.get(slug="fay").delete()

    payment = Payment.objects.get()
    assert (payment.amount, payment.profile) == (1000, None)


def test_good_rows_cost_the_same_queries_for_any_number_of_them(django_assert_num_queries):
    for count in (1, 40):
        rows = "".join(ROW.replace("P-1", f"P-{count}-{number}") for number in range(count))
        with django_assert_num_queries(14):
            read(HEADER + rows)


def test_the_command_prints_what_it_did(tmp_path, capsys):
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + ROW + ROW.replace("P-1", ""))
    with pytest.raises(CommandError, match=r"1 row was skipped\. Correct the rows and read the file again\."):
        call_command("import_payments", path)

    said = capsys.readouterr()
    assert "1 added, 0 corrected, 0 known already, 1 skipped." in said.out
    assert "Line 3: The external_id is missing." in said.err
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_payments", tmp_path / "nothing.csv")
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="This is a PDF"):
        call_command("import_payments", path)
