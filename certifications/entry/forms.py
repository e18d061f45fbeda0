"""The forms that enter, change and renew a certification's details, and what makes them wrong."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from certifications.entry.placeholders import is_no_name, is_no_number
from certifications.models import Certificate, Certification
from certifications.models.choices import RENEWAL_GRACE
from certifications.models.record import FIRST_CERTIFICATES, LONGEST_TERM
from certifications.numbers import number_key
from common.characters import HYPHENS
from common.days import day
from common.folding import fold
from common.forms import DayInput, OpenedForm, field_of, mark_conditional

# How long before the last day a renewal may have been filed; certifiers take them up to a year ahead.
EARLIEST_RENEWAL = timedelta(days=400)

COPY_NUMBER = "Copy it from your certificate, including letters and dashes."
COPY_OTHER_NUMBER = "It may be called a certificate, file or vendor number. Include letters and dashes."


class Change(NamedTuple):
    """A change of one field, in words."""

    label: str
    before: str
    after: str


def _in_words(value: Any) -> str:
    """Return what a field held, to read."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (day(value) if isinstance(value, date) else str(value or "")) or "empty"


class DatesForm(OpenedForm):
    """When a certificate was issued and when it ends. Expects an instance with its profile."""

    class Meta:
        model = Certification
        fields = ["issued_on", "expires_on", "does_not_expire"]
        labels = {
            "issued_on": "Issue date",
            "expires_on": "Expiration date",
            "does_not_expire": "It doesn't expire",
        }
        help_texts = {"expires_on": "The last day it's valid."}
        widgets = {
            "issued_on": DayInput,
            "expires_on": DayInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = {name: getattr(self.instance, name, None) for name in self._meta.fields or ()}
        for name in ("issued_on", "expires_on"):
            self.fields[name].required = False
        mark_conditional(self.fields["expires_on"])

    def clean_issued_on(self) -> date | None:
        issued_on = self.cleaned_data["issued_on"]
        if issued_on and issued_on > self.instance.profile.today():
            raise ValidationError("Issue date must be today or earlier")
        if issued_on and issued_on < FIRST_CERTIFICATES:
            raise ValidationError("Check the year of the issue date")
        return issued_on

    def clean_expires_on(self) -> date | None:
        expires_on = self.cleaned_data["expires_on"]
        latest = self.instance.profile.today() + LONGEST_TERM
        if expires_on and not FIRST_CERTIFICATES <= expires_on <= latest:
            raise ValidationError("Check the year of the expiration date")
        return expires_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        issued_on, expires_on = cleaned.get("issued_on"), cleaned.get("expires_on")
        does_not_expire = cleaned.get("does_not_expire")
        if expires_on and does_not_expire:
            self.add_error("expires_on", "Enter an expiration date or check “It doesn't expire,” not both")
        elif not expires_on and not does_not_expire and not self.has_error("expires_on"):
            self.add_error("expires_on", "Enter the expiration date, or check “It doesn't expire”")
        elif issued_on and expires_on and expires_on < issued_on:
            self.add_error("expires_on", "Expiration date must be after the issue date")
        return cleaned

    def add_duplicate_error(self, first: Certification) -> None:
        """Add the error that the record `first` is the same."""
        link = format_html('<a href="{}">See the one you have</a>', first.get_absolute_url())
        field = "number" if "number" in self.fields else None
        self.add_error(field, format_html("You have already added this certification. {}.", link))

    @property
    def is_material(self) -> bool:
        """Whether what identifies the certificate was changed: the record then starts again as self-reported."""
        return False

    @property
    def changes(self) -> list[Change]:
        """The changes of a valid form to a saved record."""
        changed = [name for name, before in self._before.items() if self.cleaned_data[name] != before]
        return [
            Change(str(self.fields[name].label), _in_words(self._before[name]), _in_words(self.cleaned_data[name]))
            for name in changed
        ]


class RenewForm(DatesForm):
    """The dates of a renewed certificate. The ones it had before are no renewal."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not self.changes:
            self.add_error("expires_on", "Enter the dates on the renewed certificate, not the old ones")
        return cleaned


class CertificationForm(DatesForm):
    """The details of one certification. Expects an instance with its profile and its type, which no form changes.

    `certificate` is the one chosen before, which the form sends along. Only if the catalog does not know its body are
    its name and who issued it asked.
    """

    certificate = forms.ModelChoiceField(Certificate.objects.none(), widget=forms.HiddenInput, label="Certificate")

    class Meta(DatesForm.Meta):
        fields = ["certificate", "other_name", "other_body", "legal_business_name", "number", *DatesForm.Meta.fields]
        labels = DatesForm.Meta.labels | {
            "other_name": "What is the certificate called?",
            "other_body": "Who issued it?",
            "legal_business_name": "Legal business name",
            "number": "Certificate number",
        }
        help_texts = DatesForm.Meta.help_texts | {
            "other_name": "For example, MBE or HUB. Clients see it by this name.",
            "other_body": "For example, Texas Comptroller of Public Accounts.",
            "legal_business_name": "As printed on the certificate.",
            "number": COPY_NUMBER,
        }
        error_messages = {
            "legal_business_name": {"required": "Enter the legal business name"},
            "number": {"required": "Enter the certificate number"},
        }

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Certificate.objects.filter(pk__in=[certificate.pk, self.instance.certificate_id])
        field_of(self, "certificate", forms.ModelChoiceField).queryset = choices
        self.initial["certificate"] = certificate.pk
        mark_conditional(self.fields["other_name"], self.fields["other_body"])
        if certificate.names_body:
            self.fields["number"].help_text = COPY_OTHER_NUMBER
            return
        self.fields["number"].help_text = f"{COPY_NUMBER} {certificate.number_hint}".strip()
        for name in ("other_name", "other_body"):
            self.fields[name].widget = forms.HiddenInput()

    def _text(self, name: str) -> str:
        """Return what was typed, without spaces at the ends or doubled."""
        return " ".join(self.cleaned_data[name].split())

    def clean_other_name(self) -> str:
        return self._text("other_name")

    def clean_other_body(self) -> str:
        return self._text("other_body")

    def clean_legal_business_name(self) -> str:
        name = self._text("legal_business_name")
        if not any(character.isalpha() for character in name) or is_no_name(name):
            raise ValidationError("Enter the legal business name as printed on the certificate")
        return name

    def clean_number(self) -> str:
        number = self._text("number").translate(HYPHENS)
        if not number_key(number) or is_no_number(number):
            raise ValidationError(
                "Enter the number printed on the certificate. If you don't have it yet, come back once you do."
            )
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        certificate = cleaned.get("certificate")
        if certificate and not certificate.names_body:
            cleaned["other_name"] = cleaned["other_body"] = ""
        if not certificate or not certificate.names_body:
            return cleaned
        if not self.has_error("other_name") and fold(cleaned["other_name"]) in ("", fold(certificate.name)):
            self.add_error("other_name", "Enter what the certificate is called, like MBE or HUB")
        if not self.has_error("other_body") and not cleaned["other_body"]:
            self.add_error("other_body", "Enter who issued the certificate")
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors:
            first = Certification.objects.same_as(self.instance).exclude(pk=self.instance.pk).first()
            if first:
                self.add_duplicate_error(first)


class EditForm(CertificationForm):
    """The details of a record that exists."""

    MATERIAL = ("certificate", "other_name", "other_body", "legal_business_name", "number")

    @property
    def is_material(self) -> bool:
        return any(self.cleaned_data[name] != self._before[name] for name in self.MATERIAL)


class RenewalForm(forms.Form):
    """That the renewal of a record was filed. It is shown to everyone who sees the record."""

    filed_on = forms.DateField(
        label="Filing date",
        widget=DayInput,
        help_text="The day you sent the renewal to the certifier.",
        error_messages={"required": "Enter the day you filed the renewal"},
    )

    def __init__(self, *args: Any, record: Certification, **kwargs: Any) -> None:
        super().__init__(*args, initial={"filed_on": record.renewal_filed_on}, **kwargs)
        self.record = record

    def clean_filed_on(self) -> date:
        filed_on, today, ends = self.cleaned_data["filed_on"], self.record.profile.today(), self.record.expires_on
        if filed_on > today:
            raise ValidationError("Filing date must be today or earlier")
        if ends is None:
            return filed_on  # `declare_renewal` refuses it
        if today > ends + RENEWAL_GRACE:
            raise ValidationError(f"It expired on {day(ends)}, too long ago for this. Enter the new dates instead.")
        if filed_on < ends - EARLIEST_RENEWAL or filed_on > ends + RENEWAL_GRACE:
            raise ValidationError(f"Check the year. The certificate expires on {day(ends)}.")
        return filed_on
