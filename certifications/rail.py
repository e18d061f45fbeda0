"""What a profile's rail says of its certifications, for one viewer."""

from certifications import disclosures
from certifications.badges import Badge, badges_for_clients, by_type
from certifications.models import Certification, CountryInterest, Disclosure
from certifications.sharing import consents, pauses
from certifications.staff_reads import log_staff_read
from rollout.audience import audience_words


class Rail:
    """The section as `viewer` sees it on `profile`. Falsy when there is nothing to show: then no trace is left."""

    # Whether nothing is left to note: no client was shown anything, or that one was, today, is noted already.
    is_noted = True

    def __init__(self, profile, viewer, policy) -> None:
        self._policy = policy
        self.is_editor = viewer.edits(profile)
        self.is_for_client = not self.is_editor and not viewer.reads_certifications
        if self.is_for_client:
            self.badges, self.is_noted = badges_for_clients(profile, viewer, policy)
            return
        records = Certification.objects.visible_to(viewer, policy).filter(profile=profile).current()
        records = list(records.with_status(policy).with_step().for_display())
        self.badges = [Badge.with_status(record) for record in records]
        if self.is_editor:
            self.disclosure = Disclosure.of(profile)
            self.question = consents.open_question(profile, policy)
            self.pause = pauses.of(profile)
            self.is_in_us = disclosures.is_in_us(profile)
            if not self.is_in_us:
                self.has_interest = CountryInterest.objects.filter(profile=profile).exists()
        elif records:
            log_staff_read(viewer.user, records, profile.get_absolute_url())

    def __bool__(self):
        return self.is_editor or bool(self.badges)

    @property
    def groups(self):
        return by_type(self.badges)

    @property
    def audience(self):
        return audience_words(self._policy.audience)
