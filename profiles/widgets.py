"""Form controls that Django's own are too slow for."""

from functools import lru_cache

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe


@lru_cache(maxsize=32)
def _options(choices):
    return format_html_join("", '<option value="{}">{}</option>', choices)


class LongSelect(forms.Select):
    """A drop-down of many choices that stay the same, without groups.

    Django renders a template for each option: for all countries that costs several times the page around them.
    """

    def render(self, name, value, attrs=None, renderer=None):
        choices = tuple((str(key), str(label)) for key, label in self.choices)
        chosen = f'value="{escape("" if value is None else value)}">'
        options = _options(choices).replace(chosen, f"{chosen[:-1]} selected>", 1)
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        # The options were escaped when they were made, and so was the chosen value.
        return format_html("<select{}>{}</select>", attributes, mark_safe(options))  # noqa: S308
