"""The way back from a page that interrupts another one."""

from django import template
from django.template import RequestContext
from django.urls import reverse

from common.redirects import page_of_ours

register = template.Library()


@register.simple_tag(takes_context=True)
def came_from(context: RequestContext) -> str:
    """Return the address of the page that led here, or of the home page if no page of ours did.

    The page's own form sends it along as `back`, so that it is the same after a mistake.
    """
    request = context.request
    address = page_of_ours(request, request.GET.get("back") or request.headers.get("Referer"))
    return reverse("home") if not address or address.startswith(request.path) else address
