"""What an editor types about a certification, and what makes it wrong."""

import unicodedata
import uuid
from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html

from certifications import attestation
from certifications.models import Certificate, Certification, CertificationType, Disclosure
from certifications.models.catalogue import today
from certifications.models.record import audience_now
from profiles.models import Client

FIRST_CERTIFICATES = date(1960, 1, 1)  # the oldest programmes are from 1969; older than this is a slip of the finger
LONGEST_TERM = timedelta(days=25 * 366)

DATE_INPUT = {"type": "date"}


class TypesForm(forms.Form):
    """Which types the business is certified as. Submitted by GET, so that the next step is a link."""

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


class DatesForm(forms.ModelForm):
    """When a certificate was issued and when it ends. Expects an instance with its profile."""

    class Meta:
        model = Certification
        fields = ["issued_on", "expires_on", "does_not_expire"]
        labels = {"issued_on": "Issued on", "expires_on": "Expires on", "does_not_expire": "It does not expire"}
        help_texts = {"expires_on": "The last day on which it is valid, as printed on the certificate."}
        widgets = {
            "issued_on": forms.DateInput(DATE_INPUT, format="%Y-%m-%d"),
            "expires_on": forms.DateInput(DATE_INPUT, format="%Y-%m-%d"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("issued_on", "expires_on"):
            self.fields[name].error_messages["invalid"] = "Enter a date, such as 2027-03-31."
            self.fields[name].required = False
        self.fields["expires_on"].is_conditional = True

    def clean_issued_on(self):
        issued_on = self.cleaned_data["issued_on"]
        if issued_on and issued_on > self.instance.profile.today():
            raise ValidationError("This day is still to come. Enter the day the certificate was issued.")
        if issued_on and issued_on < FIRST_CERTIFICATES:
            raise ValidationError("This is before there were such certificates. Check the year.")
        return issued_on

    def clean_expires_on(self):
        expires_on = self.cleaned_data["expires_on"]
        if expires_on and expires_on < FIRST_CERTIFICATES:
            raise ValidationError("This is before there were such certificates. Check the year.")
        if expires_on and expires_on > self.instance.profile.today() + LONGEST_TERM:
            raise ValidationError("No certificate lasts this long. Check the year.")
        return expires_on

    def clean(self):
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
    def is_material(self):
        """Whether what identifies the certificate was changed: the record then starts again as self-reported."""
        return False

    @property
    def is_past(self):
        """Whether the dates, found right, make it a record that nobody will be shown."""
        expires_on = self.cleaned_data.get("expires_on")
        return bool(expires_on and expires_on < self.instance.profile.today())

    def preview(self):
        """The record as it would be saved, to show before it is."""
        if self.is_material:
            self.instance.self_reported_at = timezone.now()
        self.instance.is_past = self.is_past
        return self.instance


class CertificateChoice(forms.ModelChoiceField):
    """A certificate of the catalogue, called by acronym, name and body."""

    is_filterable = True

    def label_from_instance(self, certificate):
        if certificate.names_body:
            return certificate.name
        return format_html('{} <span class="options__hint">{}</span>', certificate.label, certificate.body.name)


class CertificationForm(DatesForm):
    """One certification. Expects an instance with its profile, and with its type unless any may be chosen."""

    certificate = CertificateChoice(
        Certificate.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        label="Certificate",
        error_messages={
            "required": "Choose the certificate.",
            "invalid_choice": "Choose a certificate from the list.",
        },
    )

    class Meta(DatesForm.Meta):
        fields = ["certificate", "other_body", "legal_business_name", "number", *DatesForm.Meta.fields]
        labels = DatesForm.Meta.labels | {
            "other_body": "Name of the agency or certifying body",
            "legal_business_name": "Legal business name",
            "number": "Certificate number",
        }
        help_texts = DatesForm.Meta.help_texts | {
            "other_body": "Only if you chose a certificate whose body is not listed.",
            "legal_business_name": "As printed on the certificate.",
            "number": "As printed on the certificate, with its letters and dashes.",
        }
        error_messages = {
            "legal_business_name": {"required": "Enter the legal name of the business."},
            "number": {"required": "Enter the number of the certificate."},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offered = Certificate.objects.offered(today())
        if self.instance.type_id:
            offered = offered.filter(type=self.instance.type_id)
        self.fields["certificate"].queryset = offered

    def _text(self, name):
        """What was typed, with one form for look-alike characters and no spaces at the ends or doubled."""
        return " ".join(unicodedata.normalize("NFKC", self.cleaned_data[name]).split())

    def clean_other_body(self):
        return self._text("other_body")

    def clean_legal_business_name(self):
        name = self._text("legal_business_name")
        if not any(character.isalpha() for character in name):
            raise ValidationError("A business name has letters. Enter it as printed on the certificate.")
        return name

    def clean_number(self):
        number = self._text("number")
        if not any(character.isalnum() for character in number):
            raise ValidationError("A certificate number has letters or digits. Enter it as printed.")
        return number

    def clean(self):
        cleaned = super().clean()
        certificate = cleaned.get("certificate")
        if (
            certificate
            and certificate.names_body
            and not cleaned.get("other_body")
            and not self.has_error("other_body")
        ):
            self.add_error("other_body", "Enter who issued the certificate.")
        if certificate and not certificate.names_body:
            cleaned["other_body"] = ""
        if certificate:
            self.instance.type = certificate.type
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        if not self.errors:
            first = Certification.objects.same_as(self.instance).exclude(pk=self.instance.pk).first()
            if first:
                self.add_duplicate_error(first)

    def add_duplicate_error(self, first):
        link = format_html('<a href="{}">See the one you have</a>', first.get_absolute_url())
        self.add_error("number", format_html("You have already added this certification. {}.", link))


class EditForm(CertificationForm):
    """A record that exists: any certificate may be chosen, its own even if it is no longer offered."""

    MATERIAL = ("certificate", "other_body", "legal_business_name", "number")

    def __init__(self, *args, instance, **kwargs):
        own = instance.certificate_id
        super().__init__(*args, instance=instance, **kwargs)
        self._before = {name: getattr(instance, name) for name in self.MATERIAL}
        offered = Certificate.objects.offered(today()).order_by("type__position", "position", "acronym", "name")
        self.fields["certificate"].queryset = (
            Certificate.objects.select_related("body", "type")
            .filter(pk__in=[own, *offered.values_list("pk", flat=True)])
            .order_by("type__position", "position", "acronym", "name")
        )

    @property
    def is_material(self):
        return any(self.cleaned_data[name] != before for name, before in self._before.items())


class AnswerForm(forms.Form):
    """Any answer but "disclosed", which is given by adding a certification."""

    answer = forms.ChoiceField(
        choices=[choice for choice in Disclosure.Answer.choices if choice[0] != Disclosure.Answer.DISCLOSED]
    )


class AttestationForm(forms.Form):
    """The last step: what was shown, to whom it will be shown, and that it is true."""

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    # The audience as the person was shown it; what is wider by the time of saving was not agreed to.
    audience = forms.TypedMultipleChoiceField(
        choices=Client.Plan, widget=forms.MultipleHiddenInput, required=False, initial=audience_now
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    attested = forms.BooleanField(
        label=attestation.TEXTS[attestation.VERSION],
        error_messages={"required": "Confirm that this is true, or go back and change it."},
    )

    def agreed_audience(self):
        return [plan for plan in audience_now() if plan in self.cleaned_data["audience"]]
