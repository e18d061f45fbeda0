"""The rules by which a client counts: in words, with every earlier version."""

from itertools import pairwise
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from spend.models import SavedRules
from spend.rules import Rules
from spend.saying import Names, Said, said
from spend.views.asked import Asked


class Version(NamedTuple):
    """A version of the rules, and what it changed."""

    saved: SavedRules
    changes: list[Said]


@access.with_terms
@require_safe
def rules(request: SignedInPolicyRequest) -> HttpResponse:
    asked = Asked.of(request)
    names = Names.read()
    context = {
        "asked": asked,
        "rules": said(asked.rules, names),
        "addressable": asked.saved.addressable.all() if asked.saved else [],
        "versions": _versions(asked, names),
    }
    return render(request, "spend/rules.html", context)


def _versions(asked: Asked, names: Names) -> list[Version]:
    """Return all versions, newest first, each with the rules that it changed."""
    saved = list(SavedRules.objects.filter(client=asked.client).select_related("saved_by"))
    spoken = [*(said(version.plain(), names) for version in saved), said(Rules(), names)]
    return [
        Version(version, [now for now, was in zip(rules, before, strict=True) if now != was])
        for version, (rules, before) in zip(saved, pairwise(spoken), strict=True)
    ]
