"""The pages of a profile's section, for their side navigation."""

from typing import Any, NamedTuple

from django import template
from django.urls import reverse

register = template.Library()


class SectionPage(NamedTuple):
    """A page of the section: its symbol, its name and its address."""

    icon: str
    words: str
    address: str


# By the name of the address, in the order of the navigation.
FIRST = {"certifications:section": ("building", "Certifications")}
ONCE_ADDED = {
    "preview": ("eye", "View as…"),
    "certifications:seen_by": ("users", "Who viewed this"),
    "spend:received": ("list", "Counted in reports"),
    "certifications:blocks": ("eye-off", "Blocked clients"),
    "certifications:consent": ("toggle", "Permissions"),
    "certifications:history": ("clock", "History"),
}
LAST = {"certifications:copy": ("lock", "Your data")}


@register.simple_tag
def section_pages(profile: Any) -> list[SectionPage]:
    """Return the pages that have something on them: most are empty before a first certification.

    `profile` comes from `for_editors`, which asked whether there ever was one.
    """
    pages = FIRST | (ONCE_ADDED if profile.has_added else {}) | LAST
    place = [profile.kind, profile.slug]
    return [SectionPage(icon, words, reverse(name, args=place)) for name, (icon, words) in pages.items()]
