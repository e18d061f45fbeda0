"""Letters: an email's template, found by name, gives the subject, the HTML and the text."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string


class Letter(NamedTuple):
    """The content of an email: `subject`, `text`, `html`, and headers besides the usual ones."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = {}


def absolute(path: str) -> str:
    """The address of a path of this site, for those who are not on it."""
    return f"{settings.SITE_URL}{path}"


def letter(name: str, context: Mapping[str, Any], *, stop: str = "") -> Letter:
    """Return the Letter that `templates/mail/{name}.html` makes of `context`.

    `context` holds `recipient`, the User who gets it, if there is one. `stop`: a path that stops such emails for them.
    """
    headers = {}
    if stop:
        # One click in the mail program. Source: RFC 8058.
        headers = {
            "List-Unsubscribe": f"<{absolute(stop)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    added = {"stop": stop and absolute(stop), "site": absolute("/")}
    html = render_to_string(f"mail/{name}.html", {**context, **added})
    read = _Reader(html)
    return Letter(read.subject, read.text, html, headers)


class _Reader(HTMLParser):
    """The subject of an email's HTML, which is its title, and what the HTML says, as `text`.

    A paragraph or list has an empty line before it, an item starts with a dash, and a link's address stands on the line
    after its words. All other line breaks come from the template's layout or were typed in a name, and are spaces.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.subject = ""
        self._pieces: list[str] = []
        self._link = ""  # the address of the link that is being read
        self._link_starts = 0
        self.feed(html)
        self.close()
        self.text = self._joined()

    def _joined(self) -> str:
        lines = re.sub(r" *\n *", "\n", "".join(self._pieces))
        return re.sub(r"\n{3,}", "\n\n", lines).strip()

    def handle_data(self, data: str) -> None:
        self._pieces.append(re.sub(r"\s+", " ", data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag:
            case "body":
                self._pieces.clear()
            case "p" | "ul":
                self._pieces.append("\n\n")
            case "li":
                self._pieces.append("\n- ")
            case "br":
                self._pieces.append("\n")
            case "a":
                self._link, self._link_starts = dict(attrs)["href"] or "", len(self._pieces)

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "title":
                self.subject = self._joined()
            case "p" | "ul":
                self._pieces.append("\n\n")
            case "a":
                words = "".join(self._pieces[self._link_starts :]).strip()
                self._pieces.append("\n" if words == self._link else f":\n{self._link}\n")
