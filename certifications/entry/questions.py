"""What an owner is asked beside the details: which types, which certificate, who can see it, and that it is true."""

import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from certifications.entry import attestation
from certifications.models import Certificate, Certification, CertificationType, Consent
from certifications.models.catalogue import today
from certifications.sharing import consents
from certifications.sharing.forms import PlansField
from common.forms import field_of
from profiles.models import Client
from rollout.audience import audience_words
from rollout.models import RolloutPolicy

NOT_OFFERED = "Choose from the list"
OPTIONAL_PURPOSES = (Consent.Purpose.FIND, Consent.Purpose.COUNT)


class TypesForm(forms.Form):
    """Which types the business is certified as."""

    type = forms.ModelMultipleChoiceField(
        CertificationType.objects.filter(is_offered=True),
        to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
        label="What is your business certified as?",
        help_text="Select all that apply. You'll need the certificates.",
        error_messages={
            "required": "Select at least one type",
            "invalid_choice": NOT_OFFERED,
            "invalid_pk_value": NOT_OFFERED,
        },
    )


class CertificateRadios(forms.RadioSelect):
    """The common certificates, the others behind "Show more", and at the end those that fit any case.

    Each option has the words, beside its own, by which the list is searched.
    """

    template_name = "certifications/entry/certificates.html"
    MOST_COMMON = 5

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["certificate"] = certificate = value.instance
        option["attrs"]["data-keywords"] = certificate.search_words
        if certificate.names_body:
            option["attrs"]["data-always"] = certificate.name
        return option

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        options = [option for _, group, _ in context["widget"]["optgroups"] for option in group]
        named = [option for option in options if not option["certificate"].names_body]
        common = named if len(named) <= self.MOST_COMMON + 1 else named[: self.MOST_COMMON]
        context["widget"] |= {
            "common": common,
            "others": named[len(common) :],
            "is_open": any(option["selected"] for option in named[len(common) :]),
            "open_ones": [option for option in options if option["certificate"].names_body],
        }
        return context


class CertificateChoice(forms.ModelChoiceField):
    """A certificate of the catalog, called by acronym, name and body."""

    is_filterable = True

    def label_from_instance(self, obj: Certificate) -> SafeString | str:
        if obj.names_body:
            return obj.name
        return format_html(
            '<span translate="no">{} <span class="options__hint">{}</span></span>', obj.label, obj.body.full_name
        )


class CertificateForm(forms.Form):
    """Which certificate of one type the business holds. Beside those offered, the one that a record has already."""

    certificate = CertificateChoice(
        Certificate.objects.none(),
        widget=CertificateRadios,
        empty_label=None,
        label="Which certificate do you have?",
        error_messages={"required": "Choose your certificate", "invalid_choice": "Choose a certificate from the list"},
    )

    def __init__(
        self, *args: Any, type: CertificationType, held: Certificate | None = None, initial: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, initial={"certificate": held and held.pk} | (initial or {}), **kwargs)
        offered: QuerySet[Certificate] = Certificate.objects.offered(today()).filter(type=type)
        if held:
            self.fields["certificate"].error_messages["invalid_choice"] = (
                f"Choose a certificate for {type.name}. For another type, add another certification."
            )
            keys = [held.pk, *offered.values_list("pk", flat=True)]
            offered = Certificate.objects.select_related("body").filter(pk__in=keys)
        field_of(self, "certificate", CertificateChoice).queryset = offered


class SharingForm(forms.Form):
    """Who can see the new certifications, and with `is_first` what else the owner agrees to."""

    audience = forms.ChoiceField(
        widget=forms.RadioSelect,
        label="Who can see it?",
        help_text="You can change this at any time. Visitors, other talent and other clients never see it.",
        error_messages={"required": "Choose who can see it", "invalid_choice": NOT_OFFERED},
    )
    find = forms.BooleanField(required=False, label=Consent.Purpose.FIND.label)
    count = forms.BooleanField(required=False, label=Consent.Purpose.COUNT.label)

    def __init__(self, *args: Any, plans: list[str], is_first: bool, many: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {"audience": Certification.Audience.ELIGIBLE}
        super().__init__(*args, **kwargs)
        self.plans = plans
        audience = field_of(self, "audience", forms.ChoiceField)
        audience.choices = list(_audiences(plans))
        if many:
            audience.label = "Who can see them?"
        for purpose in OPTIONAL_PURPOSES:
            if is_first:
                self.fields[purpose].help_text = consents.newest(purpose)[1].words
            else:
                del self.fields[purpose]

    @property
    def audience_words(self) -> str:
        """The chosen audience, to read."""
        chosen = Certification.Audience(self.cleaned_data["audience"])
        if chosen == chosen.ELIGIBLE:
            return capfirst(audience_words(self.plans))
        return f"{chosen.label}. You choose them after this." if chosen == chosen.NAMED else chosen.label

    @property
    def optional_purposes(self) -> list[Consent.Purpose]:
        """What is asked beside the audience."""
        return [purpose for purpose in OPTIONAL_PURPOSES if purpose in self.fields]

    @property
    def purposes(self) -> list[Consent.Purpose]:
        """What the owner agrees to beside showing."""
        return [purpose for purpose in self.optional_purposes if self.cleaned_data[purpose]]


def _audiences(plans: list[str]) -> Iterator[tuple[str, SafeString]]:
    """Yield the choices of who can see a certification that is shown to `plans`, each with what it means."""
    audience = Certification.Audience
    yield audience.ELIGIBLE, _option(audience_words(plans), "You can block any of them later.")
    if Client.Plan.ENTERPRISE in plans and len(plans) > 1:
        yield audience.ENTERPRISE, _option(audience.ENTERPRISE.label, "")
    yield audience.NAMED, _option(audience.NAMED.label, "You choose them next. Until then, no client can see it.")
    yield audience.NOBODY, _option(audience.NOBODY.label, "You can show it to clients later.")


def _option(label: str, hint: str) -> SafeString:
    return format_html('{} <span class="options__hint">{}</span>', capfirst(label), hint)


class AttestationForm(forms.Form):
    """The last step: to whom it was said to be shown, and that it is true."""

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    # The plans as the person was shown them; what is wider by the time of saving was not agreed to.
    plans = PlansField()
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    attested = forms.BooleanField(
        label=attestation.TEXTS[attestation.VERSION],
        error_messages={"required": "Check the box to confirm this is true"},
    )

    def agreed_plans(self, policy: RolloutPolicy) -> list[str]:
        """Return the plans that the owner was shown and agreed to."""
        return consents.shown_plans(self.cleaned_data["plans"], policy)
