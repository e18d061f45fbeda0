"""Sessions in the database: the engine that the settings name."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError

from common.databases import is_unavailable


class SessionStore(db.SessionStore):
    """Django's own, which takes every error of saving for a session that someone ended, and lets the page answer 400.

    If the database is away, that is what the error says here, and the page answers 503.
    """

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError as error:
            if error.__context__ and is_unavailable(error.__context__):
                raise error.__context__ from error.__context__.__cause__
            raise
