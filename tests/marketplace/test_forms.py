"""What every form says about a field that was left empty."""

from datetime import date

import pytest
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from common.text import TextField
from marketplace.templatetags.site import error_summary
from profiles.account_mail import ChangePasswordForm, LoginForm
from profiles.models import User


class Everything(forms.Form):
    subject = forms.CharField()
    state = forms.ChoiceField(choices=[("NY", "New York")], label="U.S. state")
    rate = forms.IntegerField(label="Hourly rate (USD)")
    name = forms.CharField(label="Your name")
    photo = forms.FileField()
    why = forms.CharField(label="Why is this wrong?")
    agreed = forms.BooleanField(label="I agree.")
    own = forms.CharField(error_messages={"required": "Say it"})


@pytest.mark.parametrize(
    ("field", "error"),
    [
        ("subject", "Enter the subject"),
        ("state", "Choose the U.S. state"),
        ("rate", "Enter the hourly rate"),
        ("name", "Enter your name"),
        ("photo", "Choose the photo"),
        ("why", "Answer this question"),
        ("agreed", "Check this box to continue"),
        ("own", "Say it"),
    ],
)
def test_an_empty_field_says_what_to_do_in_the_words_of_its_label(field, error):
    assert Everything({}).errors[field] == [error]


def test_the_summary_names_the_field_only_where_the_error_does_not_say_what_is_missing():
    errors = [error for _, error in error_summary(Everything({"rate": "many"}))["links"]]

    assert "Say it" in errors
    assert "Check this box to continue" in errors
    assert "Hourly rate (USD): Enter a whole number." in errors


@pytest.mark.parametrize("typed", ["2027-03-31", "03/31/2027", "3-31-2027", "3.31.2027", "Mar 31, 2027"])
def test_a_date_is_read_in_every_common_spelling(typed):
    assert forms.DateField().clean(typed) == date(2027, 3, 31)


@pytest.mark.parametrize("typed", ["27-12-31", "12/31/27", "31/12/2027", "soon"])
def test_an_ambiguous_date_is_refused_with_an_example(typed):
    class Form(forms.Form):
        day = forms.DateField()

    assert Form({"day": typed}).errors["day"] == ["Enter a date, like 03/31/2027"]


def test_a_text_that_is_far_too_long_is_told_with_commas():
    class Form(forms.Form):
        overview = TextField(max_length=5000)

    assert Form({"overview": "x" * 6000}).errors["overview"] == ["Use at most 5,000 characters. You entered 6,000."]


def test_labels_of_passwords_are_written_like_all_others():
    labels = [str(field.label) for field in ChangePasswordForm(user=User()).fields.values()]

    assert labels == ["Current password", "New password", "New password (again)"]


def test_forms_of_accounts_address_the_person():
    assert LoginForm({}).errors == {"login": ["Enter your email address"], "password": ["Enter your password"]}


def test_an_invalid_address_is_refused_with_an_example():
    class Form(forms.Form):
        email = forms.EmailField()

    assert Form({"email": "ana..@x"}).errors["email"] == ["Enter an email address, like name@example.com"]


@pytest.mark.parametrize(
    ("password", "errors"),
    [
        ("x7-qv", ["Use at least 10 characters"]),
        ("1234567890", ["Many people use this password. Choose one that's harder to guess."]),
        ("Certified-Talent-2026!", ["Many people use this password. Choose one that's harder to guess."]),
        ("marisol.vega", ["Choose a password that isn't like your name or email address"]),
    ],
)
def test_a_weak_password_is_refused_with_what_to_do(password, errors):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, User(email="marisol.vega@example.test", name="Marisol"))
    assert refused.value.messages == errors


@pytest.mark.parametrize("password", ["a certified talent", "pä" * 200, "82640917365", "horse battery staple"])
def test_a_password_of_any_characters_and_any_length_is_accepted(password):
    validate_password(password, User(email="marisol.vega@example.test", name="Marisol"))


def test_the_summary_names_the_question_of_an_error_that_does_not():
    class Form(forms.Form):
        called = forms.CharField(label="What is the certificate called?", max_length=3)
        number = forms.CharField(label="Certificate number", max_length=3)
        issuer = forms.CharField(
            label="Who issued it?", error_messages={"required": "Enter who issued the certificate"}
        )
        why = forms.CharField(label="Why is this wrong?")

    links = error_summary(Form({"called": "MWBE", "number": "1234"}))["links"]
    assert [error for _, error in links] == [
        "What is the certificate called? Ensure this value has at most 3 characters (it has 4).",
        "Certificate number: Ensure this value has at most 3 characters (it has 4).",
        "Enter who issued the certificate",
        "Why is this wrong? Answer this question",
    ]
