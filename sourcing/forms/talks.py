"""Invitations to talk, and messages about them."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from common.forms import field_of
from common.money import MoneyField
from profiles.models import Profile
from sourcing.models import TalkInvitation, TalkMessage


class OnceForm(forms.ModelForm):
    """A form that sends nothing twice: a second click has the same `submission`.

    That is made of the key that the form was shown with and of what it says (SAID, of the instance), so that other
    words in a form that the browser's "Back" shows again are sent, too.
    """

    SAID: tuple[str, ...] = ()
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def save(self, commit: bool = True) -> Any:
        self.mark(self.instance)
        return super().save(commit)

    def mark(self, instance: TalkInvitation | TalkMessage) -> None:
        """Give `instance`, which says what this form does, the key of its submission."""
        said = repr([str(getattr(instance, name)) for name in self.SAID])
        instance.submission = uuid.uuid5(self.cleaned_data["submission"], said)


class TalkInvitationForm(OnceForm):
    """An invitation to talk about a need. The view passes an instance with client, profile and sender."""

    SAID = ("client_id", "profile_id", "sent_by_id", "title", "text", "budget", "answer_by")
    budget = MoneyField(
        required=False,
        most=10**10 - 1,
        called="budget",
        label="Estimated total budget (USD)",
    )

    class Meta:
        model = TalkInvitation
        fields = ["title", "text", "budget", "answer_by"]
        labels = {"title": "Subject", "text": "What you need", "answer_by": "Respond by"}
        widgets = {
            "text": forms.Textarea(attrs={"rows": 6}),
            "answer_by": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "title": "For example: Year-end accounts for two sites.",
            "text": "Describe the work, when it starts and what you would like to hear back.",
        }
        error_messages = {
            "title": {"required": "Enter a subject"},
            "text": {"required": "Describe what you need"},
            "answer_by": {"required": "Enter the date you need a response by"},
        }

    @property
    def recipients(self) -> Sequence[Profile]:
        """The profiles that it is for."""
        return [self.instance.profile]

    def clean_answer_by(self) -> date:
        last, days = self.cleaned_data["answer_by"], [profile.today() for profile in self.recipients]
        if last < max(days):
            raise ValidationError("Choose a future date")
        if last > min(days) + TalkInvitation.LONGEST:
            raise ValidationError(f"Choose a date within {TalkInvitation.LONGEST.days} days")
        return last


class GroupInvitationForm(TalkInvitationForm):
    """One message to several profiles: an invitation for each. The view passes an instance with client and sender."""

    profiles = forms.ModelMultipleChoiceField(
        Profile.objects.none(), label="To", error_messages={"required": "Select at least one profile"}
    )

    def __init__(self, *args: Any, recipients: Sequence[Profile], **kwargs: Any) -> None:
        """`recipients`: the profiles to choose from."""
        super().__init__(*args, **kwargs)
        self._recipients = recipients
        chosen_from = Profile.objects.filter(pk__in=[profile.pk for profile in recipients])
        field_of(self, "profiles", forms.ModelMultipleChoiceField).queryset = chosen_from

    @property
    def recipients(self) -> Sequence[Profile]:
        return self._recipients

    def invitations(self) -> list[TalkInvitation]:
        """Return the invitations to send, one for each profile that is chosen."""
        values = {name: self.cleaned_data[name] for name in TalkInvitationForm.Meta.fields}
        sender = {"client_id": self.instance.client_id, "sent_by": self.instance.sent_by}
        chosen = set(self.cleaned_data["profiles"])
        invitations = [TalkInvitation(profile=one, **sender, **values) for one in self.recipients if one in chosen]
        for invitation in invitations:
            self.mark(invitation)
        return invitations


class TalkMessageForm(OnceForm):
    """A message about an invitation. The view passes an instance with the invitation, the side and the author."""

    SAID = ("invitation_id", "is_from_client", "author_id", "text")

    class Meta:
        model = TalkMessage
        fields = ["text"]
        labels = {"text": "Message"}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
        error_messages = {"text": {"required": "Enter a message"}}

    def __init__(self, *args: Any, is_required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = is_required
