"""The forms in which people describe themselves, and search for others."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File

from common import pictures, uploads
from common.forms import OpenedForm, field_of, mark_conditional
from common.money import MoneyField
from common.searching import typed_words
from common.text import TextField
from profiles import photos, places
from profiles.members import PlaceMembership, Role
from profiles.models import Invitation, Profile, User, WorkHistory
from profiles.models.profile import ProfileQuerySet
from profiles.widgets import FixedChoices, LongSelect

BLANK = [("", "Any")]
COUNTRIES = FixedChoices(places.country_choices)
STATES = FixedChoices(lambda: [("", "Select a state"), *places.state_choices()])
TIME_ZONES = FixedChoices(places.time_zone_choices)
ANY_COUNTRY = FixedChoices(lambda: [*BLANK, *places.country_choices()])
ANY_STATE = FixedChoices(lambda: [*BLANK, *places.state_choices()])


# Pasted lists also start their lines with a bullet, a dash or a number.
BETWEEN_WORDS = re.compile(r"[,;\t•◦▪●‣·]|(?:\n|^)\s*(?:[-*\u2013\u2014]\s|\d{1,2}[.)]\s)?")


class WordsField(TextField):
    """A list of short texts, typed or pasted, separated by commas, line breaks, bullets or tabs.

    Empty ones and repetitions (without case) are dropped. In a box of one line a browser would join pasted lines.
    """

    widget = forms.Textarea(attrs={"rows": 3})
    has_lines = True

    def __init__(self, *, most: int, longest: int = 50, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most, self.longest = most, longest

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        words = {}
        for part in BETWEEN_WORDS.split(super().clean(value)):
            word = " ".join(part.split())
            if word:
                words.setdefault(word.casefold(), word)
        if len(words) > self.most:
            raise ValidationError(f"Enter {self.most} at most. You entered {len(words)}.")
        for word in words.values():
            if len(word) > self.longest:
                raise ValidationError(f"“{word[:20]}…” is too long. Separate with commas.")
        return list(words.values())


class PlaceForm(OpenedForm):
    """A form that asks for a country and, within the United States only, for the state."""

    country = forms.ChoiceField(
        choices=COUNTRIES,
        initial=places.UNITED_STATES,
        widget=LongSelect({"data-with-states": places.UNITED_STATES}),
    )
    state = forms.ChoiceField(
        choices=STATES,
        required=False,
        label="U.S. state",
        help_text="Only for places in the U.S.",
        widget=LongSelect,
    )

    mark_conditional(state)

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if "country" not in cleaned:  # it has an error of its own, and whether a state is needed is not known
            return cleaned
        cleaned["country"], state = places.place(cleaned["country"], cleaned.get("state", ""))
        is_in_us = cleaned["country"] == places.UNITED_STATES
        if is_in_us and not state and not self.has_error("state"):
            self.add_error("state", "Select a U.S. state")
        elif not self.has_error("state"):
            cleaned["state"] = state if is_in_us else ""
        return cleaned


class CreateForm(PlaceForm):
    """A new profile: only what a page needs to exist."""

    kind = forms.ChoiceField(choices=Profile.Kind, widget=forms.RadioSelect, label="Who is this profile for?")

    class Meta:
        model = Profile
        fields = ["kind", "name", "headline", "country", "state"]
        help_texts = {"headline": "What you do, in one line. For example, “Bookkeeper for small firms.”"}

    NAMES = {Profile.Kind.FREELANCER: "Your name", Profile.Kind.AGENCY: "Agency name"}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """`user` creates the profile: a freelancer's starts with their name; an agency has one of its own."""
        kind = user.purpose if user.purpose in Profile.Kind else Profile.Kind.FREELANCER
        own = user.name if kind == Profile.Kind.FREELANCER else ""
        super().__init__(*args, initial={"kind": kind, "name": own}, **kwargs)
        name = self.fields["name"]
        name.label = self.NAMES.get(self["kind"].value(), "Name")
        name.widget.attrs |= {"data-own": user.name} | {f"data-{kind}": label for kind, label in self.NAMES.items()}


class IntroForm(OpenedForm):
    class Meta:
        model = Profile
        fields = ["name", "headline"]
        help_texts = {"headline": "What you do, in one line."}


class OverviewForm(OpenedForm):
    class Meta:
        model = Profile
        fields = ["overview"]
        help_texts = {"overview": "What you do, who you do it for, and how you work."}


class SkillsForm(OpenedForm):
    skills = WordsField(
        most=30, required=False, max_length=2000, help_text="Separate with commas. Put the most important first."
    )

    class Meta:
        model = Profile
        fields = ["skills"]


class DetailsForm(PlaceForm):
    hourly_rate = MoneyField(
        required=False,
        most=9999,
        called="rate",
        has_cents=True,
        is_hourly=True,
        label="Hourly rate (USD)",
    )
    time_zone = forms.ChoiceField(
        choices=TIME_ZONES,
        widget=LongSelect,
        help_text="Used for dates and deadlines on your profile.",
    )
    languages = WordsField(most=15, required=False, max_length=1000, help_text="Separate with commas.")

    class Meta:
        model = Profile
        fields = ["hourly_rate", "languages", "country", "state", "city", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = places.time_zone_hint(self["state"].value())
        if hint:
            self.fields["time_zone"].help_text += f" {hint}"


class PhotoForm(forms.ModelForm):
    photo = uploads.UploadField(
        required=False,
        widget=forms.FileInput(attrs={"accept": pictures.ACCEPT}),
        help_text=f"Up to {uploads.MOST // 1_000_000} MB. We crop it to a square.",
    )
    remove = forms.BooleanField(required=False, label="Remove it and show initials")

    class Meta:
        model = Profile
        fields = ["photo"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mark_conditional(self.fields["photo"])  # required unless the current one is removed
        if not self.instance.photo:
            del self.fields["remove"]

    def clean_photo(self) -> File | None:
        upload = self.files.get(self.add_prefix("photo"))
        if upload is None:
            return self.instance.photo
        return photos.reencode(upload)

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if "photo" in cleaned and not self.files.get(self.add_prefix("photo")):
            if not cleaned.get("remove"):
                self.add_error("photo", "Choose a picture")
            cleaned["photo"] = ""
        return cleaned


class Section(NamedTuple):
    """A section of the editor: its heading, its form, and the part of the page that the form replaces."""

    heading: str
    form: type[forms.ModelForm]
    part: str


# By the name in the address.
SECTIONS = {
    "intro": Section("Name and headline", IntroForm, "header"),
    "photo": Section("Photo", PhotoForm, "header"),
    "overview": Section("Overview", OverviewForm, "overview"),
    "details": Section("Rate, languages and location", DetailsForm, "details"),
    "skills": Section("Skills", SkillsForm, "skills"),
}


YEAR_ERRORS = {
    "invalid": "Enter a year, like 2024",
    "min_value": "Enter %(limit_value)s or a later year",
    "max_value": "Year can't be in the future",
}


class WorkHistoryForm(OpenedForm):
    MOST = 40

    class Meta:
        model = WorkHistory
        fields = ["title", "organization", "started_in", "ended_in", "description"]
        error_messages = {
            "started_in": {"required": "Enter the year it began"} | YEAR_ERRORS,
            "ended_in": YEAR_ERRORS,
        }

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for name in ("started_in", "ended_in"):
            if (cleaned.get(name) or 0) > self.instance.profile.today().year:
                self.add_error(name, YEAR_ERRORS["max_value"])
        if self.instance.pk is None and self.instance.profile.work_history.count() >= self.MOST:
            raise ValidationError(f"You can add up to {self.MOST}. Remove one to add another.")
        return cleaned


class SearchForm(forms.Form):
    """The fields of every search of profiles. A value that cannot be read shows an error and narrows nothing."""

    q = TextField(
        required=False,
        max_length=100,
        label="Keywords",
        widget=forms.TextInput(attrs={"type": "search"}),
        help_text="Skill, name or service",
    )
    kind = forms.ChoiceField(choices=[*BLANK, *Profile.Kind.choices], required=False, label="Freelancer or agency")
    state = forms.ChoiceField(
        choices=ANY_STATE,
        required=False,
        label="U.S. state",
        widget=LongSelect,
    )
    rate_from = MoneyField(required=False, least=0, most=9999, called="rate", is_hourly=True, label="Lowest $/hr")
    rate_to = MoneyField(required=False, least=0, most=9999, called="rate", is_hourly=True, label="Highest $/hr")

    def clean_q(self) -> str:
        words = self.cleaned_data["q"]
        if words and not typed_words(words):
            raise ValidationError("Enter at least one letter or digit")
        return words

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        lowest, highest = cleaned.get("rate_from"), cleaned.get("rate_to")
        if lowest is not None and highest is not None and lowest > highest:
            self.add_error("rate_to", "Enter a rate that is at least the lowest rate")
        return cleaned


class DirectoryForm(SearchForm):
    """The search of the public directory."""

    country = forms.ChoiceField(choices=ANY_COUNTRY, required=False, widget=LongSelect)
    after = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)

    COLUMNS = {
        "kind": "kind",
        "country": "country",
        "state": "state",
        "rate_from": "hourly_rate__gte",
        "rate_to": "hourly_rate__lte",
    }

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        country, state = places.place(cleaned.get("country", ""), cleaned.get("state", ""))
        if cleaned.get("state") and cleaned["state"] != state:
            self.add_error("state", f"This state isn't in {places.country_name(cleaned['country'])}")
        else:
            cleaned["country"], cleaned["state"] = country, state
        return cleaned

    def narrow(self, profiles: ProfileQuerySet) -> ProfileQuerySet:
        """Filter `profiles` by every field that could be read."""
        self.is_valid()
        chosen = {
            column: self.cleaned_data[name]
            for name, column in self.COLUMNS.items()
            if self.cleaned_data.get(name) not in ("", None)
        }
        return profiles.matching(self.words).filter(**chosen)

    @property
    def words(self) -> str:
        return self.cleaned_data.get("q", "")

    @property
    def is_narrowing(self) -> bool:
        return any(self.cleaned_data.get(name) not in ("", None) for name in ("q", *self.COLUMNS))


class InviteForm(forms.ModelForm):
    """An invitation to the place of the given instance, with one of the given roles."""

    role = forms.ChoiceField()

    class Meta:
        model = Invitation
        fields = ["email", "role"]

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "role", forms.ChoiceField).choices = [(role.value, role.label) for role in roles]
        self.fields["role"].initial = "member"

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if self.instance.place.memberships.filter(user__email__iexact=email).exists():
            raise ValidationError("This person is already a member")
        if Invitation.objects.open().filter(
            email__iexact=email, profile=self.instance.profile, client=self.instance.client
        ):
            raise ValidationError("You've already invited this person. To send a new invitation, cancel the first one.")
        return email


class RoleForm(forms.Form):
    """The role of `membership`, chosen from `roles`. One of several forms on a page."""

    role = forms.ChoiceField()

    def __init__(self, *args: Any, membership: PlaceMembership, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{membership.pk}_%s", initial={"role": membership.role}, **kwargs)
        role = field_of(self, "role", forms.ChoiceField)
        role.choices = [(role.value, role.label) for role in roles]
        role.error_messages |= dict.fromkeys(["required", "invalid_choice"], "Choose a role")
