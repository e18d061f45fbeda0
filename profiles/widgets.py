"""Form controls for cases where Django's own are too slow, or lose what was typed."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.choices import BaseChoiceIterator
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


class FixedChoices(BaseChoiceIterator):
    """Choices that never change while the process lives: made once, and shared by all forms instead of copied."""

    def __init__(self, make: Callable[[], Iterable[tuple[Any, Any]]]) -> None:
        """`make` returns pairs of value and label, or of a heading and the list of pairs under it."""
        self._make = make

    @cached_property
    def _choices(self) -> list[tuple[Any, Any]]:
        return list(self._make())

    @cached_property
    def html(self) -> SafeString:
        """An `<option>` for each choice, none of them selected."""
        return format_html_join(
            "",
            "{}",
            (
                [format_html('<optgroup label="{}">{}</optgroup>', value, _options(label))]
                if isinstance(label, list)
                else [_options([(value, label)])]
                for value, label in self._choices
            ),
        )

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return iter(self._choices)

    def __copy__(self) -> "FixedChoices":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "FixedChoices":
        return self


def _options(pairs: Iterable[tuple[str, str]]) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', pairs)


class LongSelect(forms.Select):
    """A drop-down of many FixedChoices.

    Django renders a template for each option: for all countries that costs several times the page around them.
    """

    choices: FixedChoices

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = f'value="{escape("" if value is None else value)}">'
        options = self.choices.html.replace(chosen, f"{chosen[:-1]} selected>", 1)
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        # The options were escaped when they were made, and so was the chosen value.
        return format_html("<select{}>{}</select>", attributes, mark_safe(options))  # noqa: S308
