"""Tags for every template. Parts that never change are rendered once in each process."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from django import template
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.options import Options
from django.forms import BaseForm
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

import marketplace.found
from common.days import in_days
from common.mail import letters
from marketplace.start_page import NAMES

register = template.Library()


@cache
def _icon(name: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name)


@cache
def _assets(debug: bool) -> SafeString:
    return render_to_string("components/assets.html")


@cache
def _footer() -> SafeString:
    return render_to_string("components/footer.html")


@register.filter
def menu_name(opts: Options) -> str:
    """Return what the menu of the administration calls the model with these options (its `_meta`)."""
    return NAMES[opts.label]


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return a symbol of `static/icons.svg`. It is decoration: put the same in words beside it."""
    return _icon(name)


@register.simple_tag
def assets() -> SafeString:
    """Return the links to style sheets and scripts."""
    return _assets(settings.DEBUG)


@register.inclusion_tag("components/found.html", takes_context=True)
def found(context):
    """What the page tells search engines and link previews: its view's `found_as`, or what the table of pages says."""
    match = getattr(context.get("request"), "resolver_match", None)
    page = context.get("found_as") or (match and marketplace.found.page_of(match.view_name))
    return {"page": page, "picture": letters.absolute(static("share.png"))}


@register.simple_tag
def footer() -> SafeString:
    """Return the footer of every page."""
    return _footer()


@register.inclusion_tag("components/form_errors.html")
def error_summary(*forms: BaseForm | list[BaseForm] | None) -> dict[str, list[tuple[str, str]]]:
    """List the errors of `forms` (or lists of forms), each linked to its field.

    If there are several forms, each error begins with the form's `about`.
    """
    links = []
    flat = list(_flat(forms))
    for form in flat:
        about = f"{form.about}, " if len(flat) > 1 and hasattr(form, "about") else ""
        links += [("", f"{about}{error}") for error in form.non_field_errors()]
        for field in form:
            target = f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
            label = f"{field.label[:1].lower()}{field.label[1:]}" if about else field.label
            links += [(target, f"{about}{_with_label(str(label), error)}") for error in field.errors.as_data()]
    return {"links": links}


def _with_label(label: str, error: ValidationError) -> str:
    """Return the words of `error`, after the label of its field unless they say by themselves what they are about.

    They do if something is missing, or if they have all words of the label, or one longer word of a question.
    """
    [words] = error.messages
    asked, said = _words(label), _words(words)
    is_question = label.endswith("?")
    names_it = any(len(word) > 4 for word in asked & said) if is_question else error.code == "required"
    if label.endswith(".") or asked <= said or names_it:
        return words
    return f"{label}{'' if is_question else ':'} {words}"


def _words(text: str) -> set[str]:
    return set(re.findall(r"[\w']+", text.lower()))


def _flat(forms: Iterable[BaseForm | list[BaseForm] | None]) -> Iterator[BaseForm]:
    for form in forms:
        if isinstance(form, list):
            yield from form
        elif form:
            yield form


register.filter("in_days", in_days)
