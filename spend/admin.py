"""The marketplace's books in the administration: files of payments, the payments, and those that owners dispute."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from common.back_office import ReadOnlyAdmin
from common.uploads import UploadField
from profiles.models import User
from spend import payments
from spend.models import Disputed, Payment, PaymentFile
from verification.registers.reading.books import BadFile

MOST_UPLOADED = 10_000_000
MOST_ROWS = 50_000  # about ten seconds
COLUMN_HELP = (
    ("external_id", "The payment's number in the marketplace's books"),
    ("client", "The last part of the client's address, like alderwood-health"),
    ("profile_kind", "freelancer or agency. Empty for a fee or a tax"),
    ("profile", "The last part of the profile's address, like marisol-vega"),
    ("paid_on", "A date like 09/15/2026 or 2026-09-15"),
    ("kind", "work, bonus, expense, platform_fee, tax, refund, chargeback or adjustment"),
    ("amount", "A number like 1250.00. Refunds and chargebacks are negative, like -100.00"),
    ("currency", "A code like USD"),
    ("refers_to", "The external_id of the payment that a refund, chargeback or adjustment goes back to. Else empty"),
    ("cost_center", "The client's cost center, or empty"),
    ("category", "What was bought, or empty"),
    ("settled_amount", "Optional column: the amount in the currency in which the client paid"),
    ("settled_currency", "Optional column: the code of that currency"),
)


class UploadForm(forms.Form):
    """A file of payments."""

    file = UploadField(
        most=MOST_UPLOADED,
        help_text="CSV or XLSX, up to 10 MB.",
        error_messages={
            "too_large": "The file must be 10 MB or smaller. Split it, or read it with “manage.py import_payments”."
        },
    )


@admin.register(PaymentFile)
class PaymentFileAdmin(ReadOnlyAdmin):
    """Files of payments. Adding one reads it at once; the same rows again change nothing."""

    add_words = "Upload payments"
    list_display = ("name", "uploaded_at", "uploaded_by", "added", "corrected", "unchanged", "refused")
    list_select_related = ("uploaded_by",)
    fields = (
        "name",
        "uploaded_at",
        "uploaded_by",
        "added",
        "corrected",
        "unchanged",
        "refused",
        "notes_told",
        "left_out",
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: PaymentFile | None = None) -> bool:
        return request.user.has_perm("spend.add_paymentfile")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
        if request.method == "POST" and form.is_valid() and (read := self._read(request, form)):
            return redirect(reverse("admin:spend_paymentfile_change", args=[read.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": "Upload payments",
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "verb": "Upload",
            "explained": "New rows are added. A row with a known external_id and other values corrects the payment, "
            "and reports that were issued before stay as they are. Rows that can't be read are skipped and listed with "
            f"their problems. All visible sheets are read. A file can have up to {MOST_ROWS:,} rows.",
            "columns": COLUMN_HELP,
        }
        return render(request, "admin/upload.html", context)

    def _read(self, request: HttpRequest, form: UploadForm) -> PaymentFile | None:
        """Read the uploaded file, and say what became of its rows. Return None if it cannot be read as a whole."""
        upload = form.cleaned_data["file"]
        try:
            read = payments.read(upload.file, name=upload.name, by=cast(User, request.user), most_rows=MOST_ROWS)
        except BadFile as error:
            form.add_error("file", str(error))
            return None
        words = f"{read.added:,} added, {read.corrected:,} corrected, {read.unchanged:,} unchanged."
        self.message_user(request, words, messages.SUCCESS)
        for note in read.notes:
            self.message_user(request, note, messages.WARNING)
        if read.refused:
            rows = "1 row was" if read.refused == 1 else f"{read.refused:,} rows were"
            self.message_user(request, f"{rows} skipped. See why below.", messages.WARNING)
        return read

    @admin.display(description="notes")
    def notes_told(self, file: PaymentFile) -> str:
        return "\n".join(file.notes) or "None"

    @admin.display(description="skipped rows")
    def left_out(self, file: PaymentFile) -> str:
        return "\n".join(f"{place}: {problem}" for place, problem in file.problems) or "None"


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
