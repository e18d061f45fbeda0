"""What sign-up asks beside what django-allauth asks."""

from django import forms

from common.text import TextField
from profiles.models import User


class SignupForm(forms.Form):
    """What sign-up asks beside the address and the password."""

    name = TextField(max_length=100, label="Your name")
    purpose = forms.ChoiceField(choices=User.Purpose, widget=forms.RadioSelect, label="What brings you here?")

    field_order = ("name", "email", "password1", "purpose")

    def signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.purpose = self.cleaned_data["purpose"]
        user.save(update_fields=["name", "purpose"])
