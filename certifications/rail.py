"""What a profile's rail says of its certifications, for one viewer."""

from itertools import groupby
from operator import attrgetter

from certifications.models import Certification, CountryInterest, Disclosure
from certifications.models.record import audience_now, audience_words
from certifications.staff_reads import log_staff_read


class Rail:
    """The section as `viewer` sees it on `profile`. Falsy when there is nothing to show: then no trace is left."""

    def __init__(self, profile, viewer):
        self.profile = profile
        self.is_editor = viewer.edits(profile)
        self.has_status = False
        records = Certification.objects.visible_to(viewer)
        if not records.query.is_empty():
            records = records.filter(profile=profile).for_display()
        if self.is_editor or viewer.reads_certifications:
            records = records.current().with_status()
            self.has_status = True
        self.certifications = list(records)
        if self.is_editor:
            self.disclosure = Disclosure.of(profile)
            if not profile.is_in_us:
                self.has_interest = CountryInterest.objects.filter(profile=profile).exists()
        elif self.certifications and viewer.reads_certifications:
            log_staff_read(viewer.user, self.certifications, profile.get_absolute_url())

    def __bool__(self):
        return self.is_editor or bool(self.certifications)

    @property
    def groups(self):
        return by_type(self.certifications)

    @property
    def audience(self):
        return audience_words(audience_now())


def by_type(certifications):
    """`certifications`, sorted by type, as a list of (type, its certifications)."""
    return [(type, list(group)) for type, group in groupby(certifications, attrgetter("type"))]
