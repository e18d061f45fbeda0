"""How people sign up and in: what the site adds to django-allauth."""

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from django import forms

from profiles.models import User, printable
from profiles.viewer import with_places


class AuthenticationBackend(AllauthBackend):
    """allauth's, reading the signed-in user together with their profiles and clients: one query a request."""

    def get_user(self, user_id):
        user = with_places(User.objects.filter(pk=user_id)).first()
        return user if user and self.user_can_authenticate(user) else None


class SignupForm(forms.Form):
    """What sign-up asks beside the address and the password."""

    name = forms.CharField(max_length=100, label="Your name", validators=[printable])
    purpose = forms.ChoiceField(choices=User.Purpose, widget=forms.RadioSelect, label="What brings you here?")

    field_order = ("name", "email", "password1", "purpose")

    def signup(self, request, user):
        user.name = self.cleaned_data["name"]
        user.purpose = self.cleaned_data["purpose"]
        user.save(update_fields=["name", "purpose"])
