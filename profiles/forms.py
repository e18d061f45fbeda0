"""What people type about themselves, and what they search for."""

import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from profiles import photos, places
from profiles.models import Invitation, Profile, WorkHistory, printable
from profiles.widgets import LongSelect

BLANK = [("", "Any")]


class WordsField(forms.CharField):
    """A list of short texts typed with commas between them; empty ones and repetitions (without case) are dropped."""

    def __init__(self, *, most, longest=50, **kwargs):
        super().__init__(**kwargs)
        self.most, self.longest = most, longest
        self.validators.append(printable)

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value):
        typed = super().clean(value)
        words = {}
        for part in re.split(r"[,;\n]", typed):
            word = " ".join(part.split())
            if word:
                words.setdefault(word.lower(), word)
        if len(words) > self.most:
            raise ValidationError(f"Choose the {self.most} that matter most: you entered {len(words)}.")
        for word in words.values():
            if len(word) > self.longest:
                raise ValidationError(f"“{word[:20]}…” is too long: put commas between them.")
        return list(words.values())


class CreateForm(forms.ModelForm):
    """A new profile: just what makes a page."""

    kind = forms.ChoiceField(choices=Profile.Kind, widget=forms.RadioSelect, label="What is this page for?")
    country = forms.ChoiceField(choices=places.country_choices, initial=places.UNITED_STATES, widget=LongSelect)
    state = forms.ChoiceField(
        choices=lambda: [("", "Not in the U.S."), *places.state_choices()],
        required=False,
        label="U.S. state",
        widget=LongSelect,
    )

    class Meta:
        model = Profile
        fields = ["kind", "name", "headline", "country", "state"]
        help_texts = {"name": "Your name, or the agency's.", "headline": "What you do, in a line."}

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("country") != places.UNITED_STATES:
            cleaned["state"] = ""
        elif not cleaned.get("state") and not self.has_error("state"):
            self.add_error("state", "Choose the state.")
        return cleaned


class IntroForm(forms.ModelForm):
    class Meta:
        model = Profile
        fields = ["name", "headline"]
        help_texts = {"headline": "What you do, in a line."}


class OverviewForm(forms.ModelForm):
    class Meta:
        model = Profile
        fields = ["overview"]
        help_texts = {"overview": "What you do, for whom, and what it is like to work with you."}


class SkillsForm(forms.ModelForm):
    skills = WordsField(most=30, required=False, max_length=2000, help_text="With commas between them.")

    class Meta:
        model = Profile
        fields = ["skills"]


class DetailsForm(forms.ModelForm):
    country = forms.ChoiceField(choices=places.country_choices, widget=LongSelect)
    state = forms.ChoiceField(
        choices=lambda: [("", "Not in the U.S."), *places.state_choices()],
        required=False,
        label="U.S. state",
        widget=LongSelect,
    )
    time_zone = forms.ChoiceField(
        choices=places.time_zone_choices,
        widget=LongSelect,
        help_text="Days and deadlines on your page are counted in it.",
    )
    languages = WordsField(most=15, required=False, max_length=1000, help_text="With commas between them.")

    class Meta:
        model = Profile
        fields = ["hourly_rate", "languages", "country", "state", "city", "time_zone"]
        help_texts = {"hourly_rate": "In U.S. dollars."}

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("country") != places.UNITED_STATES:
            cleaned["state"] = ""
        elif not cleaned.get("state") and not self.has_error("state"):
            self.add_error("state", "Choose the state.")
        return cleaned


class PhotoForm(forms.ModelForm):
    photo = forms.FileField(
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=f"JPEG, PNG or WebP, up to {settings.PHOTO_MAX_BYTES // 1_000_000} MB. It is cut to a square.",
    )
    remove = forms.BooleanField(required=False, label="Remove the photo and show initials")

    class Meta:
        model = Profile
        fields = ["photo"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.photo:
            del self.fields["remove"]

    def clean_photo(self):
        upload = self.files.get(self.add_prefix("photo"))
        if upload is None:
            return self.instance.photo
        if upload.size > settings.PHOTO_MAX_BYTES:
            raise ValidationError(f"This file is too large: at most {settings.PHOTO_MAX_BYTES // 1_000_000} MB.")
        return photos.reencode(upload)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("remove") and not self.files:
            cleaned["photo"] = ""
        return cleaned


SECTIONS = {
    "intro": ("Name and headline", IntroForm),
    "photo": ("Photo", PhotoForm),
    "overview": ("Overview", OverviewForm),
    "details": ("Rate, languages and location", DetailsForm),
    "skills": ("Skills", SkillsForm),
}


class WorkHistoryForm(forms.ModelForm):
    class Meta:
        model = WorkHistory
        fields = ["title", "organisation", "started_in", "ended_in", "description"]


class DirectoryForm(forms.Form):
    """The search of the public directory. What cannot be read is said by the field and narrows nothing."""

    q = forms.CharField(required=False, max_length=100, label="Words", validators=[printable])
    kind = forms.ChoiceField(choices=[*BLANK, *Profile.Kind.choices], required=False)
    country = forms.ChoiceField(choices=lambda: [*BLANK, *places.country_choices()], required=False, widget=LongSelect)
    state = forms.ChoiceField(
        choices=lambda: [*BLANK, *places.state_choices()], required=False, label="U.S. state", widget=LongSelect
    )
    rate_from = forms.IntegerField(required=False, min_value=0, max_value=9999, label="From $ an hour")
    rate_to = forms.IntegerField(required=False, min_value=0, max_value=9999, label="To $ an hour")
    after = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, data):
        super().__init__(data)
        self.fields["q"].widget.input_type = "search"

    def narrow(self, profiles):
        """`profiles` that fit every field that could be read."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        profiles = profiles.matching(chosen.get("q", ""))
        columns = {
            "kind": "kind",
            "country": "country",
            "state": "state",
            "rate_from": "hourly_rate__gte",
            "rate_to": "hourly_rate__lte",
        }
        return profiles.filter(**{columns[name]: value for name, value in chosen.items() if name in columns})

    @property
    def is_narrowing(self):
        return any(self.cleaned_data.get(name) for name in self.fields if name not in {"after", "before"})


class InviteForm(forms.ModelForm):
    """An invitation to the place of the given instance, as one of the given roles."""

    role = forms.ChoiceField()

    class Meta:
        model = Invitation
        fields = ["email", "role"]

    def __init__(self, *args, roles, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
        self.fields["role"].initial = "member"

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if self.instance.place.memberships.filter(user__email__iexact=email).exists():
            raise ValidationError("This person is a member already.")
        if Invitation.objects.open().filter(
            email__iexact=email, profile=self.instance.profile, client=self.instance.client
        ):
            raise ValidationError("This person has an open invitation already. Withdraw it to send a new one.")
        return email


class RoleForm(forms.Form):
    role = forms.ChoiceField()

    def __init__(self, *args, roles, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
