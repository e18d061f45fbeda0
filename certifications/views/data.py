"""All certification data of a profile: its history, a copy to keep, and its erasure."""

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certifications.data import copy, erasure
from certifications.data.history import history_for_editors
from certifications.views.access import for_editors
from common import drafts
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest

ENTRIES_A_PAGE = 100


class EraseForm(forms.Form):
    understood = forms.BooleanField(
        label="Delete everything listed here. I understand that it can't be restored.",
        error_messages={"required": "Confirm that you want to delete everything listed here"},
    )


@require_safe
@for_editors
def history(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    """Show everything that happened, newest first, and which editor did it."""
    page = Paginator(history_for_editors(profile), ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "certifications/history.html", {"profile": profile, "page": page})


@require_safe
@for_editors
def copy_page(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    tables = copy.tables(profile)
    context = {"profile": profile, "tables": tables, "summary": copy.summary(tables)}
    return render(request, "certifications/copy.html", context)


@require_safe
@for_editors
def copy_csv(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    # With a byte order mark, by which spreadsheets know UTF-8.
    response = HttpResponse(copy.as_csv(profile).encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="certifications-{profile.slug}.csv"'
    return response


@require_safe
@for_editors
def copy_json(request: SignedInPolicyRequest, profile: Profile) -> JsonResponse:
    response = JsonResponse(copy.as_json(profile), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="certifications-{profile.slug}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
@reauthentication_required
def erase(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    """Show what will be erased, then erase it. Opening the page already asks for the password or a code."""
    form = drafts.form(request, EraseForm)
    if request.method == "POST" and form.is_valid():
        if erasure.erase(profile, by=request.user):
            messages.success(request, "All your certification data is deleted. We sent you an email to confirm it.")
        else:
            messages.info(request, "There was nothing left to delete.")
        return redirect(profile)
    context = {"profile": profile, "form": form, "what_goes": erasure.what_goes(profile)}
    return render(request, "certifications/erase.html", context)
