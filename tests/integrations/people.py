"""People of clients, and what they do to sign in."""

from allauth.mfa.models import Authenticator
from django.utils import timezone

from integrations.models import EmailDomain
from tests.factories import PASSWORD, ClientMembershipFactory
from tests.site import person


def domain(client, name, *, is_verified=True):
    return EmailDomain.objects.create(client=client, name=name, verified_at=timezone.now() if is_verified else None)


def member(client, email, **fields):
    """A member with a confirmed address."""
    return ClientMembershipFactory(user=person(email=email, **fields), client=client).user


def with_second_factor(user):
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    return user


def give_password(browser, user, **fields):
    return browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD, **fields})


def signed_in(browser):
    """The key of whom the browser is signed in as, or None."""
    key = browser.session.get("_auth_user_id")
    return int(key) if key else None
