"""What a page answers if its session cannot be saved."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, OperationalError

from profiles.sessions import PRECISION, SEEN_AT
from tests.site import person, sign_in


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "status"), [(OperationalError("gone"), 503), (DatabaseError("no row"), 400)])
def test_a_database_that_is_away_is_not_taken_for_a_session_that_was_ended(error, status, client, monkeypatch):
    sign_in(client, person())
    session = client.session
    session[SEEN_AT] = time.time() - 2 * PRECISION.total_seconds()  # so that the next page notes the use
    session.save()

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(Session, "save", fail)
    client.raise_request_exception = False

    assert client.get("/").status_code == status
