"""Accounts and their email: django-allauth's, sent the way all email leaves, without telling if an address is known."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend as AllauthAuthenticationBackend
from allauth.account.fields import EmailField as AllauthEmailField
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ChangeEmailForm as AllauthChangeEmailForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.email_verification import get_address_for_user
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.account.utils import has_verified_email, user_pk_to_url_str
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post, post_later
from common.redirects import page_of_ours
from common.text import EmailField
from profiles.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Sends allauth's email the way all email leaves, and leads to pages of this site alone."""

    def is_safe_url(self, url):
        """Whether a `next` may be followed: allauth's own check raises on some words that are no address."""
        return bool(page_of_ours(self.request, url))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Post what allauth calls "account/email/password_changed", say, by our template for it."""
        name = template_prefix.replace("/email/", "/")
        post(email, letter(name, {"email": email, **context}))


class AuthenticationBackend(AllauthAuthenticationBackend):
    """Finds the account of an address in one statement, whether or not there is one."""

    def _authenticate_by_email(self, email, password):
        email = email.lower()
        addresses = EmailAddress.objects.filter(user=OuterRef("pk"), email=email)
        found = list(
            User.objects.annotate(is_verified=Exists(addresses.filter(verified=True))).filter(
                Q(email=email) | Exists(addresses)
            )
        )
        for user in [user for user in found if user.is_verified] or found:
            if self._check_password(user, password):
                return user
        return None


class AddressField(EmailField, AllauthEmailField):
    """As allauth's, and cleaned as all text is."""


class LoginForm(AllauthLoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField()


class AddEmailForm(AllauthAddEmailForm):
    email = AddressField()


class ChangeEmailForm(AllauthChangeEmailForm):
    email = AddressField()


class SignupForm(AllauthSignupForm):
    """Does the same for an address that has an account, to which it sends an email that says so.

    There an account with a made-up address is made, and taken back: the same statements, and one password hashed.
    """

    account_already_exists: bool

    email = AddressField()

    def try_save(self, request):
        email, is_known = self.cleaned_data["email"], self.account_already_exists
        self.account_already_exists = False
        if is_known:
            self.cleaned_data["email"] = f"{uuid4()}@invalid.example"
        with suppress(IntegrityError), transaction.atomic():  # a second click finds the address taken
            user = self.save(request)
            if not is_known:
                return user, None
            has_verified_email(user)  # as the email does that confirms a new address
            get_address_for_user(user).user  # noqa: B018
            transaction.set_rollback(True)
        return None, prevent_enumeration(request, email=email)


class ResetPasswordForm(AllauthResetPasswordForm):
    """Does the same whatever address is typed: whether it is known is looked up when the email is written."""

    email = AddressField()

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def save(self, request, **kwargs):
        post_later(self.cleaned_data["email"], write_password_reset)
        return self.cleaned_data["email"]


def write_password_reset(to: str) -> Letter:
    """The link by which the owner of an address chooses a new password, or that there is no account with it."""
    user = next(iter(filter_users_by_email(to, is_active=True, prefer_verified=True, for_login=True)), None)
    if user is None:
        return letter("account/unknown_account", {"email": to, "signup_url": absolute(reverse("account_signup"))})
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    link = absolute(reverse("account_reset_password_from_key", kwargs=key))
    return letter("account/password_reset_key", {"password_reset_url": link})
