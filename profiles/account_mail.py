"""Accounts and their email: django-allauth's, sent through the outbox, never revealing which addresses are known."""

import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend as AllauthAuthenticationBackend
from allauth.account.fields import EmailField as AllauthEmailField
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ChangeEmailForm as AllauthChangeEmailForm
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SetPasswordForm as AllauthSetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.email_verification import get_address_for_user
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.account.internal.stagekit import clear_login
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.account.utils import has_verified_email, user_pk_to_url_str
from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from common.compiled import CompiledQuery
from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post, post_later
from common.redirects import page_of_ours, with_query
from common.text import EmailField
from profiles import passwords
from profiles.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Sends allauth's email through the outbox, and redirects only to pages of this site."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed",
        "cannot_remove_primary_email": "Choose another main email address before you remove this one",
        "duplicate_email": "You've already added this email address",
        "email_password_mismatch": "The email address or the password is wrong. Check both and try again.",
        "email_taken": "Enter an email address that no other account uses",
        "enter_current_password": "Enter your current password",
        "incorrect_code": "That code is wrong or no longer works. Enter the newest one.",
        "incorrect_password": "That password is wrong. Try again.",
        "same_as_current": "Enter an email address other than your current one",
        "too_many_login_attempts": "Too many tries. Wait a few minutes, then try again.",
        "unverified_primary_email": "Confirm your main email address first",
    }

    def is_safe_url(self, url: str | None) -> bool:
        """Return True if a `next` may be followed. Allauth's own check raises on some texts that are not addresses."""
        return bool(page_of_ours(self.request, url))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Return where a new person is led once signed in: to the form for a profile, if they came to create one."""
        user = request.user
        creates = isinstance(user, User) and user.purpose != User.Purpose.CLIENT
        return reverse("profiles:create") if creates else super().get_signup_redirect_url(request)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Lead someone whose password is right, but no longer does, to the way in which they have to sign in."""
        is_elsewhere = "sociallogin" in (kwargs["signal_kwargs"] or {})
        way = None if is_elsewhere else passwords.other_way(user)
        if way and way.is_required:
            clear_login(request)
            leads_to = page_of_ours(request, kwargs["redirect_url"] or request.POST.get("next"))
            return redirect(with_query(way.url, next=leads_to) if leads_to else way.url)
        return super().pre_login(request, user, **kwargs)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return super().is_reauthentication_required(app=app, **kwargs) and not confirmed_again(self.request)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Return the ways to confirm that it is still the person, the one that they have to use first.

        Someone who has none any more, such as after their organization's sign-in ended, first chooses a password.
        """
        methods = super().get_reauthentication_methods(user)
        way = passwords.other_way(user) if isinstance(user, User) else None
        if way is None:
            reset = {"id": "reset", "description": "Choose a password", "url": reverse("account_reset_password")}
            return methods or [reset]
        other = {"id": "other_way", "description": way.words, "url": way.again_url}
        if way.is_required:
            return [other, *(method for method in methods if method["id"] != "reauthenticate")]
        return [*methods, other]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Post an email of allauth's, such as "account/email/password_changed", from our own template for it."""
        name = template_prefix.replace("/email/", "/")
        post(email, letter(name, {"email": email, **context}))


def confirmed_again(request: HttpRequest) -> bool:
    """Return whether the person confirmed minutes ago, in another way than by a password, that it is still them."""
    records = get_authentication_records(request, request.user)
    again = [record for record in records if record["method"] == "socialaccount" and record.get("reauthenticated")]
    return bool(again) and time.time() - again[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


@CompiledQuery
def _user(pk: int) -> QuerySet:
    return User.objects.filter(pk=pk).values_list(*_columns_of_users())


def _columns_of_users() -> list[str]:
    return [field.attname for field in User._meta.concrete_fields]


class AuthenticationBackend(AllauthAuthenticationBackend):
    """Looks for the account of an address in one statement, whether it exists or not."""

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, unless they may no longer sign in. Most pages ask for it first."""
        people = [User.from_db(DEFAULT_DB_ALIAS, _columns_of_users(), row) for row in _user.rows(user_id)]
        return next(filter(self.user_can_authenticate, people), None)

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
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
    """Allauth's field, cleaned like all text."""


RULES_OF_PASSWORDS = "At least 10 characters. Don't use a common password, your name or your email address."
MISSING = {
    "email": "Enter your email address",
    "password": "Enter your password",
    "oldpassword": "Enter your current password",
    "password1": "Create a password",
    "password2": "Enter the new password again",
}


class PlainForm:
    """A form of allauth's with our labels and errors, no placeholders, and one list of rules for passwords."""

    fields: dict[str, Field]
    address_label = "Email address"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name == "email":
                field.label = self.address_label
            elif "password" in name:
                field.label = str(field.label).capitalize()  # "New password (again)"
            if name == "password1":
                field.help_text = RULES_OF_PASSWORDS
            if name in MISSING:
                field.error_messages["required"] = MISSING[name]


class LoginForm(PlainForm, AllauthLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressField(label="Email address", error_messages={"required": MISSING["email"]})
        self.fields["login"].widget.attrs.pop("placeholder")


class AddEmailForm(PlainForm, AllauthAddEmailForm):
    email = AddressField()
    address_label = "New email address"


class ChangePasswordForm(PlainForm, AllauthChangePasswordForm):
    """Asks for the current password and, twice, for the new one."""


class SetPasswordForm(PlainForm, AllauthSetPasswordForm):
    """Asks twice for a first password."""


class ResetPasswordKeyForm(PlainForm, AllauthResetPasswordKeyForm):
    """Asks twice for a new password, after the link in an email."""


class ReauthenticateForm(PlainForm, AllauthReauthenticateForm):
    """Asks for the password once more."""


class ChangeEmailForm(PlainForm, AllauthChangeEmailForm):
    email = AddressField()
    address_label = "New email address"


class SignupForm(PlainForm, AllauthSignupForm):
    """Runs the same statements for an address that has an account, and emails that account.

    In that case an account with a made-up address is created and rolled back, with one password hashed.
    """

    account_already_exists: bool

    email = AddressField()

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
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


class ResetPasswordForm(PlainForm, AllauthResetPasswordForm):
    """Does the same for every address. Whether it has an account is looked up when the email is written."""

    email = AddressField()

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        post_later(self.cleaned_data["email"], write_password_reset)
        return self.cleaned_data["email"]


def write_password_reset(to: str) -> Letter:
    """Write the email with the link to choose a new password, or why there is none for this address."""
    user = next(iter(filter_users_by_email(to, is_active=True, prefer_verified=True, for_login=True)), None)
    if user is None:
        return letter("account/unknown_account", {"email": to, "signup_url": absolute(reverse("account_signup"))})
    way = passwords.other_way(user)
    if way and way.is_required:
        return letter("account/no_password", {"email": to, "sign_in_url": absolute(way.url)})
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    link = absolute(reverse("account_reset_password_from_key", kwargs=key))
    return letter("account/password_reset_key", {"password_reset_url": link})
