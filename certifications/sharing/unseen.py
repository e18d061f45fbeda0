"""Telling an owner why clients do not see a certification, and what would change that."""

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list

from certifications.models.choices import RENEWAL_GRACE
from common.translation import untranslated, with_names


def remedies(record):
    """The links that may let clients see `record` (from `with_status`) again: list of (address, words)."""
    profile = record.profile
    links = []
    for remedy in record.unmet.remedies if record.unmet else ():
        if remedy.page != "renewal" or can_file_renewal(record):
            place = [profile.kind, profile.slug, *([] if remedy.is_of_profile else [record.pk])]
            links.append((reverse(f"certifications:{remedy.page}", args=place) + remedy.part, remedy.words))
    return links


def can_file_renewal(record) -> bool:
    """Whether saying that its renewal is in progress would let clients see an expired record again."""
    return not record.renewal_filed_on and record.profile.today() <= record.expires_on + RENEWAL_GRACE


def reason(record, *, is_one=True) -> SafeString:
    """Why clients do not see `record` (from `with_status`), with its remedies, as a sentence; `is_one`: called "it"."""
    called = "it" if is_one else untranslated(record.label)
    links = format_html_join(" · ", '<a href="{}">{}</a>', remedies(record))
    return format_html("Clients can't see {} because {}. {}", called, record.because, links)


def with_reasons(said, records, policy):
    """`said`, and after it, for each of `records` (a queryset) that no client sees, its `reason`."""
    return _told(said, _with_status(records, policy))


def on_profile(records, policy):
    """What to tell of new `records` (a queryset): which are on the profile, and why clients do not see the others."""
    records = _with_status(records, policy)
    seen = [record.label for record in records if not record.unseen_because]
    listed = get_text_list(["{}"] * len(seen), "and")
    said = with_names(f"{listed} {'is' if len(seen) == 1 else 'are'} on your profile, as self-reported.", *seen)
    return _told(said if seen else "Saved.", records)


def _with_status(records, policy) -> list:
    return list(records.with_status(policy).for_display().select_related("profile"))


def _told(said, records) -> SafeString:
    reasons = [reason(record, is_one=len(records) == 1) for record in records if record.unseen_because]
    return format_html_join(" ", "{}", ((sentence,) for sentence in [said, *reasons]))
