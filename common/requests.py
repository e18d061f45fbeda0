"""A request as the site's middleware hands it to views."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

if TYPE_CHECKING:
    from django.forms import BaseForm

    from common.models import Draft


class Request(HttpRequest):
    """Django's request with `htmx`, and with what `common.drafts` keeps on it while it is answered."""

    htmx: HtmxDetails
    typed_by_token: str
    draft: "Draft | None"
    shown_draft: "Draft"
    filled_forms: "dict[tuple[type[BaseForm], str | None], BaseForm]"
    is_undone: bool
