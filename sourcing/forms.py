"""What clients fill in: the search, the terms, and the types that they use."""

import uuid
from dataclasses import replace
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from certifications.models import Certificate, CertificationType, CertifyingBody, RolloutPolicy, Step
from common.days import day
from common.money import MoneyField
from common.text import TextField
from common.translation import untranslated, with_names
from profiles import places
from profiles.forms import SearchForm, WordsField
from profiles.models import Profile
from sourcing import access
from sourcing.look_up import telling_words
from sourcing.models import Export, SavedSearch, Shortlist, ShortlistEntry, TalkInvitation, TalkMessage
from sourcing.search import NO_TYPE, Cursor, Filters, Search

SORTS = {"relevance": "Best match for the words", "recent": "Recently active", "name": "Name"}
APART = "apart"  # the code of an error that leaves a filter aside
ANY, ALL = "any", "all"


class CursorField(forms.CharField):
    """A place in the results, from an address. One that cannot be read is none: the first page is shown."""

    widget = forms.HiddenInput

    def clean(self, value):
        return Cursor.read(value or "")


class CertificateField(forms.ModelChoiceField):
    """A certificate; where its body is typed in, there is one for each type, so that its label needs the type."""

    def label_from_instance(self, certificate):
        if certificate.names_body:
            return f"{certificate.body}: {certificate.type}"
        return super().label_from_instance(certificate)


class SourcingForm(SearchForm):
    """A client's search, about certifications too."""

    everyone = forms.BooleanField(required=False, label="Show everyone, certified or not")
    types = forms.ModelMultipleChoiceField(
        CertificationType.objects.none(), required=False, label="Certified as", widget=forms.CheckboxSelectMultiple
    )
    match = forms.ChoiceField(
        choices=[(ANY, "Any of them"), (ALL, "All of them")], required=False, label="If several are chosen"
    )
    certificate = CertificateField(Certificate.objects.none(), required=False, empty_label="Any")
    body = forms.ModelChoiceField(
        CertifyingBody.objects.none(), required=False, label="Certifying body", empty_label="Any"
    )
    step = forms.TypedChoiceField(
        choices=[
            ("", "Self-reported or more"),
            *((value, f"{label} or more") for value, label in Step.choices[1:-1]),
            Step.choices[-1],
        ],
        coerce=int,
        required=False,
        label="How it is known",
    )
    valid_until = forms.DateField(
        required=False, label="Valid until at least", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    skills = WordsField(
        most=10,
        required=False,
        max_length=500,
        widget=forms.TextInput,
        help_text="All of them, with commas between.",
    )
    sort = forms.ChoiceField(choices=list(SORTS.items()), required=False, label="Sort by")
    new_in = forms.ModelChoiceField(SavedSearch.objects.none(), required=False, widget=forms.HiddenInput)
    after = CursorField(required=False)
    before = CursorField(required=False)

    ABOUT_CERTIFICATIONS = ("types", "match", "certificate", "body", "step", "valid_until")
    OF_CATALOGUE = ("types", "certificate", "body")

    def __init__(self, *args, viewer, **kwargs):
        """It offers the types that the client of `viewer` uses, and knows their own saved searches."""
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        types = access.used_types(viewer.client.pk)
        every = list(access.types_for(viewer.client.pk))
        self.used_types = [type for type in every if type.is_used]
        paused = RolloutPolicy.current().paused_types
        self.paused_types = [type for type in self.used_types if type.pk in paused]
        shown = tuple(type.pk for type in self.used_types if type.pk not in paused)
        self._shown_types = shown if len(shown) < len(every) else None
        self.fields["types"].queryset = types
        self.fields["types"].choices = [(type.pk, str(type)) for type in self.used_types]
        for name in self.OF_CATALOGUE:
            self.fields[name].error_messages["invalid_choice"] = "Your organization does not search by this (any more)."
        self.fields["new_in"].queryset = SavedSearch.objects.of(viewer).kept()
        certificates = Certificate.objects.filter(type__in=types).select_related("body", "type")
        self.fields["certificate"].queryset = certificates
        self.fields["body"].queryset = CertifyingBody.objects.filter(certificates__type__in=types).distinct()
        self.is_valid()

    def clean(self):
        cleaned = super().clean()
        for name in ("after", "before"):
            cursor = cleaned.get(name)
            if cursor and cleaned.get("sort") != "name" and not _is_moment(cursor.value):
                cleaned[name] = None
        self._check_together(cleaned)
        if cleaned.get("new_in") and not self._searches_as(cleaned["new_in"]):
            cleaned["new_in"] = None
        return cleaned

    def _searches_as(self, saved):
        """Whether it searches for what a saved search does.

        Another search is not narrowed to who was new in that one: of who is found here and not there any more, it would
        tell by what they were found.
        """
        same = SourcingForm(QueryDict(saved.query), viewer=self.viewer)
        return replace(self.filters, new_in=None) == same.filters

    def _check_together(self, cleaned):
        """Say so where no certificate fits the types, the certificate and the body that were chosen."""
        chosen = {name: cleaned[name] for name in ("types", "body", "certificate") if cleaned.get(name)}
        if len(chosen) < 2 or cleaned.get("everyone"):
            return
        found = Certificate.objects.all()
        if "types" in chosen:
            found = found.filter(type__in=chosen["types"])
        if "body" in chosen:
            found = found.filter(body=chosen["body"])
        if "certificate" in chosen:
            found = found.filter(pk=chosen["certificate"].pk)
        if not found.exists():
            words = "It does not go with what else is chosen, and is left aside."
            self.add_error(list(chosen)[-1], ValidationError(words, code=APART))

    @property
    def knows_all(self):
        """Whether all that was chosen of the catalogue can be searched by.

        If not, nobody is found: a saved search of a type that the client does not use any more would else find all.
        """
        errors = self.errors.as_data()
        return not any(error.code != APART for name in self.OF_CATALOGUE for error in errors.get(name, ()))

    @property
    def paused_chosen(self):
        """Of the types that were chosen, those that the marketplace shows to nobody at present: list."""
        return [type for type in self.paused_types if type in self.cleaned_data.get("types", ())]

    @property
    def leaves_aside(self):
        """Whether something is chosen about certifications that counts for nothing, as everyone is shown."""
        cleaned = self.cleaned_data
        chosen = {*self.ABOUT_CERTIFICATIONS} - {"match"}
        return bool(cleaned.get("everyone")) and any(cleaned.get(name) for name in chosen)

    @property
    def filters(self):
        """The Filters of every field that could be read."""
        cleaned = self.cleaned_data
        key = {name: cleaned[name].pk if cleaned.get(name) else None for name in ("certificate", "body")}
        return Filters(
            words=cleaned.get("q", ""),
            skills=tuple(cleaned.get("skills", ())),
            kind=cleaned.get("kind", ""),
            state=cleaned.get("state", ""),
            rate_from=cleaned.get("rate_from"),
            rate_to=cleaned.get("rate_to"),
            types=tuple(sorted(type.pk for type in cleaned.get("types", ()))) if self.knows_all else (NO_TYPE,),
            has_all_types=cleaned.get("match") == ALL,
            shown_types=self._shown_types,
            certificate=key["certificate"],
            body=key["body"],
            step=cleaned.get("step") or 0,
            valid_until=cleaned.get("valid_until"),
            everyone=cleaned.get("everyone", False),
            new_in=cleaned["new_in"].pk if cleaned.get("new_in") else None,
        )

    @property
    def search(self):
        """The Search of its viewer for what it says, in the order it says."""
        sort = self.cleaned_data.get("sort") or "relevance"
        return Search(self.viewer, self.filters, by_name=sort == "name", by_relevance=sort == "relevance")

    @property
    def searched_for(self):
        """What narrows the search, by the names of the fields, as JSON has it."""
        cleaned = self.cleaned_data
        told = {}
        for name in (
            "q",
            "everyone",
            *self.ABOUT_CERTIFICATIONS,
            "skills",
            "kind",
            "state",
            "rate_from",
            "rate_to",
            "new_in",
        ):
            value = cleaned.get(name)
            if name in self.ABOUT_CERTIFICATIONS and cleaned.get("everyone"):
                continue
            if name == "match" and not (value == ALL and len(cleaned.get("types", ())) > 1):
                continue
            if name == "types":
                value = [type.key for type in value or ()]
            elif name in ("certificate", "body") and value:
                value = value.key
            elif name == "new_in" and value:
                value = value.name
            elif name == "valid_until" and value:
                value = value.isoformat()
            if value or (value is not None and name in ("rate_from", "rate_to")):
                told[name] = value
        return told

    def chips(self):
        """The filters in force, to read: list of (field's name, its value in the address, words)."""
        cleaned, chips = self.cleaned_data, []
        for name, value in self.searched_for.items():
            match name:
                case "types":
                    chips += [("types", str(type.pk), type.name) for type in cleaned["types"]]
                case "skills":
                    chips.append((name, "", with_names("Skills: {}", ", ".join(value))))
                case "q":
                    chips.append((name, "", with_names("“{}”", value)))
                case "everyone":
                    chips.append((name, "", "Everyone, certified or not"))
                case "match":
                    chips.append((name, "", "All of the chosen types"))
                case "state":
                    chips.append((name, "", places.state_name(value)))
                case "kind":
                    chips.append((name, "", Profile.Kind(value).label))
                case "certificate":
                    chips.append((name, "", untranslated(cleaned[name].label)))
                case "body":
                    chips.append((name, "", untranslated(cleaned[name])))
                case "step":
                    chips.append((name, "", Step(value).label + (" or more" if value < max(Step) else "")))
                case "valid_until":
                    chips.append((name, "", f"Valid until at least {day(cleaned[name])}"))
                case "new_in":
                    chips.append((name, "", with_names("New in “{}”", value)))
                case "rate_from":
                    chips.append((name, "", f"From ${value} an hour"))
                case "rate_to":
                    chips.append((name, "", f"Up to ${value} an hour"))
        return chips


def _is_moment(text):
    """Whether it is a moment in UTC, as the cursors of the site are."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return False
    return moment is not None and moment.utcoffset() == timedelta(0)


class LookUpForm(forms.Form):
    """A certificate in hand: its number, or the legal business name on it."""

    SHORTEST = 3  # letters and digits
    q = TextField(
        max_length=160,
        label="Legal business name or certificate number",
        widget=forms.TextInput(attrs={"type": "search"}),
        help_text="As printed on the certificate. Part of a name is enough; enter a number in full.",
        error_messages={"required": "Enter a legal business name or a certificate number."},
    )

    def clean_q(self):
        text = self.cleaned_data["q"]
        if sum(map(str.isalnum, text)) < self.SHORTEST:
            raise ValidationError(f"Enter at least {self.SHORTEST} letters or digits.")
        if not telling_words(text):
            raise ValidationError("Many businesses have this in their name. Enter another word from the name.")
        return text


class TermsForm(forms.Form):
    """An admin's acceptance for the client."""

    purpose = TextField(
        label="What you use it for",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Such as: to invite certified small businesses to our bids. The marketplace's staff read it.",
    )
    accepts = forms.BooleanField(label="We accept these terms")


class UsedTypesForm(forms.Form):
    """Which types a client's members are shown at all."""

    types = forms.ModelMultipleChoiceField(
        CertificationType.objects.all(),
        required=False,
        label="Types we may use",
        widget=forms.CheckboxSelectMultiple,
        help_text="What is not ticked is shown to none of your members: in no search, on no profile, in no file.",
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, label="Turn off every type")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["opened"] = self._mark(self.initial["types"])

    @staticmethod
    def _mark(types):
        """A text that is the same for the same types."""
        return " ".join(sorted(str(type.pk) for type in types)) or "none"

    def clean(self):
        cleaned = super().clean()
        opened, now = cleaned.get("opened"), self.initial["opened"]
        if opened and "types" in cleaned and opened != now != self._mark(cleaned["types"]):
            self.data = self.data.copy()
            self.data["opened"] = now
            names = ", ".join(str(type) for type in self.initial["types"]) or "none"
            self.add_error("types", f"Someone else changed this. Ticked now: {names}. Save again to keep your choice.")
        if not self.errors and not cleaned["types"] and self.initial.get("types") and not cleaned["confirmed"]:
            words = "No type is selected: nobody in your organization would see any certification. Tick to confirm."
            self.add_error("confirmed", words)
        return cleaned


class ShortlistForm(forms.ModelForm):
    """The name of a shortlist. The view passes an instance with its client."""

    class Meta:
        model = Shortlist
        fields = ["name"]
        labels = {"name": "Name of the shortlist"}

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"client", "removed_at"}


class RenameForm(ShortlistForm):
    """Another name for a shortlist, and the one that was read."""

    was = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["was"] = self.instance.name

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("was") and cleaned["was"] != self.instance.name != cleaned.get("name"):
            self.add_conflict(self.instance.name)
        return cleaned

    def add_conflict(self, name):
        """That it is called `name` by now, which is what saving again replaces."""
        self.data = self.data.copy()
        self.data["was"] = name
        self.add_error(
            "name", f"It was renamed to “{name}” meanwhile. Yours is kept here: rename to put it in its place."
        )


class NoteForm(forms.ModelForm):
    """The note on an entry, and the version of it that was read."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    class Meta:
        model = ShortlistEntry
        fields = ["note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.note_version

    def clean(self):
        cleaned = super().clean()
        is_older = "version" in cleaned and cleaned["version"] != self.instance.note_version
        if is_older and cleaned.get("note") != self.instance.note:
            self.add_conflict(self.instance)
        return cleaned

    def add_conflict(self, entry):
        """That `entry` says something else by now, which is what saving again replaces."""
        self.data = self.data.copy()
        self.data["version"] = entry.note_version
        who = entry.noted_by.get_short_name() if entry.noted_by else "Someone"
        theirs = f"It says now: “{entry.note}”" if entry.note else "It is empty now."
        self.add_error(
            "note", f"{who} has changed this note meanwhile. {theirs} Yours is kept here: save to put it in its place."
        )


class MoveForm(forms.Form):
    """Another shortlist of the client."""

    shortlist = forms.ModelChoiceField(Shortlist.objects.none(), label="Move to", empty_label="Another shortlist…")

    def __init__(self, *args, shortlists, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["shortlist"].queryset = shortlists


class OnceForm(forms.ModelForm):
    """A form that sends nothing twice: a second click has the same `submission`.

    That is made of the key that the form was shown with and of what it says (SAID, of the instance), so that other
    words in a form that the browser's "Back" shows again are sent, too.
    """

    SAID: tuple[str, ...] = ()
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def save(self, commit=True):
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

    def clean_answer_by(self):
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

    def __init__(self, *args, is_required=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].required = is_required


class SavedSearchForm(forms.ModelForm):
    """The name of a saved search, and whether e-mails tell of it. The view passes an instance with client and user."""

    class Meta:
        model = SavedSearch
        fields = ["name", "frequency"]
        labels = {"name": "Name of the search"}
        widgets = {"frequency": forms.RadioSelect}
        help_texts = {"frequency": "It says how many are new and names nobody. Each has a link that stops it."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["frequency"].choices = SavedSearch.Frequency.choices
        self.fields["frequency"].is_conditional = True
        # So that an edit changes what was changed in the page, not what became different since it was opened.
        for field in self.fields.values():
            field.show_hidden_initial = self.instance.pk is not None

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"client", "user", "removed_at"}


class ExportForm(forms.ModelForm):
    """Which kind of file. The view passes an instance that says what of."""

    class Meta:
        model = Export
        fields = ["format"]
        widgets = {"format": forms.RadioSelect}
        help_texts = {
            "format": "Excel drops leading zeros from a CSV and turns numbers such as 219E01 into others. "
            "Choose Excel unless a program reads the file."
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = Export.Format.choices
        self.initial["format"] = Export.Format.XLSX
