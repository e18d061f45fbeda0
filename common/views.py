"""A page for a draft, and the button that discards it."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from common import drafts
from common.models import Draft
from common.redirects import back
from common.requests import Request


def _own(request: Request, key: UUID) -> Draft:
    return get_object_or_404(Draft.objects.of(request.user), pk=key)


@require_safe
def draft(request: Request, key: UUID) -> HttpResponse:
    """Show what was typed, field by field, with a button that sends it again: for forms that cannot show it."""
    return render(request, "drafts/draft.html", {"draft": _own(request, key)})


@drafts.act(lambda key: "home")
def discard(request: Request, key: UUID) -> HttpResponseRedirect:
    found = _own(request, key)
    path = found.address() if not found.is_of_admin else found.path
    drafts.forget(request, Draft.objects.filter(pk=found.pk))
    return back(request, path)
