"""The editor of a profile, section by section: within the page with JavaScript, on a page of its own without."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from common import drafts, unwanted
from profiles.forms import SECTIONS, WorkHistoryForm
from profiles.models import Profile, WorkHistory
from profiles.pages import positions
from profiles.viewer import SignedInRequest
from profiles.views.access import for_editors

TOLD_ELSEWHERE = ("header", "details")  # parts of the page whose words stand in others, too


def _closed(
    request: SignedInRequest, profile: Profile, section: str, *, control: str | int, words: str = "", **context: Any
) -> HttpResponse:
    """Return the section as it is now, in place of its form; without JavaScript, redirect to the whole page.

    `control` names the control of the section that opened the form, and gets the focus back.
    """
    if not request.htmx:
        if words:
            messages.success(request, words)
        return redirect(profile)
    context |= {
        "profile": profile,
        "url": profile.get_absolute_url(),
        "is_editor": True,
        "section": f"profiles/detail.html#{section}",
        "closed": control,
        "words": words,
    }
    response = render(request, "profiles/section.html", context)
    # The rest of the page that says the same, see the elements that wait for it in profiles/detail.html.
    return trigger_client_event(response, "profile-changed") if words and section in TOLD_ELSEWHERE else response


def _form_page(
    request: SignedInRequest, profile: Profile, form: BaseForm, heading: str, *, section: str, name: str | None = None
) -> HttpResponse:
    template = "profiles/edit.html#form" if request.htmx else "profiles/edit.html"
    context = {"profile": profile, "name": name or profile.name, "form": form, "heading": heading, "section": section}
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@for_editors
def edit(request: SignedInRequest, profile: Profile, section: str) -> HttpResponse:
    chosen = SECTIONS.get(section)
    if chosen is None:
        raise Http404
    if request.method != "POST":
        if "cancel" in request.GET:
            return _closed(request, profile, chosen.part, control=section)
        name = profile.name  # a form with what was typed changes it
        form = drafts.form(request, chosen.form, instance=profile)
        return _form_page(request, profile, form, chosen.heading, section=chosen.part, name=name)
    with transaction.atomic():
        # Held, so that of two photos sent at once the one that loses is deleted too.
        profile = get_object_or_404(Profile.objects.select_for_update(no_key=True), pk=profile.pk)
        name, old_photo = profile.name, profile.photo.name
        form = drafts.form(request, chosen.form, instance=profile)
        if form.is_valid():
            # Only this section's columns, so that two people editing two sections lose nothing.
            form.save(commit=False).save(update_fields=[*(form._meta.fields or ()), "updated_at"])
            if old_photo and old_photo != profile.photo.name:
                unwanted.delete_later("default", old_photo)
    if form.is_valid():
        return _closed(request, profile, chosen.part, control=section, words=f"{chosen.heading} saved")
    return _form_page(request, profile, form, chosen.heading, section=chosen.part, name=name)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@for_editors
def history_add(request: SignedInRequest, profile: Profile) -> HttpResponse:
    return _history(request, profile, WorkHistory(profile=profile), "Add to the work history", control="history")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@for_editors
def history_edit(request: SignedInRequest, profile: Profile, pk: int) -> HttpResponse:
    position = get_object_or_404(WorkHistory, profile=profile, pk=pk)
    return _history(request, profile, position, "Edit the work history", control=pk)


def _history(
    request: SignedInRequest, profile: Profile, position: WorkHistory, heading: str, *, control: str | int
) -> HttpResponse:
    form = drafts.form(request, WorkHistoryForm, instance=position)
    words = ""
    if form.is_valid():
        with transaction.atomic():
            # Held, so that two clicks add one.
            Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)
            said = {name: form.cleaned_data[name] for name in form.Meta.fields}
            if position.pk or not profile.work_history.filter(**said).exists():
                form.save()
        words = "Work history saved"
    if words or "cancel" in request.GET:
        return _closed(request, profile, "history", control=control, words=words, positions=positions(profile))
    return _form_page(request, profile, form, heading, section="history")


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def history_delete(request: SignedInRequest, profile: Profile, pk: int) -> HttpResponse:
    position = get_object_or_404(WorkHistory, profile=profile, pk=pk)
    if request.method == "POST":
        position.delete()
        messages.success(request, f"{position.title} removed")
        return redirect(profile)
    context = {
        "heading": f"Remove “{position.title}”?",
        "message": "This can't be undone.",
        "action": "Remove",
        "back": profile.get_absolute_url(),
        "profile_name": profile.name,
    }
    return render(request, "components/confirm.html", context)
