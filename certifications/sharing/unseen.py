"""The words that say why clients do not see a certification, and the links that may change it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from certifications.models import Certification
from certifications.models.choices import RENEWAL_GRACE
from certifications.models.record_queries import CertificationQuerySet
from common.translation import untranslated
from rollout.models import RolloutPolicy


class Link(NamedTuple):
    """A link to a remedy."""

    address: str
    words: str


def remedies(record: Certification) -> list[Link]:
    """Return the links that may let clients see `record` (from `with_status`) again."""
    profile = record.profile
    links = []
    for remedy in record.unmet.remedies if record.unmet else ():
        if remedy.page != "renewal" or can_file_renewal(record):
            place = [profile.kind, profile.slug, *([] if remedy.is_of_profile else [record.pk])]
            links.append(Link(reverse(f"certifications:{remedy.page}", args=place) + remedy.part, remedy.words))
    return links


def can_file_renewal(record: Certification) -> bool:
    """Return True if a declared renewal would let clients see an expired record again."""
    if record.expires_on is None or record.renewal_filed_on:
        return False
    return record.profile.today() <= record.expires_on + RENEWAL_GRACE


def reason(record: Certification, *, is_one: bool = True) -> SafeString:
    """Return a sentence with the reason why clients do not see `record` (from `with_status`), and its remedies.

    If `is_one`, the sentence calls the record "it".
    """
    called = "it" if is_one else untranslated(record.label)
    links = format_html_join(" · ", '<a href="{}">{}</a>', remedies(record))
    return format_html("Clients can't see {} because {}. {}", called, record.because, links)


def with_reasons(said: str, records: CertificationQuerySet, policy: RolloutPolicy) -> SafeString:
    """Return `said`, followed by the `reason` of each of `records` that no client sees."""
    return _told(said, _with_status(records, policy))


def _with_status(records: CertificationQuerySet, policy: RolloutPolicy) -> list[Certification]:
    return list(records.with_status(policy).for_display().select_related("profile"))


def _told(said: str, records: Sequence[Certification]) -> SafeString:
    reasons = [reason(record, is_one=len(records) == 1) for record in records if record.unseen_because]
    return format_html_join(" ", "{}", ((sentence,) for sentence in [said, *reasons]))
