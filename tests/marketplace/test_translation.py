"""A browser that translates a page leaves alone what is no word of a language: names, numbers, addresses, acronyms."""

import re
from html.parser import HTMLParser

import pytest

from tests.site import MARK, every_page

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("every page")]

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
# What a browser translates beside the text between tags (HTML, "The translate attribute"), and what is read aloud.
ATTRIBUTES = {"abbr", "alt", "aria-description", "aria-label", "aria-roledescription", "label", "placeholder", "title"}


class Page(HTMLParser):
    """Where the mark stands in a page: `translated` tells of each place that a browser would translate."""

    def __init__(self, html):
        super().__init__()
        self.open, self.translated, self.left = [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        inherited = bool(self.open) and self.open[-1][1]
        is_left = {"no": True, "yes": False}.get(attributes.get("translate"), inherited)
        for name in ATTRIBUTES & set(attributes):
            self._note(attributes[name], is_left, f"{tag} {name}")
        if tag == "input" and attributes.get("type") in {"submit", "button", "reset"}:
            self._note(attributes.get("value", ""), is_left, "button")
        if tag not in VOID:
            self.open.append((tag, is_left))

    def handle_endtag(self, tag):
        while tag not in VOID and self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tag, is_left = self.open[-1] if self.open else ("", False)
        if tag not in {"script", "style", "textarea"}:  # what is typed into a box is not translated
            self._note(data, is_left, tag)

    def _note(self, text, is_left, where):
        if MARK.lower() not in text.lower():
            return
        if is_left:
            self.left += 1
        else:
            self.translated.append(f"{where}: {' '.join(text.split())}")


def test_no_page_lets_a_name_or_a_number_be_translated():
    found, left = {}, 0
    for (person, path), html in every_page().items():
        page = Page(html)
        left += page.left
        for words in page.translated:
            found.setdefault(re.sub(r"\d+", "#", words), f"{path} for {person}")
    # The administration's titles are Django's, of whose element no template can be given an attribute.
    found = {words: where for words, where in found.items() if not (words.startswith("title:") and "/admin/" in where)}

    assert left > 1000
    assert found == {}
