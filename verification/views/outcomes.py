"""The public page about the outcomes of reviews."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certifications import public_numbers


@login_not_required
@require_safe
def outcomes(request: HttpRequest) -> HttpResponse:
    """Show the outcomes of reviews in numbers that point to no business."""
    published = public_numbers.published()
    context = {"published": published, "fewest": public_numbers.FEWEST}
    if published and published.numbers["median_hours"]:
        context["median"] = timedelta(hours=published.numbers["median_hours"])
    return render(request, "verification/outcomes.html", context)
