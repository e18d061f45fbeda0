"""The forms to enter, change and renew a certification, and their checks."""

import uuid
from datetime import date, timedelta
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, QuerySet, When
from django.utils.html import format_html

from certifications.entry import attestation
from certifications.entry.placeholders import is_no_name, is_no_number
from certifications.models import Certificate, Certification, CertificationType, Consent
from certifications.models.catalogue import today
from certifications.models.choices import RENEWAL_GRACE
from certifications.models.record import FIRST_CERTIFICATES, LONGEST_TERM
from certifications.numbers import number_key
from certifications.sharing import consents
from certifications.sharing.forms import PlansField
from common.characters import HYPHENS
from common.days import day
from common.folding import fold
from common.forms import DayInput, OpenedForm, field_of, mark_conditional
from common.keys import key_of
from rollout.models import RolloutPolicy

# A renewal may have been filed this long before the last day. Bodies accept them up to a year ahead.
EARLIEST_RENEWAL = timedelta(days=400)

ONLY_IF_OPEN = "Only if you chose “State or local agency” or “Another certifying body”."


class Change(NamedTuple):
    """A change of one field, in words."""

    label: str
    before: str
    after: str


def _in_words(value: object) -> str:
    """Return the value of a field in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (day(value) if isinstance(value, date) else str(value or "")) or "empty"


class TypesForm(forms.Form):
    """The choice of types that the business is certified as. It is sent by GET, so that the next step is a link."""

    type = forms.ModelMultipleChoiceField(
        CertificationType.objects.filter(is_offered=True),
        to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
        label="What is your business certified as?",
        help_text="Choose each one it holds a certificate for.",
        error_messages={
            "required": "Choose at least one.",
            "invalid_choice": "Choose from the list.",
            "invalid_pk_value": "Choose from the list.",
        },
    )


class DatesForm(OpenedForm):
    """The dates of a certificate. Expects an instance with its profile."""

    class Meta:
        model = Certification
        fields = ["issued_on", "expires_on", "does_not_expire"]
        labels = {"issued_on": "Issued on", "expires_on": "Expires on", "does_not_expire": "It does not expire"}
        help_texts = {"expires_on": "The last day on which it is valid, as printed on the certificate."}
        widgets = {
            "issued_on": DayInput,
            "expires_on": DayInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = {name: getattr(self.instance, name, None) for name in self._meta.fields or ()}
        for name in ("issued_on", "expires_on"):
            self.fields[name].error_messages["invalid"] = "Enter a date, such as 2027-03-31."
            self.fields[name].required = False
        mark_conditional(self.fields["expires_on"])

    def clean_issued_on(self) -> date | None:
        issued_on = self.cleaned_data["issued_on"]
        if issued_on and issued_on > self.instance.profile.today():
            raise ValidationError("This day is still to come. Enter the day the certificate was issued.")
        if issued_on and issued_on < FIRST_CERTIFICATES:
            raise ValidationError("This is before there were such certificates. Check the year.")
        return issued_on

    def clean_expires_on(self) -> date | None:
        expires_on = self.cleaned_data["expires_on"]
        if expires_on and expires_on < FIRST_CERTIFICATES:
            raise ValidationError("This is before there were such certificates. Check the year.")
        if expires_on and expires_on > self.instance.profile.today() + LONGEST_TERM:
            raise ValidationError("No certificate lasts this long. Check the year.")
        return expires_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        issued_on, expires_on = cleaned.get("issued_on"), cleaned.get("expires_on")
        does_not_expire = cleaned.get("does_not_expire")
        if expires_on and does_not_expire:
            self.add_error("expires_on", "Enter a date or say that it does not expire, not both.")
        elif not expires_on and not does_not_expire and not self.has_error("expires_on"):
            self.add_error("expires_on", "Enter the date it expires, or say that it does not expire.")
        elif issued_on and expires_on and expires_on < issued_on:
            self.add_error("expires_on", "It cannot expire before it was issued. Check both dates.")
        return cleaned

    @property
    def is_material(self) -> bool:
        """True if a field that identifies the certificate was changed. The record is then self-reported again."""
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
    """The dates of a renewed certificate, which must differ from the dates before."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not self.changes:
            self.add_error(
                "expires_on", "These are the dates you entered before. Enter the ones on the renewed certificate."
            )
        return cleaned


class CertificateRadios(forms.RadioSelect):
    """The radio buttons of certificates. Each has the words that find it, and a mark if the search never hides it."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        certificate = value.instance
        option["attrs"]["data-keywords"] = certificate.search_words
        if certificate.names_body:
            option["attrs"]["data-always"] = certificate.name
        return option


class CertificateChoice(forms.ModelChoiceField):
    """A certificate of the catalogue, labeled with its acronym, name and body."""

    is_filterable = True

    def label_from_instance(self, certificate: Certificate) -> str:
        if certificate.names_body:
            return certificate.name
        return format_html(
            '<span translate="no">{} <span class="options__hint">{}</span></span>',
            certificate.label,
            certificate.body.full_name,
        )


class CertificationForm(DatesForm):
    """One certification. Expects an instance with its profile and type, which no form changes."""

    certificate = CertificateChoice(
        Certificate.objects.none(),
        widget=CertificateRadios,
        empty_label=None,
        label="Certificate",
        error_messages={
            "required": "Choose the certificate.",
            "invalid_choice": "Choose a certificate from the list.",
        },
    )

    class Meta(DatesForm.Meta):
        fields = ["certificate", "other_name", "other_body", "legal_business_name", "number", *DatesForm.Meta.fields]
        labels = DatesForm.Meta.labels | {
            "other_name": "Name of the certificate",
            "other_body": "Name of the agency or certifying body",
            "legal_business_name": "Legal business name",
            "number": "Certificate number",
        }
        help_texts = DatesForm.Meta.help_texts | {
            "other_name": f"{ONLY_IF_OPEN} For example: HUB.",
            "other_body": f"{ONLY_IF_OPEN} For example: Texas Comptroller.",
            "legal_business_name": "As printed on the certificate.",
            "number": "As printed on the certificate, with its letters and dashes.",
        }
        error_messages = {
            "legal_business_name": {"required": "Enter the legal name of the business."},
            "number": {"required": "Enter the number of the certificate."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer(Certificate.objects.offered(today()).filter(type=self.instance.type_id))
        mark_conditional(self.fields["other_name"], self.fields["other_body"])

    @property
    def _certificate(self) -> CertificateChoice:
        return field_of(self, "certificate", CertificateChoice)

    def _offer(self, certificates: QuerySet[Certificate]) -> None:
        """Offer `certificates` as choices. The chosen one comes first, so that it is in sight."""
        chosen = self["certificate"].value()
        self._certificate.queryset = certificates.order_by(
            Case(When(pk=key_of(str(chosen)), then=0), default=1), *Certificate._meta.ordering
        )

    @property
    def about(self) -> str:
        """The words that distinguish this form from others on its page."""
        return self.instance.type.name

    def _text(self, name: str) -> str:
        """Return the text typed into a field, without spaces at the ends or doubled ones."""
        return " ".join(self.cleaned_data[name].split())

    def clean_other_name(self) -> str:
        return self._text("other_name")

    def clean_other_body(self) -> str:
        return self._text("other_body")

    def clean_legal_business_name(self) -> str:
        name = self._text("legal_business_name")
        if not any(character.isalpha() for character in name):
            raise ValidationError("A business name has letters. Enter it as printed on the certificate.")
        if is_no_name(name):
            raise ValidationError("Enter the legal name of the business, as printed on the certificate.")
        return name

    def clean_number(self) -> str:
        number = self._text("number").translate(HYPHENS)
        if not number_key(number) or is_no_number(number):
            raise ValidationError(
                "Enter the number printed on the certificate. "
                "If you don't have it yet, add the certification once you do."
            )
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        certificate = cleaned.get("certificate")
        if certificate and certificate.names_body:
            if not self.has_error("other_name") and fold(cleaned["other_name"]) in ("", fold(certificate.name)):
                self.add_error("other_name", "Enter what the certificate is called, such as MBE or HUB.")
            if not self.has_error("other_body") and not cleaned["other_body"]:
                self.add_error("other_body", "Enter who issued the certificate.")
        elif certificate:
            cleaned["other_name"] = cleaned["other_body"] = ""
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors:
            first = Certification.objects.same_as(self.instance).exclude(pk=self.instance.pk).first()
            if first:
                self.add_duplicate_error(first)

    def add_duplicate_error(self, first: Certification) -> None:
        link = format_html('<a href="{}">See the one you have</a>', first.get_absolute_url())
        self.add_error("number", format_html("You have already added this certification. {}.", link))


class EditForm(CertificationForm):
    """An existing record. Any certificate of its type may be chosen, and its own even if it is no longer offered."""

    MATERIAL = ("certificate", "other_name", "other_body", "legal_business_name", "number")

    def __init__(self, *args: Any, instance: Certification, **kwargs: Any) -> None:
        own = instance.certificate_id
        super().__init__(*args, instance=instance, **kwargs)
        offered = Certificate.objects.offered(today()).filter(type=instance.type_id).values_list("pk", flat=True)
        self._offer(Certificate.objects.select_related("body").filter(pk__in=[own, *offered]))
        self._certificate.error_messages["invalid_choice"] = (
            f"Choose a certificate for {instance.type.name}. For another type, add another certification."
        )

    @property
    def is_material(self) -> bool:
        return any(self.cleaned_data[name] != self._before[name] for name in self.MATERIAL)


class AttestationForm(forms.Form):
    """The last step: confirming what was shown, who will see it, and that it is true."""

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    # The plans that the person was shown. Plans that are added before saving were not agreed to.
    plans = PlansField()
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    attested = forms.BooleanField(
        label=attestation.TEXTS[attestation.VERSION],
        error_messages={"required": "Confirm that this is true, or go back and change it."},
    )

    find = forms.BooleanField(required=False, label=Consent.Purpose.FIND.label)
    count = forms.BooleanField(required=False, label=Consent.Purpose.COUNT.label)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for purpose in (Consent.Purpose.FIND, Consent.Purpose.COUNT):
            self.fields[purpose].help_text = consents.newest(purpose)[1].words

    def agreed_plans(self, policy: RolloutPolicy) -> list[str]:
        return consents.shown_plans(self.cleaned_data["plans"], policy)

    def agreed_purposes(self) -> list[Consent.Purpose]:
        return [purpose for purpose in (Consent.Purpose.FIND, Consent.Purpose.COUNT) if self.cleaned_data[purpose]]


class RenewalForm(forms.Form):
    """The day on which the renewal of a record was filed. Everyone who sees the record sees it."""

    filed_on = forms.DateField(
        label="Filed on",
        widget=DayInput,
        help_text="The day on which you sent the renewal to the certifying body.",
        error_messages={"invalid": "Enter a date, such as 2027-03-31.", "required": "Enter the day you filed it."},
    )

    def __init__(self, *args: Any, record: Certification, **kwargs: Any) -> None:
        super().__init__(*args, initial={"filed_on": record.renewal_filed_on}, **kwargs)
        self.record = record

    def clean_filed_on(self) -> date:
        filed_on, today, ends = self.cleaned_data["filed_on"], self.record.profile.today(), self.record.expires_on
        if filed_on > today:
            raise ValidationError("This day is still to come. Enter the day you filed it.")
        if ends is None:
            return filed_on  # `declare_renewal` refuses it
        if today > ends + RENEWAL_GRACE:
            raise ValidationError(f"It ended on {day(ends)}, too long ago for this. Enter the new dates instead.")
        if filed_on < ends - EARLIEST_RENEWAL or filed_on > ends + RENEWAL_GRACE:
            raise ValidationError(f"This does not fit a certificate that ends on {day(ends)}. Check the year.")
        return filed_on
