"""Marks what a browser must not translate: names, numbers, addresses and acronyms."""

from html import unescape
from string import Formatter

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe


def untranslated(text: object) -> SafeString:
    """Return `text` as HTML that is not translated. In a template write `translate="no"` instead."""
    return format_html('<bdi translate="no">{}</bdi>', text)


class _WithNames(Formatter):
    def format_field(self, value: object, spec: str) -> SafeString:
        return untranslated(value)


def with_names(sentence: str, *names: object, **called: object) -> SafeString:
    """Return `sentence` as HTML, with names in place of its braces (as in `str.format`), none of them translated."""
    html = _WithNames().vformat(sentence, names, called)
    return mark_safe(html)  # noqa: S308 (what is put in is escaped)


def plain(html: str) -> str:
    """Return the text that a browser shows for `html`."""
    return unescape(strip_tags(html))
