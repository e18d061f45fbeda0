"""The people of a drill. `manage.py shell` imports this, with the settings of the site that the drill runs."""

import time

from django.conf import settings
from django.test import Client as Browser

from deploy.drills.load import Member
from profiles.models import Membership, Profile, User, WorkHistory

CSRF_TOKEN = "d" * 32


def make(total: int) -> list[Member]:
    """Return so many new members, each signed in, with a profile and one position in its work history."""
    return [_member(number) for number in range(total)]


def _member(number: int) -> Member:
    user = User.objects.create_user(f"drill{number}@example.com", name="Robin Drill")
    profile = Profile.objects.create(
        kind=Profile.Kind.FREELANCER, slug=f"drill-{number}", name="Robin Drill", country="US", state="OR"
    )
    Membership.objects.create(user=user, profile=profile, role=Membership.Role.OWNER)
    position = WorkHistory.objects.create(profile=profile, title="Work 0", organization="Drill", started_in=2020)
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: CSRF_TOKEN}
    return Member(
        cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
        form=f"{profile.get_absolute_url()}history/{position.pk}/",
        position=position.pk,
    )
