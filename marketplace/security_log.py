"""The security log: who signed in or failed to, and who changed how they sign in or what staff may do.

It names no one. An account appears as its number, and an address that someone tried to sign in with as a keyed digest,
so that tries of one address can be counted.
"""

import logging
from functools import partial
from typing import Any, NamedTuple

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.admin.models import LogEntry
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.dispatch import Signal
from django.utils.crypto import salted_hmac

log = logging.getLogger("marketplace.security")


ended_other_sessions = Signal()  # arguments: user


class Event(NamedTuple):
    """A signal that is logged, and in which words."""

    signal: Signal
    message: str
    level: int = logging.INFO


EVENTS = (
    Event(account.user_signed_up, "Signed up"),
    Event(account.authentication_step_completed, "Gave a password or code"),
    Event(account.user_logged_in, "Signed in"),
    Event(user_logged_out, "Signed out"),
    Event(ended_other_sessions, "Ended all other sessions"),
    Event(user_login_failed, "Failed to sign in", logging.WARNING),
    Event(mfa.authentication_failed, "Gave a wrong code", logging.WARNING),
    Event(mfa.authenticator_added, "Added a second factor"),
    Event(mfa.authenticator_removed, "Removed a second factor"),
    Event(mfa.authenticator_reset, "Replaced the recovery codes"),
    Event(account.password_changed, "Changed the password"),
    Event(account.password_reset, "Reset the password"),
    Event(account.email_added, "Asked to change the email address"),
    Event(account.email_changed, "Changed the email address"),
    Event(account.email_removed, "Removed an email address"),
)


def digest(address: str) -> str:
    """Return what stands in the log for an email address. Only who knows SECRET_KEY can make it."""
    return salted_hmac("marketplace.security_log", address.lower(), algorithm="sha256").hexdigest()[:16]


def _record(event: Event, *, user: Any = None, credentials: dict[str, Any] | None = None, **told: Any) -> None:
    facts: dict[str, Any] = {}
    if user is not None:
        facts["account"] = user.pk
    if credentials:
        facts["address"] = digest(credentials.get("email", ""))
    if method := told.get("method"):
        facts["method"] = method
    if authenticator := told.get("authenticator"):
        facts["factor"] = authenticator.type
    log.log(event.level, event.message, extra={"facts": facts})


def _record_change(sender: type[LogEntry], instance: LogEntry, **_: Any) -> None:
    """Log an act in the administration, such as a change of permissions. The row `entry` of its log says more."""
    model = instance.content_type.model_class() if instance.content_type else None
    facts = {"account": instance.user_id, "entry": instance.pk, "model": model._meta.label if model else ""}
    log.info(f"{instance.get_action_flag_display()} in the administration", extra={"facts": facts})


for _event in EVENTS:
    _event.signal.connect(partial(_record, _event), weak=False)
post_save.connect(_record_change, sender=LogEntry)
