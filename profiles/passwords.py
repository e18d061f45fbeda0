"""What a new password has to be, in words that say what to do, and who signs in without one."""

import re
from typing import NamedTuple

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from common.hooks import Hook
from profiles.models import User


class OtherWay(NamedTuple):
    """Another way to sign in than by a password, such as through one's organization."""

    words: str
    url: str
    again_url: str  # to confirm that it is still the person
    is_required: bool  # so that a password does not do


other_ways = Hook()  # called with a person; answers an OtherWay or None


def other_way(user: User) -> OtherWay | None:
    """Return the other way in which `user` can sign in, if there is one."""
    return next(filter(None, other_ways(user)), None)


# Whoever guesses a password of this site tries these first, with digits and signs between and around them.
WORDS_OF_THIS_SITE = (
    "admin", "agency", "certificate", "certification", "certified", "client", "diversity", "freelance", "freelancer",
    "marketplace", "password", "profile", "reviewer", "staff", "talent", "welcome",
)  # fmt: skip
ONLY_WORDS_OF_THIS_SITE = re.compile(rf"[\W\d_]*(?:(?:{'|'.join(WORDS_OF_THIS_SITE)})s?[\W\d_]*)+", re.IGNORECASE)


class Length(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"Use at least {self.min_length} characters"


class Uncommon(password_validation.CommonPasswordValidator):
    """Refuses the passwords that leaked most often, and those made of nothing but words of this site."""

    def validate(self, password: str, user: User | None = None) -> None:
        super().validate(password, user)
        if ONLY_WORDS_OF_THIS_SITE.fullmatch(password):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def get_error_message(self) -> str:
        return "Many people use this password. Choose one that's harder to guess."


class UnlikeThePerson(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return "Choose a password that isn't like your name or email address"
