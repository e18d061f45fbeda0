"""The emails about saved searches: what goes wrong with one does not hold up the others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.mail import outbox
from sourcing import alerts
from sourcing.models import SavedMatch, SavedSearch
from sourcing.search import Search
from tests.factories import CertificationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_due(cleo):
    """Two searches of Cleo's that are due, and of which each has someone new."""
    CertificationFactory(found=True)
    values = {"client": cleo.clients.get(), "user": cleo, "frequency": "daily"}
    yesterday = timezone.now() - timedelta(days=1)
    return [SavedSearch.objects.create(name=name, run_at=yesterday, **values) for name in ("First", "Second")]


def send(mailoutbox):
    """Sends what is due; returns which searches there are emails about, and how many failed."""
    before = len(mailoutbox)
    failed = alerts.post_due()["failed"]
    outbox.send_waiting.call()
    return [name for mail in mailoutbox[before:] for name in ("First", "Second") if name in mail.body], failed


def test_a_profile_that_is_deleted_meanwhile_costs_its_search_only(two_due, mailoutbox, monkeypatch):
    SavedSearch.objects.update(query="everyone=on")  # who was certified has no consent any more, and is left out
    keys = Search.keys
    asked = []

    def deleted_once(self, most):
        asked.append(self)
        return [*keys(self, most), *([2**40] if len(asked) == 1 else [])]

    monkeypatch.setattr(Search, "keys", deleted_once)

    assert send(mailoutbox) == (["Second"], 1)
    assert {match.search for match in SavedMatch.objects.all()} == {two_due[1]}
    assert send(mailoutbox) == (["First"], 0)
