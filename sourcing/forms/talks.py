"""Invitations to talk, and messages about them."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from common.money import MoneyField
from sourcing.models import TalkInvitation, TalkMessage


class OnceForm(forms.ModelForm):
    """A form that sends nothing twice: a second click has the same `submission`.

    That is made of the key that the form was shown with and of what it says (SAID, of the instance), so that other
    words in a form that the browser's "Back" shows again are sent, too.
    """

    SAID: tuple[str, ...] = ()
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def save(self, commit: bool = True) -> Any:
        said = repr([str(getattr(self.instance, name)) for name in self.SAID])
        self.instance.submission = uuid.uuid5(self.cleaned_data["submission"], said)
        return super().save(commit)


class TalkInvitationForm(OnceForm):
    """An invitation to talk about a need. The view passes an instance with client, profile and sender."""

    SAID = ("client_id", "profile_id", "sent_by_id", "title", "text", "budget", "answer_by")
    budget = MoneyField(
        required=False,
        most=10**10 - 1,
        called="budget",
        label="Expected budget (USD)",
        help_text="In whole U.S. dollars, for all of it.",
    )

    class Meta:
        model = TalkInvitation
        fields = ["title", "text", "budget", "answer_by"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 8}),
            "answer_by": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "title": "In a line, such as: year-end accounts for two sites.",
            "text": "What you need, from when, and what you would like to hear.",
        }

    def clean_answer_by(self) -> date:
        last, today = self.cleaned_data["answer_by"], self.instance.profile.today()
        if last < today:
            raise ValidationError("This day is over.")
        if last > today + TalkInvitation.LONGEST:
            raise ValidationError(f"Choose a day within {TalkInvitation.LONGEST.days} days.")
        return last


class TalkMessageForm(OnceForm):
    """A message about an invitation. The view passes an instance with the invitation, the side and the author."""

    SAID = ("invitation_id", "is_from_client", "author_id", "text")

    class Meta:
        model = TalkMessage
        fields = ["text"]
        labels = {"text": "Message"}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
        error_messages = {"text": {"required": "Write something first."}}

    def __init__(self, *args: Any, is_required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = is_required
