"""Cleaning of what people type and paste, in one place: the text fields of every form and model of the site."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from common.characters import DIGITS, TYPEWRITER, UNSEEN

LINE_BREAKS = re.compile("\r\n|[\r\n\v\f\x85\u2028\u2029]")
INVISIBLE = re.compile(f"[{UNSEEN}]")
# Scripts that are written with joiners: Arabic and its neighbors, those of India, Myanmar, Khmer and Mongolian.
JOINED = re.compile("[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ua840-\ua8ff\ufb50-\ufdff\ufe70-\ufefc]")
IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
KEYCAP = "\u20e3"  # the frame round a digit
FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007f]+$")  # a region's: a black flag and letters that cannot be seen
# Bullets that word processors write with a letter of a font of their own.
BULLETS = str.maketrans(dict.fromkeys("\uf0a7\uf0a8\uf0b7\uf0d8\uf0fc", "•"))
# Controls but tab and line feed, halves of characters, letters of private fonts, and what is no character at all.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff]"
    f"|[{''.join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 15))}]"
)
REMEMBERED = 12  # letters before a forbidden character, by which its place is told


def clean(text: str, *, lines: bool = False) -> str:
    """Return `text` as it is stored: without invisible characters, with plain spaces, and with accents composed.

    Line breaks of every kind become line feeds with `lines`, else spaces. What is visible stays, such as ™ and ½.
    Raise ValidationError for a character that cannot be stored, and say where it is.
    """
    text = _as_seen(text, lines)
    if found := FORBIDDEN.search(text):
        raise ValidationError(_told(text, found.start(), lines), code="forbidden")
    return unicodedata.normalize("NFC", text)


def readable(text: str) -> str:
    """Return `text` cleaned as by `clean`, on one line with single spaces, and without what cannot be stored.

    For text that no one can correct, such as a cell of a published table.
    """
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", FORBIDDEN.sub(" ", _as_seen(text, lines=False)))
    return " ".join(text.split())


def typewritten(text: str) -> str:
    """Return `text` as `readable`, with letters, digits, dashes and quotes as on a typewriter: to parse, not to store.

    Full-width letters become plain ones, the digits of every script 0 to 9, and every dash a hyphen.
    """
    text = readable(text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).translate(TYPEWRITER).translate(DIGITS)
    return " ".join(text.split())


def with_article(noun: str) -> str:
    """Return an English noun with its article, such as "an admin"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _as_seen(text: str, lines: bool) -> str:
    """Return `text` without invisible characters, with plain spaces and line feeds."""
    text = LINE_BREAKS.sub("\n" if lines else " ", text)
    text = INVISIBLE.sub(_meaningful, text.translate(BULLETS))
    text = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in text)
    return text if lines else text.replace("\t", " ")


def _meaningful(found: re.Match[str]) -> str:
    """Return the invisible character if it changes its neighbors, else ""."""
    mark, before, after = found[0], found.string[: found.start()], found.string[found.end() :][:1]
    letter = before[-1:]
    match mark:
        case "\u200c":  # parts letters that would be joined, as in Persian
            is_kept = JOINED.match(letter) and JOINED.match(after)
        case "\u200d":  # makes one sign of two, of letters or of emoji
            is_kept = JOINED.match(letter) or (_is_emoji(letter) and _is_emoji(after))
        case "\ufe0e" | "\ufe0f":
            is_kept = _is_emoji(letter) or after == KEYCAP
        case "\ufe00" | "\ufe01" | "\ufe02":
            is_kept = IDEOGRAPH.match(letter)
        case "\u180b" | "\u180c" | "\u180d" | "\u180f":
            is_kept = JOINED.match(letter)
        case _:
            is_kept = (IDEOGRAPH.match(letter) and mark >= "\U000e0100") or FLAG.search(before[-8:] + mark)
    return mark if is_kept else ""


def _is_emoji(letter: str) -> bool:
    return letter == "\ufe0f" or (letter != "" and unicodedata.category(letter) in ("So", "Sk", "Sm", "Cn"))


def _told(text: str, place: int, lines: bool) -> str:
    """Return a sentence that says where the character at `place` is."""
    number = text.count("\n", 0, place) + 1
    where = f"Line {number}" if lines and "\n" in text else "This"
    before = text[:place].rpartition("\n")[2].strip()
    cut = "…" if len(before) > REMEMBERED else ""
    after = f"after “{cut}{before[-REMEMBERED:].lstrip()}”" if before else "at its start"
    return f"{where} has a character that can't be kept, {after}. Delete it and type it again."


def _number(part: Any) -> Any:
    return f"{part:,}" if isinstance(part, int) else part


class TextField(forms.CharField):
    """Text of one line, or of several in a box with lines: cleaned, and too long a text is rejected instead of cut."""

    @property
    def has_lines(self) -> bool:
        return isinstance(self.widget, forms.Textarea)

    default_error_messages = {
        "max_length": "Use at most %(limit_value)s characters. You entered %(show_value)s.",
    }

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return super().to_python(value)
        return super().to_python(clean(str(value), lines=self.has_lines))

    def run_validators(self, value: Any) -> None:
        """Check `value`. Errors write numbers with commas."""
        try:
            super().run_validators(value)
        except ValidationError as refused:
            for error in refused.error_list:
                error.params = {name: _number(part) for name, part in (error.params or {}).items()}
            raise

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return the attributes without `maxlength`, at which browsers cut pasted text without a message."""
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class EmailField(forms.EmailField):
    """An email address, cleaned like all text: a pasted one often contains invisible characters."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value if value in self.empty_values else clean(str(value)))


class _Typed:
    """A column for typed text. Migrations see Django's own field."""

    typed_in: type[forms.CharField] = TextField
    plain: str  # Django's class
    choices: Any

    def deconstruct(self) -> tuple[str, str, list, dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.plain}", args, kwargs

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        if self.choices is None:
            kwargs.setdefault("form_class", self.typed_in)
        return super().formfield(**kwargs)


class Line(_Typed, models.CharField):
    plain = "CharField"


class Lines(_Typed, models.TextField):
    plain = "TextField"


class Address(_Typed, models.EmailField):
    plain = "EmailField"
    typed_in = EmailField
