"""Editing a profile section by section: in the page with script, on a page of its own without."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from common import drafts
from profiles.forms import SECTIONS, WorkHistoryForm
from profiles.models import Profile, WorkHistory
from profiles.pages import positions
from profiles.views.access import for_editors

TOLD_ELSEWHERE = ("header", "details")  # parts of the page whose words stand in others, too


def _closed(request, profile, section, *, control, words="", **context):
    """The section as it is now, in place of its form; without script, the whole page.

    `control`: which of the section's controls opened the form, and gets the focus back.
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


def _form_page(request, profile, form, heading, *, section, name=None):
    template = "profiles/edit.html#form" if request.htmx else "profiles/edit.html"
    context = {"profile": profile, "name": name or profile.name, "form": form, "heading": heading, "section": section}
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@for_editors
def edit(request, profile, section):
    if section not in SECTIONS:
        raise Http404
    heading, form_class, place = SECTIONS[section]
    if request.method != "POST":
        if "cancel" in request.GET:
            return _closed(request, profile, place, control=section)
        name = profile.name  # a form with what was typed changes it
        form = drafts.form(request, form_class, instance=profile)
        return _form_page(request, profile, form, heading, section=place, name=name)
    with transaction.atomic():
        # Held, so that of two photos sent at once the one that loses is deleted too.
        profile = get_object_or_404(Profile.objects.select_for_update(no_key=True), pk=profile.pk)
        name, old_photo = profile.name, profile.photo.name
        form = drafts.form(request, form_class, instance=profile)
        if form.is_valid():
            # Only this section's columns, so that two people editing two sections lose nothing.
            form.save(commit=False).save(update_fields=[*form.Meta.fields, "updated_at"])
            if old_photo and old_photo != profile.photo.name:
                transaction.on_commit(partial(profile.photo.storage.delete, old_photo))
    if form.is_valid():
        return _closed(request, profile, place, control=section, words=f"{heading}: saved.")
    return _form_page(request, profile, form, heading, section=place, name=name)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@for_editors
def history_add(request, profile):
    return _history(request, profile, WorkHistory(profile=profile), "Add to the work history", control="history")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@for_editors
def history_edit(request, profile, pk):
    position = get_object_or_404(WorkHistory, profile=profile, pk=pk)
    return _history(request, profile, position, "Edit the work history", control=pk)


def _history(request, profile, position, heading, *, control):
    form = drafts.form(request, WorkHistoryForm, instance=position)
    words = ""
    if form.is_valid():
        with transaction.atomic():
            # Held, so that two clicks add one.
            Profile.objects.select_for_update(no_key=True).get(pk=profile.pk)
            said = {name: form.cleaned_data[name] for name in form.Meta.fields}
            if position.pk or not profile.work_history.filter(**said).exists():
                form.save()
        words = "Work history: saved."
    if words or "cancel" in request.GET:
        return _closed(request, profile, "history", control=control, words=words, positions=positions(profile))
    return _form_page(request, profile, form, heading, section="history")


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def history_delete(request, profile, pk):
    position = get_object_or_404(WorkHistory, profile=profile, pk=pk)
    if request.method == "POST":
        position.delete()
        messages.success(request, f"“{position.title}” is removed.")
        return redirect(profile)
    context = {
        "heading": f"Remove “{position.title}”?",
        "message": "It is removed from your work history for good.",
        "action": "Remove",
        "back": profile.get_absolute_url(),
        "profile_name": profile.name,
    }
    return render(request, "components/confirm.html", context)
