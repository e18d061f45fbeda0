"""The tabs above the pages of one subject. The tab of the open page is marked."""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse


class Tab(NamedTuple):
    """A part of a subject: its app, the name of its first page, its words, and the names of the pages below it."""

    app: str
    name: str
    words: str
    below: frozenset[str] = frozenset()

    @property
    def url(self) -> str:
        return reverse(f"{self.app}:{self.name}")

    @property
    def pages(self) -> frozenset[str]:
        return self.below | {self.name}


def open_page(request: HttpRequest, app: str) -> str:
    """Return the name of the page of `app` that is open, or "" on any other."""
    match = request.resolver_match
    return match.url_name or "" if match and match.app_name == app else ""
