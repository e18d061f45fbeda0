"""Stopping a kind of email with the link in it, without signing in."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from certifications.mail import stopping
from certifications.mail.sending import read_stop_link


@login_not_required
@csrf_exempt  # mail programs post here with nothing but the link; source: RFC 8058
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, stop on POST. The page does not reveal what the email was about, or whether that still exists."""
    found = read_stop_link(token)
    if found is None:
        raise Http404
    name, keys = found
    kind = stopping.kinds()[name]
    if request.method == "POST":
        kind.stop(*keys)
    context = {"what": kind.words, "is_stopped": request.method == "POST"}
    return render(request, "certifications/stop_mail.html", context)
