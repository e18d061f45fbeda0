"""Editing a profile section by section: in the page with script, on a page of its own without."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from profiles.forms import SECTIONS, WorkHistoryForm
from profiles.models import WorkHistory
from profiles.views.access import for_editors


def _saved(request, profile, words):
    messages.success(request, words)
    if request.htmx:
        return HttpResponseClientRedirect(profile.get_absolute_url())
    return redirect(profile)


def _form_page(request, profile, form, heading, **context):
    template = "profiles/edit.html#form" if request.htmx else "profiles/edit.html"
    return render(request, template, {"profile": profile, "form": form, "heading": heading, **context})


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@for_editors
def edit(request, profile, section):
    if section not in SECTIONS:
        raise Http404
    heading, form_class = SECTIONS[section]
    name, old_photo = profile.name, profile.photo.name
    form = form_class(request.POST or None, request.FILES or None, instance=profile)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            profile = form.save(commit=False)
            # Only this section's columns, so that two people editing two sections lose nothing.
            profile.save(update_fields=[*form.Meta.fields, "updated_at"])
            if old_photo and old_photo != profile.photo.name:
                transaction.on_commit(partial(profile.photo.storage.delete, old_photo))
        return _saved(request, profile, f"{heading}: saved.")
    profile.name = name  # what was typed and refused stays in the form
    return _form_page(request, profile, form, heading)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@for_editors
def history_add(request, profile):
    form = WorkHistoryForm(request.POST or None, instance=WorkHistory(profile=profile))
    if form.is_valid():
        form.save()
        return _saved(request, profile, "Added to your work history.")
    return _form_page(request, profile, form, "Add to the work history")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@for_editors
def history_edit(request, profile, pk):
    position = get_object_or_404(WorkHistory, profile=profile, pk=pk)
    form = WorkHistoryForm(request.POST or None, instance=position)
    if form.is_valid():
        form.save()
        return _saved(request, profile, "Work history: saved.")
    return _form_page(request, profile, form, "Edit the work history")


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
    }
    return render(request, "components/confirm.html", context)
