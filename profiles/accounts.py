"""The questions that sign-up asks in addition to django-allauth's."""

from django import forms
from django.http import HttpRequest

from common.text import TextField
from profiles.models import User


class SignupForm(forms.Form):
    """The fields of sign-up in addition to the address and the password."""

    name = TextField(max_length=100, label="Your name")
    purpose = forms.ChoiceField(
        choices=User.Purpose,
        widget=forms.RadioSelect,
        label="What brings you here?",
        error_messages={"required": "Choose what brings you here"},
    )

    field_order = ("name", "email", "password1", "purpose")

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.purpose = self.cleaned_data["purpose"]
        user.save(update_fields=["name", "purpose"])
