"""The form by which a reviewer decides a case."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from certifications.models import Certification, Evidence, Step
from common.days import day
from common.forms import field_of, mark_conditional
from common.text import TextField
from verification.models import AGAINST, OUTCOMES, Case, RegisterEntry, RegisterMatch
from verification.registers import matching


class OutcomeRadios(forms.RadioSelect):
    """Radio buttons that say what each decision does. review-keys.js chooses one by its key, and goes to its field."""

    option_template_name = "admin/verification/outcome.html"
    is_appeal = False

    def create_option(self, name: str, value: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        row = OUTCOMES[value]
        option["attrs"] |= {"data-key": row.key, "data-needs": row.needs[0] if row.needs else "note"}
        return option | {"row": row, "effect": (self.is_appeal and row.on_appeal) or row.effect}


class DecisionForm(forms.Form):
    """What a reviewer decides about `record`, of which the registers list `candidates` (list of Finding).

    `is_appeal`: they decide on an appeal of its owner, which ends there.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(label="Decision", widget=OutcomeRadios)
    step = forms.TypedChoiceField(
        label="Verification level",
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", "Choose a level"), *Step.choices[1:]],
    )
    entry = forms.ModelChoiceField(
        RegisterEntry.objects.none(), label="Matching row of the register", required=False, empty_label="Choose a row"
    )
    source = TextField(
        label="Evidence",
        max_length=300,
        required=False,
        help_text="Name the document, or say who at the certifier confirmed it and how. The owner can read this.",
    )
    evidence_on = forms.DateField(
        label="Date of the evidence", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.ChoiceField(
        label="Reason",
        help_text="The owner can read this.",
        required=False,
        choices=[("", "Choose a reason"), *Certification.Reason.choices],
    )
    note = TextField(
        label="Note to the owner", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        *args: Any,
        record: Certification,
        candidates: list[matching.Finding],
        is_appeal: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.candidates = record, candidates
        is_good = record.standing == Certification.Standing.GOOD
        left_out = {Case.Outcome.LIFTED} if is_good else {Case.Outcome.SUSPENDED, Case.Outcome.ASKED}
        if record.step == Step.SELF_REPORTED:
            left_out.add(Case.Outcome.LOWERED)
        if record.standing == Certification.Standing.REFUSED:
            left_out.add(Case.Outcome.REFUSED)
        outcomes = [(outcome, row.verb) for outcome, row in OUTCOMES.items() if outcome not in left_out]
        field_of(self, "outcome", forms.ChoiceField).choices = outcomes
        self.fields["outcome"].widget.is_appeal = is_appeal
        allowed = [finding.entry.pk for finding in candidates if finding.kind != Case.Cause.CONTRADICTION]
        field_of(self, "entry", forms.ModelChoiceField).queryset = RegisterEntry.objects.filter(pk__in=allowed)
        self.fields["evidence_on"].initial = record.profile.today()
        by_outcome = ("step", "entry", "source", "evidence_on", "reason")
        mark_conditional(*(self.fields[name] for name in by_outcome))

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("outcome") == Case.Outcome.RAISED:
            self._clean_raised(cleaned)
        elif cleaned.get("outcome") in AGAINST:
            self._require(cleaned, "reason", "Choose the reason for this decision")
        return cleaned

    def _clean_raised(self, cleaned: dict[str, Any]) -> None:
        self._require(cleaned, "step", "Choose a verification level")
        if cleaned.get("step") == Step.REGISTER:
            self._require(cleaned, "entry", "Choose the row that it matches")
            if entry := cleaned.get("entry"):
                self._clean_row(entry)
        else:
            self._require(cleaned, "source", "Enter what the evidence is")
            self._require(cleaned, "evidence_on", "Enter the date of the evidence")
            evidence_on = cleaned.get("evidence_on")
            if evidence_on and evidence_on > max(self.record.profile.today(), timezone.localdate()):
                self.add_error("evidence_on", "Date of the evidence must be today or earlier")
            elif evidence_on:
                self._clean_day(evidence_on, "evidence_on")

    def _clean_row(self, entry: RegisterEntry) -> None:
        evidence = matching.match_of(self.record, self._finding(entry)).evidence
        self._clean_day(evidence.evidence_on, "entry")
        if evidence.holds_until and evidence.holds_until < evidence.evidence_on and "entry" not in self.errors:
            self.add_error("entry", f"This row says that the certificate ended on {day(evidence.holds_until)}")

    def _finding(self, entry: RegisterEntry) -> matching.Finding:
        return next(finding for finding in self.candidates if finding.entry.pk == entry.pk)

    def _clean_day(self, evidence_on: date, name: str) -> None:
        """Tell at the field called `name` that on this day nothing can have been known of the certificate."""
        first, last = self.record.first_day, self.record.expires_on
        if evidence_on < first and self.record.issued_on:
            self.add_error(name, f"The certificate was issued on {day(first)}. Enter that date or a later one.")
        elif evidence_on < first:
            self.add_error(name, f"The certificate can't have been issued by then. Enter {day(first)} or a later date.")
        elif last and evidence_on > last:
            self.add_error(name, "The certificate had expired by then. Its owner has to renew it first.")

    def _require(self, cleaned: dict[str, Any], name: str, message: str) -> None:
        if not cleaned.get(name) and name not in self.errors:
            self.add_error(name, message)

    def grounds(self) -> Evidence | RegisterMatch | None:
        """Return what a valid form raises the record on, as `cases.decide` takes it. None for other decisions."""
        if self.cleaned_data["outcome"] != Case.Outcome.RAISED:
            return None
        if self.cleaned_data["step"] == Step.REGISTER:
            return matching.match_of(self.record, self._finding(self.cleaned_data["entry"]))
        return Evidence(
            step=self.cleaned_data["step"],
            source=self.cleaned_data["source"],
            evidence_on=self.cleaned_data["evidence_on"],
            holds_until=self.record.expires_on,
        )
