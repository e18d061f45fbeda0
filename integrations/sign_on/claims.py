"""What an identity provider said of a person, the same for every protocol."""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from allauth.socialaccount import app_settings
from allauth.socialaccount.providers.base import ProviderException


class BadProvider(ProviderException):
    """The provider doesn't do what it must. The text says what, for an admin of its client."""


class Claims(NamedTuple):
    """Who signed in at the provider. `is_verified` is None if it says nothing about the address."""

    subject: str
    email: str
    is_verified: bool | None
    name: str
    signed_in_at: datetime | None

    @property
    def uid(self) -> str:
        """The subject as accounts hold it: one that is too long for them as its digest."""
        if len(self.subject) <= app_settings.UID_MAX_LENGTH:
            return self.subject
        return sha256(self.subject.encode()).hexdigest()
