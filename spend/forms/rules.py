"""The rules of a client as its admin edits them, and what it could have spent in a fiscal year."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django import forms
from django.db.models import TextChoices
from django.utils.dates import MONTHS

from certifications.models import CertifyingBody, Step
from common.forms import mark_conditional, resend
from common.text import TextField
from spend import wording
from spend.choices import RETURNED, DateRule, Kind, TierMode
from spend.forms.amounts import AmountField
from spend.models import AddressableSpend, SavedRules
from spend.models.payment import CURRENCY_CHOICES
from spend.rules import LONGEST_GRACE, Period, Rules
from spend.saying import lowest_level

SAVED_MEANWHILE = (
    "Someone else saved new rules while you were editing. What you entered is kept here and isn't saved yet. Look at "
    "the rules as they are now, and send this again to replace them."
)


class Accept(TextChoices):
    """How much of a list is accepted."""

    ALL = "all", "All of them, and any that we add later"
    SOME = "some", "Only the ones selected here"


class Choosable(NamedTuple):
    """What an admin chooses from: names by key. `types` are those that the client uses, in order of the catalog."""

    types: Mapping[str, str]
    bodies: Mapping[str, str]


class VersionForm(forms.Form):
    """A form that makes a new version of a client's rules, out of the version that was read."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, saved: SavedRules | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.saved = saved
        self.initial["version"] = self._version

    @property
    def _version(self) -> str:
        return str(self.saved.pk if self.saved else 0)

    def clean(self) -> dict[str, Any]:
        super().clean()
        self._check_entered()
        if self.cleaned_data.get("version") != self._version and (self.errors or self.is_changed()):
            resend(self, version=self._version)
            self.add_error(None, SAVED_MEANWHILE)
        return self.cleaned_data

    def _check_entered(self) -> None:
        """Add the errors of what was entered."""
        raise NotImplementedError

    def is_changed(self) -> bool:
        """Return whether the form without errors says something else than the version that was read."""
        raise NotImplementedError

    @property
    def is_second_click(self) -> bool:
        """Whether the version that was read says what the valid form says, but the form was opened before it."""
        return self.cleaned_data["version"] != self._version and not self.is_changed()


def _accept(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=Accept.choices, widget=forms.RadioSelect)


def _selected(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, widget=forms.CheckboxSelectMultiple)


class RulesForm(VersionForm):
    """The rules. `rules` are those of the version that was read, and what the form doesn't ask for stays as there."""

    LISTS = ("types", "bodies", "body_kinds")

    fiscal_year_start = forms.TypedChoiceField(
        label="First month of the fiscal year",
        coerce=int,
        choices=list(MONTHS.items()),
        help_text="A fiscal year has the number of the year in which it ends.",
    )
    currency = forms.ChoiceField(
        label="Currency",
        choices=CURRENCY_CHOICES,
        help_text="Payments that were settled in another currency are in no total.",
    )
    types_accepted = _accept("Which types count?")
    types = _selected("Accepted types")
    bodies_accepted = _accept("Whose certificates count?")
    bodies = _selected("Accepted certifiers")
    body_kinds_accepted = _accept("Which kinds of certifiers count?")
    body_kinds = _selected("Accepted kinds of certifiers")
    level = forms.TypedChoiceField(
        label="Lowest verification level that counts",
        coerce=int,
        choices=Step.choices,
        widget=forms.RadioSelect,
        help_text="Self-reported means that the business entered it and no one checked it.",
    )
    date_rule = forms.ChoiceField(
        label="When does a certificate have to be valid?", choices=DateRule.choices, widget=forms.RadioSelect
    )
    grace_days = forms.IntegerField(label="Grace period in days", required=False, min_value=1, max_value=LONGEST_GRACE)
    base_kinds = forms.MultipleChoiceField(
        label="Payments in the total",
        choices=[(kind.value, kind.label) for kind in Kind if kind not in RETURNED],
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "Shares are taken of this total. Money that came back is subtracted from the payment it belongs to. Fees "
            "and taxes can be in the total, but they never count."
        ),
        error_messages={"required": "Select at least one kind of payment"},
    )
    tier_mode = forms.ChoiceField(
        label="Tier",
        choices=TierMode.choices,
        widget=forms.RadioSelect,
        help_text="Every report says it. It changes no amount.",
    )

    def __init__(self, *args: Any, rules: Rules, choosable: Choosable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules, self.choosable = rules, choosable
        lists = {"types": choosable.types, "bodies": choosable.bodies, "body_kinds": dict(CertifyingBody.Kind.choices)}
        for name, names in lists.items():
            accepted = getattr(rules, name)
            self.fields[name].choices = list(names.items())  # type: ignore[attr-defined] # it is a MultipleChoiceField
            self.initial[name] = [key for key in accepted or () if key in names]
            self.initial[f"{name}_accepted"] = Accept.ALL if accepted is None else Accept.SOME
        in_order = (key for key in rules.primary_order if key in choosable.types)
        for number, name in enumerate(self._places, 1):
            self.fields[name] = forms.ChoiceField(
                label=f"Place {number}",
                required=False,
                choices=[("", "In the order of our catalog"), *choosable.types.items()],
            )
            self.initial[name] = next(in_order, "")
        for name in ("fiscal_year_start", "currency", "date_rule", "base_kinds", "tier_mode"):
            self.initial[name] = getattr(rules, name)
        self.initial["level"] = lowest_level(rules)
        self.initial["grace_days"] = rules.grace_days or None
        mark_conditional(*(self.fields[name] for name in self.fields if not self.fields[name].required))

    @property
    def _places(self) -> list[str]:
        """The names of the fields for the order of types. The last type needs none."""
        return [f"place_{number}" for number in range(1, len(self.choosable.types))]

    @property
    def order(self) -> list[forms.BoundField]:
        return [self[name] for name in self._places]

    def _check_entered(self) -> None:
        cleaned = self.cleaned_data
        for name in self.LISTS:
            if cleaned.get(f"{name}_accepted") == Accept.SOME and name in cleaned and not cleaned[name]:
                self.add_error(name, "Select at least one, or accept all of them")
        if cleaned.get("date_rule") == DateRule.GRACE and "grace_days" in cleaned and not cleaned["grace_days"]:
            self.add_error("grace_days", f"Enter a number of days from 1 to {LONGEST_GRACE}")
        self._check_order()

    def _check_order(self) -> None:
        chosen: set[str] = set()
        first_empty = 0
        for number, name in enumerate(self._places, 1):
            match self.cleaned_data.get(name):
                case None:  # it has an error
                    continue
                case "":
                    first_empty = first_empty or number
                case key if key in chosen:
                    self.add_error(name, f"{self.choosable.types[key]} has a place already")
                case key:
                    chosen.add(key)
                    if first_empty:
                        self.add_error(name, f"Choose a type for place {first_empty} first")

    def is_changed(self) -> bool:
        return self.changed_rules() != self.rules

    def changed_rules(self) -> Rules:
        """Return the rules that the form without errors asks for. They equal `rules` if they say the same."""
        cleaned = self.cleaned_data
        changed = replace(
            self.rules,
            fiscal_year_start=cleaned["fiscal_year_start"],
            currency=cleaned["currency"],
            date_rule=cleaned["date_rule"],
            grace_days=cleaned["grace_days"] if cleaned["date_rule"] == DateRule.GRACE else 0,
            primary_order=self._primary_order(),
            base_kinds=self._same_if_equal("base_kinds", cleaned["base_kinds"]),
            tier_mode=cleaned["tier_mode"],
            types=self._accepted("types"),
            bodies=self._accepted("bodies"),
            body_kinds=self._accepted("body_kinds"),
        )
        if cleaned["level"] == lowest_level(self.rules):
            return changed
        return replace(changed, self_reported=not cleaned["level"], least_step=cleaned["level"])

    def _primary_order(self) -> tuple[str, ...]:
        """Return the order of types, in which those that have no field come last unless the order stays as it is."""
        before = self.rules.primary_order
        if all(self.cleaned_data[name] == self.initial[name] for name in self._places):
            return before
        chosen = (self.cleaned_data[name] for name in self._places)
        return (*filter(None, chosen), *(key for key in before if key not in self.choosable.types))

    def _accepted(self, name: str) -> tuple[str, ...] | None:
        if self.cleaned_data[f"{name}_accepted"] == Accept.ALL:
            return None
        unseen = [key for key in getattr(self.rules, name) or () if key not in dict(self.fields[name].choices)]  # type: ignore[attr-defined]
        return self._same_if_equal(name, [*self.cleaned_data[name], *unseen])

    def _same_if_equal(self, name: str, keys: Sequence[str]) -> tuple[str, ...]:
        """Return `keys`, in the order that the rules have them if they have the same ones."""
        before = getattr(self.rules, name) or ()
        return before if set(before) == set(keys) else tuple(dict.fromkeys(keys))


class AddressableForm(VersionForm):
    """What the client could have spent with any business in a fiscal year: one amount, or one for each quarter."""

    year = AmountField(label="Whole fiscal year", required=False)
    note = TextField(
        label="What is in it",
        required=False,
        max_length=300,
        help_text="For example: professional services, on the marketplace and elsewhere. Reports print it.",
    )

    def __init__(self, *args: Any, period: Period, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.period = period
        for number, quarter in enumerate(period.quarters(), 1):
            self.fields[f"quarter_{number}"] = AmountField(label=wording.quarter(number, quarter), required=False)
        self.overlapping = [
            row for row in self._saved_rows() if row.starts_on <= period.ends_on and row.ends_on >= period.starts_on
        ]
        amounts = {row.period: row.amount for row in self.overlapping}
        for name, part in self._parts.items():
            self.initial[name] = amounts.get(part)
        self.initial["note"] = next((row.note for row in self.overlapping), "")
        mark_conditional(*self.fields.values())

    @property
    def _parts(self) -> dict[str, Period]:
        """The periods that amounts are entered for, by the name of their field."""
        quarters = enumerate(self.period.quarters(), 1)
        return {"year": self.period} | {f"quarter_{number}": quarter for number, quarter in quarters}

    @property
    def quarters(self) -> list[forms.BoundField]:
        return [self[name] for name in self._parts if name != "year"]

    @property
    def others(self) -> list[AddressableSpend]:
        """The amounts for days of this year that are neither the year nor a quarter of it. Saving replaces them."""
        return [row for row in self.overlapping if row.period not in self._parts.values()]

    def _check_entered(self) -> None:
        cleaned = self.cleaned_data
        entered = [name for name in self._parts if cleaned.get(name)]
        if "year" in entered and len(entered) > 1:
            self.add_error("year", "Enter the whole year or its quarters, not both")
        if entered and "note" in cleaned and not cleaned["note"]:
            self.add_error("note", "Say what is in this amount")

    def rows(self) -> list[AddressableSpend]:
        """Return the amounts of the form without errors, and those of other years. Unsaved, without their rules."""
        cleaned = self.cleaned_data
        of_this_year = {row.period for row in self.overlapping}
        entered = [
            AddressableSpend(amount=cleaned[name], note=cleaned["note"], **part._asdict())
            for name, part in self._parts.items()
            if cleaned[name]
        ]
        return [*(row for row in self._saved_rows() if row.period not in of_this_year), *entered]

    @property
    def is_part(self) -> bool:
        """Whether the valid form has amounts for some quarters only, so that the year has none."""
        entered = [bool(self.cleaned_data[field.name]) for field in self.quarters]
        return any(entered) and not all(entered)

    def is_changed(self) -> bool:
        before, now = (
            {(row.period, row.amount, row.note) for row in rows} for rows in (self._saved_rows(), self.rows())
        )
        return before != now

    def _saved_rows(self) -> list[AddressableSpend]:
        return self.saved.addressable_rows() if self.saved else []
