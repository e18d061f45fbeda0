"""E-mails about saved searches: how many profiles are found that were not before.

An e-mail names nobody, since it cannot be taken back: it leads to the search, which asks the rule when it is opened.
"""

import logging
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from certifications.mail.sending import absolute, send, stop_link
from certifications.models import Consent
from sourcing import access
from sourcing.forms import SourcingForm
from sourcing.models import SavedMatch, SavedSearch

# A search that finds more has no e-mails: what is new in it could not be told.
MOST = 10_000

logger = logging.getLogger(__name__)


class TooMany(Exception):
    """A search finds more than MOST profiles."""


class Run(NamedTuple):
    """What a run of a saved search found: how many that it had not found before, and when it ran."""

    new: int
    at: datetime


def run(saved, viewer):
    """Search anew and keep who is found. Returns a Run. Raises TooMany."""
    form = SourcingForm(QueryDict(saved.query), viewer=viewer)
    keys = form.search.keys(MOST + 1)
    if len(keys) > MOST:
        raise TooMany
    at = timezone.now()
    SavedMatch.objects.filter(search=saved).exclude(profile__in=keys).delete()
    known = set(SavedMatch.objects.filter(search=saved).values_list("profile", flat=True))
    new = [pk for pk in keys if pk not in known]
    consents = {}
    if not form.filters.everyone:
        found_by = Consent.objects.filter(profile__in=new, purpose=Consent.Purpose.FIND)
        consents = dict(found_by.values_list("profile", "pk"))
        new = [pk for pk in new if pk in consents]  # who erased all meanwhile has none
    SavedMatch.objects.bulk_create(
        [SavedMatch(search=saved, profile_id=pk, consent_id=consents.get(pk), found_at=at) for pk in new],
        batch_size=2000,
    )
    connection.check_constraints()  # now, not at the commit, when the e-mail is sent already
    return Run(len(new), at)


@transaction.atomic
def start(saved, viewer):
    """Remember who is found today, so that an e-mail tells of later ones. Raises TooMany."""
    at = run(saved, viewer).at
    SavedSearch.objects.filter(pk=saved.pk).update(run_at=at)


def send_due():
    """Send the e-mails about searches that are due. Returns how many were sent, and how many could not be: dict.

    One that could not be is tried again by the next run and does not hold up the others.
    """
    counts = {"alerts": 0, "failed": 0}
    now = timezone.now()
    due = Q()
    for frequency, period in SavedSearch.PERIODS.items():
        due |= Q(frequency=frequency, run_at__lte=now - period)
    for pk in SavedSearch.objects.kept().filter(due).order_by("pk").values_list("pk", flat=True):
        try:
            counts["alerts"] += _send(pk, due)
        except (OSError, IntegrityError):  # a mail server that refuses or is not there; a profile deleted meanwhile
            logger.exception("An e-mail about a saved search could not be sent: %s", pk)
            counts["failed"] += 1
    return counts


@transaction.atomic
def _send(pk, due):
    """Run a search that is due and tell of news. Of two machines one does; if sending fails nothing has happened."""
    rows = SavedSearch.objects.kept().filter(due).select_for_update(skip_locked=True, of=("self",))
    saved = rows.select_related("user", "client").filter(pk=pk).first()
    viewer = saved and access.member(saved.user, saved.client_id)
    if viewer is None:
        return False
    context = {"saved": saved, "reader": saved.user}
    try:
        found = run(saved, viewer)
    except TooMany:
        SavedSearch.objects.filter(pk=pk).update(frequency="")
        send(saved.user.email, "A search you saved finds too many", "sourcing/mail/too_many.txt", context)
        return True
    if not found.new:
        SavedSearch.objects.filter(pk=pk).update(run_at=found.at)
        return False
    SavedSearch.objects.filter(pk=pk).update(run_at=found.at, news_at=found.at)
    context |= {"count": found.new, "link": absolute(saved.news_url)}
    subject = f"{found.new} new in a search you saved"
    send(saved.user.email, subject, "sourcing/mail/alert.txt", context, stop=stop_link("alert", pk))
    return True


def stop(pk):
    """Send no more e-mails about a search."""
    SavedSearch.objects.filter(pk=pk).update(frequency="")
