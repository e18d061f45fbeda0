"""One click on a record: show, withdraw, restore. Each says what happened and how to take it back."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.urls import reverse

from certifications.models import Certification
from certifications.sharing import unseen
from certifications.views.access import for_editors
from common import drafts
from common.redirects import back
from common.translation import with_names
from common.undo import undoable


def page_url(profile, name, *args) -> str:
    """The address of a page of the profile's section, by its name."""
    return reverse(f"certifications:{name}", args=[profile.kind, profile.slug, *args])


def record_page_of(profile, record, **kwargs):
    return record


def section_page_of(profile):
    return page_url(profile, "section")


def act(request, record, action, done, *, undo=None, shows=False):
    """Do `action`, say `done`, offer `undo` (name of the address that takes it back); say so if it was done already.

    `shows`: after it the owner may take it that clients see the record, so that it is said if they do not.
    """
    try:
        with transaction.atomic():
            action()
    except Certification.NotPossible:
        messages.info(request, "Nothing changed: this was done already, or can no longer be done.")
    except IntegrityError:
        messages.error(request, "You have added this certification again since. Withdraw that one first.")
    else:
        words = unseen.with_reasons(done, Certification.objects.filter(pk=record.pk), request.policy) if shows else done
        if undo:
            undoable(request, words, page_url(record.profile, undo, record.pk))
        else:
            messages.success(request, words)
    return back(request, record.section_url)


@for_editors
@drafts.act(record_page_of, "{record.label} is still hidden", "Show it again")
def show(request, profile, record):
    done = with_names("{} is no longer hidden.", record.label)
    return act(request, record, record.show, done, undo="hide", shows=True)


@for_editors
@drafts.act(record_page_of, "{record.label} is not withdrawn yet", "Withdraw it")
def withdraw(request, profile, record):
    done = with_names("{} is withdrawn from every page. You can restore it for 30 days.", record.label)
    return act(request, record, record.withdraw, done, undo="restore")


@for_editors
@drafts.act(record_page_of, "{record.label} is not restored yet", "Restore it")
def restore(request, profile, record):
    done = with_names("{} is restored, as it was.", record.label)
    return act(request, record, record.restore, done, undo="withdraw", shows=True)
