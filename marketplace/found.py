"""How public pages are found from outside: what they tell search engines and link previews, robots.txt and sitemaps.

It comes from what a visitor reads on the page, whoever asks for it, so it holds nothing of certifications.
"""

import json
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from common.mail.letters import absolute
from profiles.models import Profile
from profiles.viewer import Viewer


class Found(NamedTuple):
    """What a public page tells of itself. `data` is JSON-LD, or ""."""

    title: str
    description: str
    address: str
    type: str = "website"
    data: str = ""


# The public pages without a subject of their own, by the name of their address: title and description.
PAGES = {
    "home": (
        "Find freelancers and agencies for your next project",
        "Find people and teams across the United States and beyond. See what they do, where they are and their rates.",
    ),
    "directory": ("Talent", "Search freelancers and agencies by skill, name, place and hourly rate."),
    "certifications:guide": (
        "Diversity certification",
        "What diversity certification of a U.S. business is, who can see it here, and how to get certified.",
    ),
    "impact:impact": (
        "Impact of certification",
        "What showing certifications does to freelancers, agencies and clients, as we measure it.",
    ),
    "terms": ("Terms of service", "What you agree to when you use the marketplace."),
    "privacy": ("Privacy policy", "What the marketplace stores about you, who can see it, and how to delete it."),
}
SECURITY_TXT_HOLDS = timedelta(days=180)  # RFC 9116 recommends less than a year
LONGEST_DESCRIPTION = 155  # what search engines show
# In a script element nothing may look like markup. As django.utils.html.json_script does it.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


def page_of(name: str) -> Found | None:
    """Return what the page with that name of an address tells, or None if it is not in the table."""
    return Found(*PAGES[name], absolute(reverse(name))) if name in PAGES else None


def found_of(profile: Profile) -> Found:
    """Return what the page of `profile` tells."""
    address = absolute(profile.get_absolute_url())
    return Found(profile.name, description_of(profile), address, type="profile", data=data_of(profile))


def description_of(profile: Profile) -> str:
    """Return one or two sentences about `profile`, for lists of search results."""
    kind = profile.get_kind_display()
    about = profile.headline or profile.overview or ", ".join(profile.skills[:5])
    said = f"{kind} in {profile.location}. {' '.join(about.split())}".strip()
    return said if len(said) <= LONGEST_DESCRIPTION else f"{said[: LONGEST_DESCRIPTION - 1].rstrip()}…"


def data_of(profile: Profile) -> SafeString:
    """Return what schema.org calls a person or an organization, and the way to the page, as JSON-LD."""
    address = absolute(profile.get_absolute_url())
    place = {"addressLocality": profile.city, "addressRegion": profile.state, "addressCountry": profile.country}
    about: dict[str, Any] = {
        "@type": "Organization" if profile.is_agency else "Person",
        "@id": f"{address}#about",
        "name": profile.name,
        "url": address,
        "description": description_of(profile),
        "address": {"@type": "PostalAddress"} | {name: value for name, value in place.items() if value},
    }
    if profile.photo:
        about["logo" if profile.is_agency else "image"] = absolute(profile.photo_url)
    if profile.headline and not profile.is_agency:
        about["jobTitle"] = profile.headline
    if profile.skills:
        about["knowsAbout"] = profile.skills
    if profile.languages:
        about["knowsLanguage"] = profile.languages
    steps = [("Marketplace", absolute("/")), ("Talent", absolute(reverse("directory"))), (profile.name, address)]
    trail = [
        {"@type": "ListItem", "position": number, "name": name, "item": url}
        for number, (name, url) in enumerate(steps, 1)
    ]
    graph = [about, {"@type": "BreadcrumbList", "itemListElement": trail}]
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))  # noqa: S308 # escaped as a script element needs it


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers should leave alone: pages of accounts, and the directory's countless searches."""
    lines = ["User-agent: *", "Disallow: /accounts/", "Disallow: /admin/", "Disallow: /talent/?"]
    lines.append(f"Sitemap: {absolute(reverse('sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness, as RFC 9116 wants it, if the settings say where."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    until = timezone.now().date() + SECURITY_TXT_HOLDS
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {until:%Y-%m-%d}T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {absolute(reverse('security'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


class OurSitemap(Sitemap):
    """A part of the sitemap, with the addresses under which the site is known."""

    limit = 10_000
    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class Pages(OurSitemap):
    def items(self) -> list[str]:
        return list(PAGES)

    def location(self, item: str) -> str:
        return reverse(item)


class Profiles(OurSitemap):
    """The profiles of one kind that a visitor sees."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def items(self) -> QuerySet[Profile]:
        return (
            Profile.objects.visible_to(Viewer())
            .filter(kind=self.kind)
            .only("kind", "slug", "updated_at")
            .order_by("pk")
        )

    def lastmod(self, item: Profile) -> Any:
        return item.updated_at


PARTS = {
    "pages": Pages(),
    "freelancers": Profiles(Profile.Kind.FREELANCER),
    "agencies": Profiles(Profile.Kind.AGENCY),
}
