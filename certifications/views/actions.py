"""One-click actions on a record: show, withdraw, restore. Each says what happened and how to undo it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import reverse

from certifications.mail.sending import notify_other_editors
from certifications.models import Certification
from certifications.sharing import unseen
from certifications.views.access import for_editors
from common import drafts
from common.redirects import back
from common.translation import with_names
from common.undo import undoable
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest


def page_url(profile: Profile, name: str, *args: Any) -> str:
    """Return the address of a page of the profile's section, by its name."""
    return reverse(f"certifications:{name}", args=[profile.kind, profile.slug, *args])


def record_page_of(profile: Profile, record: Certification, **kwargs: Any) -> Certification:
    return record


def section_page_of(profile: Profile) -> str:
    return page_url(profile, "section")


def act(
    request: SignedInPolicyRequest,
    record: Certification,
    action: Callable[[], Any],
    done: str,
    *,
    undo: str = "",
    shows: bool = False,
) -> HttpResponse:
    """Do `action`, say `done` and offer `undo` (the name of the page that undoes it), or say that nothing changed.

    If the action `shows` the record, the owner may believe that clients see it, so a reason is given if they do not.
    """
    try:
        with transaction.atomic():
            action()
    except Certification.NotPossible:
        messages.info(request, "Nothing changed. This was already done, or can't be done anymore.")
    except IntegrityError:
        messages.error(request, "You've added this certification again since. Remove that one first.")
    else:
        words = unseen.with_reasons(done, Certification.objects.filter(pk=record.pk), request.policy) if shows else done
        if undo:
            undoable(request, words, page_url(record.profile, undo, record.pk))
        else:
            messages.success(request, words)
    return back(request, record.section_url)


@for_editors
@drafts.act(record_page_of, "{record.label} is still hidden", "Show it again")
def show(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    done = with_names("{} is no longer hidden.", record.label)
    return act(request, record, record.show, done, undo="hide", shows=True)


@for_editors
@drafts.act(record_page_of, "{record.label} isn't removed yet", "Remove it")
def withdraw(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    done = with_names("{} is removed. No one can see it. You can restore it for 30 days.", record.label)

    def remove() -> None:
        record.withdraw()
        notify_other_editors(profile, "removed a certification from", by=request.user)

    return act(request, record, remove, done, undo="restore")


@for_editors
@drafts.act(record_page_of, "{record.label} isn't restored yet", "Restore it")
def restore(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    done = with_names("{} is restored.", record.label)

    def put_back() -> None:
        record.restore()
        notify_other_editors(profile, "restored a certification of", by=request.user)

    return act(request, record, put_back, done, undo="withdraw", shows=True)
