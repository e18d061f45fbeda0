"""What every form says about a field that was left empty."""

from datetime import date

import pytest
from django import forms

from profiles.account_mail import LoginForm


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


@pytest.mark.parametrize("typed", ["2027-03-31", "03/31/2027", "3-31-2027", "3.31.2027", "Mar 31, 2027"])
def test_a_date_is_read_however_people_write_it(typed):
    assert forms.DateField().clean(typed) == date(2027, 3, 31)


@pytest.mark.parametrize("typed", ["27-12-31", "12/31/27", "31/12/2027", "soon"])
def test_a_date_that_could_be_another_is_refused_with_an_example(typed):
    class Form(forms.Form):
        day = forms.DateField()

    assert Form({"day": typed}).errors["day"] == ["Enter a date, like 03/31/2027"]


def test_forms_of_accounts_speak_to_the_person():
    assert LoginForm({}).errors == {"login": ["Enter your email address"], "password": ["Enter your password"]}
