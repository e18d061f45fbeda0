"""What every template may use. What stays the same for the life of a process is made once in it."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

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


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of `static/icons.svg`. It is decoration: say the same in words beside it."""
    return _icon(name)


@register.simple_tag
def assets() -> SafeString:
    """The links to style sheets and scripts."""
    return _assets(settings.DEBUG)


@register.simple_tag
def footer() -> SafeString:
    """What stands below every page."""
    return _footer()


@register.inclusion_tag("components/form_errors.html")
def error_summary(*forms: BaseForm | list[BaseForm] | None) -> dict[str, list[tuple[str, str]]]:
    """What is wrong in `forms` (or lists of them), each linked to its field; nothing if all is well.

    Of several forms that have a name of their own (`about`), each error begins with it.
    """
    links = []
    flat = list(_flat(forms))
    for form in flat:
        about = f"{form.about}, " if len(flat) > 1 and hasattr(form, "about") else ""
        links += [("", f"{about}{error}") for error in form.non_field_errors()]
        for field in form:
            target = f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
            colon = "" if field.label.endswith(("?", ".")) else ":"
            label = f"{field.label[:1].lower()}{field.label[1:]}" if about else field.label
            links += [(target, f"{about}{label}{colon} {error}") for error in field.errors]
    return {"links": links}


def _flat(forms: Iterable[BaseForm | list[BaseForm] | None]) -> Iterator[BaseForm]:
    for form in forms:
        if isinstance(form, list):
            yield from form
        elif form:
            yield form


@register.filter
def in_days(duration: timedelta) -> str:
    """A timedelta to read: "3 hours", "1 day", "12 days"."""
    days, seconds = duration.days, duration.seconds
    count, unit = (days, "day") if days else (seconds // 3600, "hour")
    return f"{count} {unit}{'' if count == 1 else 's'}" if count else "less than an hour"
