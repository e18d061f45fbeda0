"""The hidden fields of every form of the site, and the notices about drafts above a page."""

from typing import Any, cast

from django import template
from django.template import Context, RequestContext
from django.template.base import Parser, Token
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from common import drafts
from common.requests import Request

register = template.Library()


class FormTokensNode(CsrfTokenNode):
    """Django's CSRF token, with the account that the form is shown to and the draft that it shows."""

    def render(self, context: Context) -> str:
        html = super().render(context)
        request = getattr(context, "request", None)
        token = drafts.token_for(request) if html and request else ""
        if request and token:
            html += format_html('<input type="hidden" name="{}" value="{}">', drafts.TYPED_BY, token)
            if draft := drafts.asked_for(request):
                html += format_html('<input type="hidden" name="{}" value="{}">', drafts.DRAFT, draft.pk)
        return html


@register.tag
def csrf_token(parser: Parser, token: Token) -> FormTokensNode:
    """Replace Django's tag everywhere, so that no form can lack the other fields."""
    return FormTokensNode()


@register.simple_tag(takes_context=True)
def error_prefix(context: Context) -> str:
    """Return the beginning of a page's title if a form on it has to be corrected."""
    request, form = getattr(context, "request", None), context.get("form")
    is_wrong = (request and drafts.has_errors(request)) or getattr(form, "errors", None)
    return "Error: " if is_wrong else ""


@register.inclusion_tag("drafts/notices.html", takes_context=True)
def draft_notices(context: RequestContext) -> dict[str, Any]:
    """Return what to say about drafts: the form below is not saved, and what else waits since a session was lost."""
    request = cast(Request, context.request)
    if not request.user.is_authenticated:
        return {}
    shown = getattr(request, "shown_draft", None)
    waiting = [draft for draft in drafts.waiting(request) if draft not in (shown, context.get("draft"))]
    return {
        "request": request,
        "shown": shown if shown and shown.is_interrupted else None,
        "waiting": waiting,
        "asked_for": drafts.asked_for(request),
    }
