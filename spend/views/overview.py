"""What a client spent with certified businesses in a fiscal year."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rollout.middleware import SignedInPolicyRequest
from sourcing import access


@access.with_terms
@require_safe
def overview(request: SignedInPolicyRequest) -> HttpResponse:
    return render(request, "spend/overview.html")
