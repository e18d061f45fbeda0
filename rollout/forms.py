"""What staff enter to change the roll-out, or to stop it."""

from datetime import date, datetime, time
from hashlib import blake2b
from typing import Any

from django import forms
from django.utils import timezone

from common.forms import field_of, resend
from common.text import TextField
from profiles.models import Client
from rollout.models import RolloutPolicy
from rollout.types import all_types


class PolicyForm(forms.ModelForm):
    """A change of the policy. `seen` is the key of the newest decision that its author saw."""

    plans = forms.MultipleChoiceField(
        label="Visible to clients on", choices=Client.Plan, required=False, widget=forms.CheckboxSelectMultiple
    )
    paused_types = forms.ModelMultipleChoiceField(
        None, label="Paused types", required=False, widget=forms.CheckboxSelectMultiple
    )
    starts_on = forms.DateField(
        label="Start date",
        required=False,
        help_text="It starts at midnight in your time zone. Leave this empty to start right away.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = RolloutPolicy
        fields = (
            "is_paused", "plans", "holdout_percent", "paused_types", "pauses_on_alarm", "cancels_planned",
            "reason",
        )  # fmt: skip
        widgets = {"reason": forms.Textarea({"rows": 3})}
        help_texts = {"is_paused": "No client sees any certification, right away or from the start date below."}
        error_messages = {"reason": {"required": "Enter the reason for this change"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "paused_types", forms.ModelMultipleChoiceField).queryset = all_types()

    def clean_plans(self) -> list[Client.Plan]:
        return [plan for plan in Client.Plan if plan in self.cleaned_data["plans"]]

    def clean_paused_types(self) -> list[int]:
        return sorted(type.pk for type in self.cleaned_data["paused_types"])

    def clean_starts_on(self) -> date | None:
        starts_on, today = self.cleaned_data["starts_on"], timezone.localdate()
        if starts_on and starts_on < today:
            raise forms.ValidationError("Start date must be today or later")
        if starts_on and starts_on > today:
            self.instance.starts_at = timezone.make_aware(datetime.combine(starts_on, time()))
        return starts_on

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        RolloutPolicy.lock()  # so that no one decides between this check and the saving
        newest = RolloutPolicy.objects.confirmed().first()
        if cleaned.get("seen") != (newest and newest.pk):
            resend(self, seen=str(newest.pk) if newest else "")
            raise forms.ValidationError(
                "Someone changed the roll-out since you opened this page. Check it, then continue if your change still "
                "applies."
            )
        before = self.instance.preceding()
        is_same = all(cleaned.get(name) == getattr(before, name) for name in RolloutPolicy.WHAT_HOLDS)
        if is_same and not cleaned.get("cancels_planned"):
            raise forms.ValidationError("This is how it is now. Change a setting, or cancel.")
        return cleaned

    @property
    def fingerprint(self) -> str:
        """What a valid form says, so that a change is saved only as it was checked."""
        said = [self.cleaned_data.get(name) for name in (*RolloutPolicy.WHAT_HOLDS, "cancels_planned", "starts_on")]
        return blake2b(repr(said).encode(), digest_size=8).hexdigest()


class StopForm(forms.Form):
    """Why showing stops."""

    reason = TextField(
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter the reason for stopping"},
    )
