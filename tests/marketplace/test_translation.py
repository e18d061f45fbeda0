"""A browser that translates a page leaves alone what is no word of a language: names, numbers, addresses, acronyms."""

import re
from html.parser import HTMLParser

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.utils.html import conditional_escape

from tests import hostile
from tests.site import MARK, every_page, marked_site, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

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


def test_no_message_lets_a_name_be_translated():
    site, people = marked_site()
    left, translated = 0, []
    for person, under in {"agency": "/agencies/", "client": "/sourcing/"}.items():
        browser = Browser()
        sign_in(browser, people[person], again=True)
        forms = {}
        for path in site.paths():
            if path.startswith(under) and (response := browser.get(path)).status_code == 200:
                found, _, _ = hostile.read(path, response.getvalue().decode(errors="ignore"))
                forms |= {form.shape: form for form in found if form.method == "POST" and form.path.startswith(under)}
        for form in forms.values():
            with transaction.atomic():
                response = browser.post(form.path, dict(form.fields), follow=True)
                for message in (response.context or {}).get("messages") or ():
                    page = Page(conditional_escape(message.message))
                    left += page.left
                    translated += page.translated
                transaction.set_rollback(True)

    assert left > 10
    assert translated == []
