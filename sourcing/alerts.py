"""Emails about saved searches: how many profiles are found that were not before.

An email names no one, since it cannot be taken back: it leads to the search, which asks the rule when it is opened.
"""

import logging
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from certifications.mail.sending import stop_link
from certifications.models import Consent
from common.mail.letters import Letter, absolute, letter
from common.mail.outbox import post, post_later
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import access
from sourcing.forms.search import SourcingForm
from sourcing.models import SavedMatch, SavedSearch

# A search that finds more has no emails: its new profiles could not be told from the others.
MOST = 10_000

logger = logging.getLogger(__name__)


class TooMany(Exception):
    """A search finds more than MOST profiles."""


class Run(NamedTuple):
    """A run of a saved search: how many profiles it found that it had not found before, and when."""

    new: int
    at: datetime


def run(saved: SavedSearch, viewer: Viewer, policy: RolloutPolicy) -> Run:
    """Search again and store the profiles found. Raises TooMany."""
    form = SourcingForm(QueryDict(saved.query), viewer=viewer, policy=policy)
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
    connection.check_constraints()  # now, not at the commit, which nothing here would catch
    return Run(len(new), at)


@transaction.atomic
def start(saved: SavedSearch, viewer: Viewer, policy: RolloutPolicy) -> None:
    """Remember which profiles are found today, so that an email tells of later ones. Raises TooMany."""
    at = run(saved, viewer, policy).at
    SavedSearch.objects.filter(pk=saved.pk).update(run_at=at)


def post_due() -> dict[str, int]:
    """Post the emails about searches that are due. Returns how many, and how many could not be found out: dict.

    One that could not be is tried again by the next run and does not hold up the others.
    """
    counts = {"alerts": 0, "failed": 0}
    now = timezone.now()
    due = Q()
    for frequency, period in SavedSearch.PERIODS.items():
        due |= Q(frequency=frequency, run_at__lte=now - period)
    for pk in SavedSearch.objects.kept().filter(due).order_by("pk").values_list("pk", flat=True):
        try:
            counts["alerts"] += _post(pk, due)
        except IntegrityError:  # a profile deleted meanwhile
            logger.exception("A saved search could not be run: %s", pk)
            counts["failed"] += 1
    return counts


@transaction.atomic
def _post(pk: int, due: Q) -> bool:
    """Run a search that is due and tell of news. Of two machines one does."""
    rows = SavedSearch.objects.kept().filter(due).select_for_update(skip_locked=True, of=("self",))
    saved = rows.select_related("user", "client").filter(pk=pk).first()
    policy = RolloutPolicy.in_force()
    viewer = access.member(saved.user, saved.client_id, policy) if saved else None
    if saved is None or viewer is None:
        return False
    try:
        found = run(saved, viewer, policy)
    except TooMany:
        SavedSearch.objects.filter(pk=pk).update(frequency="")
        context = {"recipient": saved.user, "saved": saved, "link": absolute(saved.get_absolute_url())}
        post(saved.user.email, letter("sourcing/too_many", context))
        return True
    if not found.new:
        SavedSearch.objects.filter(pk=pk).update(run_at=found.at)
        return False
    SavedSearch.objects.filter(pk=pk).update(run_at=found.at, news_at=found.at)
    post_later(saved.user.email, write_alert, saved_pk=pk, found_at=found.at.isoformat())
    return True


def write_alert(to: str, *, saved_pk: int, found_at: str) -> Letter | None:
    """Return the email with the number of new profiles that may still be found. None once its emails are stopped."""
    searches = SavedSearch.objects.kept().exclude(frequency="").select_related("user", "client")
    saved = searches.filter(pk=saved_pk).first()
    count = SavedMatch.objects.filter(search=saved_pk, found_at=datetime.fromisoformat(found_at)).count()
    if saved is None or not count or access.member(saved.user, saved.client_id, RolloutPolicy.in_force()) is None:
        return None
    context = {"recipient": saved.user, "saved": saved, "count": count, "link": absolute(saved.news_url)}
    return letter("sourcing/alert", context, stop=stop_link("alert", saved_pk))


def stop(pk: int) -> None:
    """Send no more emails about a search."""
    SavedSearch.objects.filter(pk=pk).update(frequency="")
