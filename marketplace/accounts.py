"""Pages of an account that allauth has none for: notifications, other sessions, and deleting the account."""

from typing import NamedTuple

from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certifications.models import Certification, DigestSubscription, ReminderStop
from certifications.views.access import editable
from marketplace.closing import InTheWay, close, closing_of
from marketplace.security_log import ended_other_sessions
from profiles import passwords
from profiles.account_mail import AccountAdapter
from profiles.models import Profile, User
from rollout.middleware import SignedInPolicyRequest


class ProfileEmails(NamedTuple):
    """The emails about a profile that its editor may turn off."""

    profile: Profile
    gets_digest: bool
    reminders: list["Reminders"]


class Reminders(NamedTuple):
    """The reminders of a certification that expires, on or off."""

    record: Certification
    is_on: bool


@require_safe
def notifications(request: SignedInPolicyRequest) -> HttpResponse:
    """Every email that can be turned off, in one place."""
    weekly = set(DigestSubscription.objects.filter(user=request.user).values_list("profile", flat=True))
    stopped = set(ReminderStop.objects.filter(user=request.user).values_list("certification", flat=True))
    profiles = {profile.pk: profile for profile in editable(request.viewer).order_by("pk")}
    records = Certification.objects.visible_to(request.viewer, request.policy).filter(profile__in=profiles).current()
    reminders: dict[int, list[Reminders]] = {key: [] for key in profiles}
    for record in records.filter(does_not_expire=False).for_display():
        record.profile = profiles[record.profile_id]
        reminders[record.profile_id].append(Reminders(record, record.pk not in stopped))
    emails = [ProfileEmails(profile, key in weekly, reminders[key]) for key, profile in profiles.items()]
    return render(request, "marketplace/notifications.html", {"emails": emails})


def _gives_password(request: SignedInPolicyRequest) -> bool:
    """Return whether the person signs in with a password. Whoever does not confirms that it is still them instead."""
    way = passwords.other_way(request.user)
    return request.user.has_usable_password() and not (way and way.is_required)


def _confirms_without_password(request: SignedInPolicyRequest) -> bool:
    return not _gives_password(request)


class PasswordForm(forms.Form):
    """The password of the person who asks, if they have one."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )

    def __init__(self, *args, request: SignedInPolicyRequest, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if not _gives_password(request):
            del self.fields["password"]

    def clean_password(self) -> str:
        user, password = self.request.user, self.cleaned_data["password"]
        if not ratelimit.consume(self.request, action="reauthenticate", user=user):
            raise forms.ValidationError(AccountAdapter.error_messages["too_many_login_attempts"])
        if not user.check_password(password):
            raise forms.ValidationError(AccountAdapter.error_messages["incorrect_password"])
        return password


class DeleteForm(PasswordForm):
    """The password, and that they know what goes."""

    understood = forms.BooleanField(
        label="I understand that this can't be undone.",
        error_messages={"required": "Confirm that this can't be undone"},
    )


@reauthentication_required(enabled=_confirms_without_password)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out_elsewhere(request: SignedInPolicyRequest) -> HttpResponse:
    """Ask for the password, then end all sessions of this person except this one."""
    form = PasswordForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        user = User.objects.get(pk=request.user.pk)
        user.end_sessions()
        update_session_auth_hash(request, user)
        ended_other_sessions.send(User, user=user)
        messages.success(request, "You are signed out everywhere else.")
        return redirect("sign_out_elsewhere")
    return render(request, "marketplace/sign_out_elsewhere.html", {"form": form})


@reauthentication_required(enabled=_confirms_without_password)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: SignedInPolicyRequest) -> HttpResponse:
    """What deleting the account takes with it, and then its deletion. Staff are asked to hand over first."""
    closing = closing_of(request.user)
    is_blocked = bool(closing.in_the_way) or request.user.is_staff
    form = DeleteForm(request.POST or None, request=request)
    if request.method == "POST" and not is_blocked and form.is_valid():
        user = User.objects.get(pk=request.user.pk)
        try:
            close(user)
        except InTheWay:
            return redirect("delete_account")
        logout(request)
        messages.success(request, "Your account is deleted. We sent you an email to confirm it.")
        return redirect("home")
    context = {"closing": closing, "form": form, "is_blocked": is_blocked}
    return render(request, "marketplace/delete_account.html", context)
