"""What people paste is kept as they see it, and every form of the site cleans it alike."""

import re
import sys
import unicodedata

import pytest
from allauth.account.forms import SignupForm as AccountSignupForm
from allauth.utils import get_form_class
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.urls import get_resolver
from django.utils.module_loading import import_string
from hypothesis import given
from hypothesis import strategies as st

from common.characters import UNSEEN
from common.money import MoneyField
from common.text import EmailField, TextField, clean, readable, typewritten
from profiles.account_mail import AddressField
from tests.factories import UserFactory
from verification.models import RegisterFile

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("\u202dWBE-1\u202c", "WBE-1"),
        ("\ufeffWBE\u00ad2\u200b0\u2060", "WBE20"),
        ("\u200eAcme\u200f \u2066Inc\u2069\u061c", "Acme Inc"),
        ("Acme\U000e0041\u034f\u115f\u3164\ufe0f\ufffc", "Acme"),
        ("a\u00a0b\u202fc\u2009d\u3000e", "a b c d e"),
        (
            "one\u2028two\u2029three\x0bfour\x0cfive\x85six\r\nseven\reight\tnine",
            "one two three four five six seven eight nine",
        ),
        ("Jose\u0301 Brightpath™ ½ E=MC²  “quoted” – dash", "José Brightpath™ ½ E=MC²  “quoted” – dash"),
        (
            f"{FAMILY} \u2764\ufe0f\u200d\U0001f525 1\ufe0f\u20e3 \U0001f44d\U0001f3fd",
            f"{FAMILY} \u2764\ufe0f\u200d\U0001f525 1\ufe0f\u20e3 \U0001f44d\U0001f3fd",
        ),
        (ENGLAND, ENGLAND),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
        ("\u845b\U000e0100\u57ce", "\u845b\U000e0100\u57ce"),
        ("Acme\u200d Inc\u200c", "Acme Inc"),
        ("\uf0b7 Bookkeeping", "• Bookkeeping"),
        ("\u0600 12", "\u0600 12"),
    ],
)
def test_pasted_text_is_kept_as_it_is_seen(pasted, kept):
    assert clean(pasted) == kept
    assert clean(kept) == kept


def test_line_breaks_of_every_kind_stay_in_a_text_of_many_lines():
    pasted = "one\u2028two\u2029three\x0bfour\x0cfive\x85six\r\nseven\reight\tnine"

    assert clean(pasted, lines=True) == "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\tnine"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("a\x00b", "This has a character that can't be kept, after “a”. Delete it and type it again."),
        ("\x07b", "This has a character that can't be kept, at its start. Delete it and type it again."),
        (
            "one\r\ntwo\u2028we make web design\ue000 and more",
            "Line 3 has a character that can't be kept, after “…e web design”. Delete it and type it again.",
        ),
        ("one\n\ud800", "Line 2 has a character that can't be kept, at its start. Delete it and type it again."),
        ("a\ufffeb", "This has a character that can't be kept, after “a”. Delete it and type it again."),
    ],
)
def test_a_forbidden_character_is_named_once_with_its_position(typed, told):
    field = TextField(widget=forms.Textarea)

    with pytest.raises(ValidationError) as error:
        field.clean(typed)

    assert error.value.messages == [told]


@given(st.text(max_size=30))
def test_cleaning_twice_changes_nothing_and_leaves_nothing_unseen(text):
    for lines in (False, True):
        try:
            kept = clean(text, lines=lines)
        except ValidationError:
            continue
        assert clean(kept, lines=lines) == kept
        assert {unicodedata.category(letter) for letter in kept if letter not in "\n\t"}.isdisjoint(
            {"Cc", "Cs", "Co", "Zl", "Zp"}
        )


def test_a_long_text_is_told_and_not_cut():
    field = TextField(max_length=100)

    assert "maxlength" not in str(forms.BoundField(forms.Form(), field, "name"))
    assert field.clean("\u200b" + "x" * 100) == "x" * 100
    with pytest.raises(ValidationError, match=r"Use at most 100 characters. You entered 101\."):
        field.clean("x" * 101)


def test_a_line_break_counts_once():
    assert TextField(max_length=3, widget=forms.Textarea).clean("a\r\nb") == "a\nb"


NOT_TEXT = (
    forms.URLField, forms.SlugField, forms.UUIDField, forms.RegexField, forms.JSONField,
    SimpleArrayField, MoneyField,
)  # fmt: skip
NOT_OURS = {Group, RegisterFile}  # Django's own form; pages of its own
OURS = {
    "profiles",
    "certifications",
    "sourcing",
    "impact",
    "marketplace",
    "rollout",
    "spend",
    "verification",
    "integrations",
}


def is_written(form):
    """Whether a form stands in its module: the administration makes others as its pages are opened."""
    return getattr(sys.modules[form.__module__], form.__name__, None) is form


def fields_of(form):
    """A form class's fields by name. django-allauth's sign-up takes some away when it is made."""
    return form().fields if issubclass(form, AccountSignupForm) else getattr(form, "base_fields", {})


def all_forms(request):
    """Every form class of the site and of its administration."""
    assert get_resolver().url_patterns  # which imports every view
    assert all(map(import_string, settings.ACCOUNT_FORMS.values()))  # which django-allauth imports when it is asked
    found = []
    left = [forms.BaseForm]
    while left:
        left += (below := left.pop().__subclasses__())
        found += [form for form in below if form.__module__.partition(".")[0] in OURS and is_written(form)]
    for model, shown in admin.site._registry.items():
        if model not in NOT_OURS and type(shown).__module__.partition(".")[0] in OURS:
            found.append(shown.get_form(request, change=not shown.has_add_permission(request)))
            found += [inline.get_formset(request).form for inline in shown.get_inline_instances(request)]
    return found


@pytest.mark.django_db
def test_every_text_field_of_every_form_is_cleaned(rf):
    request = rf.get("/")
    request.user = UserFactory(is_staff=True, is_superuser=True)

    fields = {
        (form.__name__, name): field
        for form in all_forms(request)
        for name, field in fields_of(form).items()
        if isinstance(field, forms.CharField)
        and not isinstance(field, NOT_TEXT)
        and not isinstance(field.widget, forms.HiddenInput | forms.PasswordInput)
    }

    assert len(fields) > 25
    assert sorted(place for place, field in fields.items() if not isinstance(field, TextField | EmailField)) == []


@pytest.mark.parametrize("name", ["login", "signup", "add_email", "change_email", "reset_password"])
def test_a_pasted_address_is_cleaned_wherever_it_is_asked_for(name, rf):
    form = get_form_class(settings.ACCOUNT_FORMS, name, None)()
    addresses = [field for field in form.fields.values() if isinstance(field, forms.EmailField)]

    assert [type(field) for field in addresses] == [AddressField]
    for pasted in ("\ufeffana@example.com\u200b", "\u00a0ana@example.com\u2028", "\u202aana@exa\u00admple.com\u202c\t"):
        assert addresses[0].clean(pasted) == "ana@example.com"


@pytest.mark.parametrize(
    ("cell", "kept", "as_typed"),
    [
        ("Bright\u200bpath\x07  LLC\n", "Brightpath LLC", "Brightpath LLC"),
        ("ＡＢＣ\u3000１２–３ “x”", "ＡＢＣ １２–３ “x”", 'ABC 12-3 "x"'),
        ("٣١/١٢", "٣١/١٢", "31/12"),
        ("a\ud800\ue000\x00b", "a b", "a b"),
        ("✔\ufe0f", "✔\ufe0f", "✔"),
    ],
)
def test_a_cell_is_read_without_what_cannot_be_kept(cell, kept, as_typed):
    assert readable(cell) == kept
    assert typewritten(cell) == as_typed


def test_all_format_characters_are_invisible_except_the_visible_ones():
    formats = {chr(number) for number in range(0x110000) if unicodedata.category(chr(number)) == "Cf"}
    seen = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")

    assert {letter for letter in formats if not re.match(f"[{UNSEEN}]", letter)} == seen
