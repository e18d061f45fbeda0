"""The forms for the owner's choices about who sees certifications, and for how long no one does."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.text import capfirst

from certifications.models import Certification
from certifications.sharing import clients, consents
from certifications.sharing.viewers import KINDS, MEMBER
from common.forms import DayInput, field_of, mark_conditional, resend
from common.searching import squashed
from common.text import TextField
from profiles.models import Client, Profile
from rollout.audience import audience_words

LONGEST_HIDING = timedelta(days=2 * 366)


class PlansField(forms.MultipleChoiceField):
    """The plans that a form showed, sent back with it: no one agrees to plans that were added meanwhile."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Client.Plan, required=False, widget=forms.MultipleHiddenInput, **kwargs)


class HideForm(forms.Form):
    """Hiding until a day, or until it is shown again."""

    until = forms.DateField(
        required=False,
        label="Show again on",
        widget=DayInput,
        help_text="From midnight in your time zone.",
    )

    mark_conditional(until)
    # Sent by the button that hides for a while, which needs the day.
    for_a_while = forms.BooleanField(required=False)

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profile = profile

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("for_a_while") and not cleaned.get("until") and not self.has_error("until"):
            self.add_error("until", "Choose the day to show it again")
        return cleaned

    def clean_until(self) -> date | None:
        until, today = self.cleaned_data["until"], self.profile.today()
        if until and until <= today:
            raise ValidationError("Choose a day after today")
        if until and until > today + LONGEST_HIDING:
            raise ValidationError("Choose a day within the next two years")
        return until


class AudienceForm(forms.Form):
    """The choice of a record's audience."""

    audience = forms.ChoiceField(
        widget=forms.RadioSelect, label="Who can see it", error_messages={"invalid_choice": "Choose from the list"}
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    HINTS = {
        Certification.Audience.ELIGIBLE: "Everyone who works for one of these clients.",
        Certification.Audience.ENTERPRISE: "Everyone who works for a client on our largest plan.",
        Certification.Audience.NAMED: "You find them by name after you save.",
        Certification.Audience.NOBODY: "It stays here for you. No client can see it.",
    }

    def __init__(self, *args: Any, record: Certification, **kwargs: Any) -> None:
        super().__init__(*args, initial={"audience": record.audience, "opened": record.audience}, **kwargs)
        self.record = record
        chosen = Certification.Audience
        self._labels = {choice: choice.label for choice in chosen}
        self._labels[chosen.ELIGIBLE] = capfirst(audience_words(record.agreed_now))
        field_of(self, "audience", forms.ChoiceField).choices = [
            (choice, format_html('{} <span class="options__hint">{}</span>', label, self.HINTS[choice]))
            for choice, label in self._labels.items()
        ]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        opened, now = cleaned.get("opened"), self.record.audience
        if opened and opened != now != cleaned.get("audience"):
            resend(self, opened=now)
            said = f"Someone else changed this while you were choosing. It is now “{self.label_of(now)}”."
            self.add_error("audience", f"{said} Save again to keep yours.")
        return cleaned

    def label_of(self, audience: str) -> str:
        """Return the words of a choice."""
        return str(self._labels[Certification.Audience(audience)])


class ClientSearchForm(forms.Form):
    """A search for a client by its name."""

    q = TextField(
        required=False,
        max_length=100,
        label="Find a client",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text="Type at least 2 letters of the name.",
    )

    mark_conditional(q)

    @property
    def words(self) -> str:
        return self.cleaned_data.get("q", "") if self.is_bound and self.is_valid() else ""

    @property
    def is_too_short(self) -> bool:
        """True if the words have too few letters for a search."""
        return len(squashed(self.words)) < clients.FEWEST_LETTERS

    def found(self, *, without: Iterable[Client], plans: Iterable[str] | None = None) -> list[Client]:
        """Return the clients found, without those in `without`. With `plans`, only active ones on one of them."""
        return list(clients.find(self.words, without=without, plans=plans))


class PreviewForm(forms.Form):
    """The viewer that an editor previews the page as. Invalid values count as missing."""

    client = forms.ModelChoiceField(Client.objects.all(), to_field_name="slug", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as"] = forms.ChoiceField(
            choices=[(key, key) for key in (*KINDS, MEMBER)], required=False
        )  # a keyword


class ConsentForm(forms.Form):
    """One of the consents of `profile`, on or off."""

    purpose = forms.ChoiceField()
    on = forms.BooleanField(required=False)
    plans = PlansField()

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purposes = consents.purposes_of(profile)
        field_of(self, "purpose", forms.ChoiceField).choices = [(purpose, purpose.label) for purpose in purposes]


class QuestionForm(forms.Form):
    answer = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No"), ("again", "Ask again")])
    plans = PlansField()
