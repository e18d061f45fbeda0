"""What a browser that translates a page must leave as it is: names, numbers, addresses and acronyms."""

from html import unescape
from string import Formatter

from django.utils.html import format_html, strip_tags
from django.utils.safestring import mark_safe


def untranslated(text):
    """`text` as HTML that is not translated. In a template write `translate="no"` instead."""
    return format_html('<bdi translate="no">{}</bdi>', text)


class _WithNames(Formatter):
    def format_field(self, value, spec):
        return untranslated(value)


def with_names(sentence, *names, **called):
    """`sentence` as HTML, with names in place of its braces (as `str.format` has them), none of them translated."""
    html = _WithNames().vformat(sentence, names, called)
    return mark_safe(html)  # noqa: S308 (what is put in is escaped)


def plain(html):
    """The text of `html` that a browser shows."""
    return unescape(strip_tags(html))
