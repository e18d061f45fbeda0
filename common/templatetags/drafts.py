"""What every form of the site carries, and what is told of drafts above a page."""

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from common import drafts

register = template.Library()


class FormTokensNode(CsrfTokenNode):
    """Django's token against forged requests, with who the form is shown to and the draft it shows."""

    def render(self, context):
        html = super().render(context)
        request = getattr(context, "request", None)
        token = drafts.token_for(request) if html and request else ""
        if token:
            html += format_html('<input type="hidden" name="{}" value="{}">', drafts.TYPED_BY, token)
            if draft := drafts.asked_for(request):
                html += format_html('<input type="hidden" name="{}" value="{}">', drafts.DRAFT, draft.pk)
        return html


@register.tag
def csrf_token(parser, token):
    """Takes the place of Django's tag everywhere, so that no form can be without the rest."""
    return FormTokensNode()


@register.simple_tag(takes_context=True)
def error_prefix(context):
    """What the title of a page begins with where a form has to be corrected."""
    request, form = getattr(context, "request", None), context.get("form")
    is_wrong = (request and drafts.has_errors(request)) or getattr(form, "errors", None)
    return "Error: " if is_wrong else ""


@register.inclusion_tag("drafts/notices.html", takes_context=True)
def draft_notices(context):
    """That the form below was not saved, and what else waits since a session was lost."""
    request = context.request
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
