"""The marketplace's books in the administration: files of payments, the payments, and those that owners dispute."""

from typing import Any

from django.contrib import admin
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest

from common.back_office import ReadOnlyAdmin
from spend import payments
from spend.models import Disputed, Payment, PaymentFile
from verification.admin.books import BookFileAdmin, ColumnHelp

COLUMN_HELP = (
    ColumnHelp("external_id", "The payment's number in the marketplace's books", "P-1001"),
    ColumnHelp("client", "The last part of the client's address, like alderwood-health", "alderwood-health"),
    ColumnHelp("profile_kind", "freelancer or agency. Empty for a fee or a tax", "freelancer"),
    ColumnHelp("profile", "The last part of the profile's address, like marisol-vega", "marisol-vega"),
    ColumnHelp("paid_on", "A date like 09/15/2026 or 2026-09-15", "2026-09-15"),
    ColumnHelp("kind", "work, bonus, expense, platform_fee, tax, refund, chargeback or adjustment", "work"),
    ColumnHelp("amount", "A number like 1250.00. Refunds and chargebacks are negative, like -100.00", "1250.00"),
    ColumnHelp("currency", "A code like USD", "USD"),
    ColumnHelp(
        "refers_to",
        "The external_id of the payment that a refund, chargeback or adjustment goes back to. Else empty",
        "",
    ),
    ColumnHelp("cost_center", "The client's cost center, or empty", "Marketing"),
    ColumnHelp("category", "What was bought, or empty", "Design"),
    ColumnHelp("settled_amount", "Optional column: the amount in the currency in which the client paid", ""),
    ColumnHelp("settled_currency", "Optional column: the code of that currency", ""),
)


@admin.register(PaymentFile)
class PaymentFileAdmin(BookFileAdmin):
    """Files of payments."""

    add_words = "Upload payments"
    book = payments.BOOK
    read = staticmethod(payments.read)
    replaced = "corrected"
    most_rows = 50_000  # about ten seconds
    permission = "spend.add_paymentfile"
    explained = (
        "New rows are added. A row with a known external_id and other values corrects the payment, and reports that "
        "were issued before stay as they are. Rows that can't be read are skipped and listed with their problems."
    )
    column_help = COLUMN_HELP


@admin.register(Disputed)
class DisputedAdmin(ReadOnlyAdmin):
    """Payments that owners say are not theirs. A wrong payment is corrected in the books and imported again."""

    list_display = ("external_id", "profile", "paid_by", "amount", "disputed_at", "disputed_by")
    list_select_related = ("profile", "disputed_by")
    search_fields = ("external_id__has_part", "profile__slug")
    fields = ("external_id", "profile", "paid_by", "amount", "disputed_at", "disputed_by")
    readonly_fields = ("paid_by", "amount")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Disputed]:
        payment = Payment.objects.current().filter(external_id=OuterRef("external_id"))
        amount = Concat(Cast("amount", CharField()), Value(" "), "currency")
        return (
            super()
            .get_queryset(request)
            .annotate(
                paid_by=Subquery(payment.values("client__name")),
                amount=Subquery(payment.annotate(words=amount).values("words")),
            )
        )

    @admin.display(description="paid by")
    def paid_by(self, disputed: Any) -> str:
        return disputed.paid_by

    @admin.display(description="amount")
    def amount(self, disputed: Any) -> str:
        return disputed.amount
