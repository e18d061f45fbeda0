"""Each profile's disclosure, its statement to be a U.S. business, and its interest from another country."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from profiles.models import Profile
from profiles.places import UNITED_STATES


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Disclosure(models.Model):
    """A profile's answer. No row, or `NEVER_ASKED`, is not a "no"."""

    class Answer(models.TextChoices):
        NEVER_ASKED = "never_asked", "Not answered"
        DISCLOSED = "disclosed", "Disclosed"
        PREFERS_NOT_TO_SAY = "prefers_not_to_say", "I don't want to disclose this information"
        NOT_APPLICABLE = "not_applicable", "This is not applicable to me"

    profile = models.OneToOneField(Profile, models.CASCADE, related_name="disclosure")
    answer = models.CharField(max_length=20, choices=Answer, default=Answer.NEVER_ASKED)
    answered_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "answer about certification"
        verbose_name_plural = "answers about certification"

    def __str__(self) -> str:
        return f"{self.profile}: {self.get_answer_display()}"

    @property
    def is_open(self) -> bool:
        """True unless the profile prefers not to say or said that it is not applicable."""
        return self.answer in {self.Answer.NEVER_ASKED, self.Answer.DISCLOSED}

    @property
    def short_answer(self) -> str:
        """The answer in one line, for the rail."""
        if self.answer == self.Answer.PREFERS_NOT_TO_SAY:
            return "You chose not to disclose this."
        return "You said this is not applicable to you."

    @classmethod
    def of(cls, profile: Profile) -> "Disclosure":
        """Return the profile's disclosure, or an unsaved one with NEVER_ASKED."""
        return cls.objects.filter(profile=profile).first() or cls(profile=profile)


def registered_in_us(path: str = "") -> Q:
    """Return the condition that a profile's business counts as registered in the U.S.

    Its profile is in the U.S., or its editors stated it. `path` is the lookup from the filtered model to the profile.
    """
    return Q(**{f"{path}country": UNITED_STATES}) | Q(**{f"{path}us_business__isnull": False})


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class UsBusiness(models.Model):
    """A statement that the business is registered in the U.S., although its profile is elsewhere."""

    profile = models.OneToOneField(Profile, models.CASCADE, related_name="us_business")
    stated_at = models.DateTimeField(default=timezone.now)
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "statement that the business is registered in the U.S."
        verbose_name_plural = "statements that the business is registered in the U.S."

    def __str__(self) -> str:
        return f"{self.profile}: registered in the U.S."


class CountryInterest(models.Model):
    """A request by a profile outside the U.S. to be notified when its country is supported."""

    profile = models.OneToOneField(Profile, models.CASCADE, related_name="country_interest")
    country = models.CharField(max_length=2)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["country", "pk"]
        verbose_name = "interest from another country"
        verbose_name_plural = "interest from other countries"

    def __str__(self) -> str:
        return f"{self.profile}: {self.country}"
