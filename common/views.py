"""A draft on a page of its own, and throwing one away."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from common import drafts
from common.models import Draft
from common.redirects import back


def _own(request, key):
    return get_object_or_404(Draft.objects.of(request.user), pk=key)


@require_safe
def draft(request, key):
    """What was typed, field by field, with a button that sends it again: for forms that cannot show it themselves."""
    return render(request, "drafts/draft.html", {"draft": _own(request, key)})


@drafts.act(lambda key: "home")
def discard(request, key):
    found = _own(request, key)
    path = found.address() if not found.is_of_admin else found.path
    drafts.forget(request, Draft.objects.filter(pk=found.pk))
    return back(request, path)
