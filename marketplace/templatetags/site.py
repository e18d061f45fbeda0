"""What every template may use. What stays the same for the life of a process is made once in it."""

from functools import cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()


@cache
def _icon(name):
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), name)


@cache
def _assets(debug):
    return render_to_string("components/assets.html")


@cache
def _footer():
    return render_to_string("components/footer.html")


@register.simple_tag
def icon(name):
    """A symbol of `static/icons.svg`. It is decoration: say the same in words beside it."""
    return _icon(name)


@register.simple_tag
def assets():
    """The links to style sheets and scripts."""
    return _assets(settings.DEBUG)


@register.simple_tag
def footer():
    """What stands below every page."""
    return _footer()


@register.inclusion_tag("components/form_errors.html")
def error_summary(*forms):
    """What is wrong in `forms` (or lists of them), each linked to its field; nothing if all is well.

    Of several forms that have a name of their own (`about`), each error begins with it.
    """
    links = []
    forms = list(_flat(forms))
    for form in forms:
        about = f"{form.about}, " if len(forms) > 1 and hasattr(form, "about") else ""
        links += [("", f"{about}{error}") for error in form.non_field_errors()]
        for field in form:
            target = f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
            colon = "" if field.label.endswith(("?", ".")) else ":"
            label = f"{field.label[:1].lower()}{field.label[1:]}" if about else field.label
            links += [(target, f"{about}{label}{colon} {error}") for error in field.errors]
    return {"links": links}


def _flat(forms):
    for form in forms:
        if isinstance(form, list):
            yield from form
        elif form:
            yield form


@register.filter
def in_days(duration):
    """A timedelta to read: "3 hours", "1 day", "12 days"."""
    days, seconds = duration.days, duration.seconds
    count, unit = (days, "day") if days else (seconds // 3600, "hour")
    return f"{count} {unit}{'' if count == 1 else 's'}" if count else "less than an hour"
