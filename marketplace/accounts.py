"""The pages of an account that join several apps: notifications, and deleting the account."""

from typing import NamedTuple

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certifications.models import Certification, DigestSubscription, ReminderStop
from certifications.views.access import editable
from marketplace.closing import InTheWay, close, closing_of
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


class DeleteForm(forms.Form):
    """The password, and that they know what goes."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )
    understood = forms.BooleanField(
        label="I understand that this can't be undone.",
        error_messages={"required": "Confirm that this can't be undone"},
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        if not self.user.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError("That password is wrong. Try again.")
        return ""


@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: SignedInPolicyRequest) -> HttpResponse:
    """What deleting the account takes with it, and then its deletion. Staff are asked to hand over first."""
    closing = closing_of(request.user)
    is_blocked = bool(closing.in_the_way) or request.user.is_staff
    form = DeleteForm(request.POST or None, user=request.user)
    if request.method == "POST" and not is_blocked:
        if not ratelimit.consume(request, action="reauthenticate", user=request.user):
            form.add_error(None, "Too many tries. Wait a few minutes, then try again.")
        if form.is_valid():
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
