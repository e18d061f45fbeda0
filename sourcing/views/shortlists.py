"""Shortlists that the members of a client keep together: each change is one row's, so that two at once lose nothing."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from common import drafts
from common.keys import key_of
from common.redirects import back, page_of_ours, with_query
from common.translation import untranslated, with_names
from common.undo import undoable
from profiles.models import Profile
from profiles.viewer import Viewer
from rollout.middleware import SignedInPolicyRequest
from sourcing import access, dealings, shortlists
from sourcing.forms.shortlists import MoveForm, NoteForm, RenameForm, ShortlistForm
from sourcing.models import Shortlist, ShortlistEntry
from sourcing.views.rows import of_client, remove_row, restore_row

PER_PAGE = 50


def _lists(viewer: Viewer) -> QuerySet[Shortlist]:
    """Return the client's shortlists, each with `size`, how many are on it."""
    kept = Count("entries", filter=Q(entries__removed_at=None))
    return Shortlist.objects.of(viewer).kept().annotate(size=kept)


def _new(request: SignedInPolicyRequest) -> Shortlist:
    return Shortlist(client_id=request.viewer.acts_for.pk, created_by=request.user)


@access.with_own_work
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedInPolicyRequest) -> HttpResponse:
    form = drafts.form(request, ShortlistForm, instance=_new(request))
    if request.method == "POST":
        made = form.made()
        if made:
            messages.success(request, with_names("{} created. Add to it from any result or profile.", made))
            return redirect("sourcing:shortlist", made.pk)
    context = {
        "form": form,
        "shortlists": _lists(request.viewer).select_related("created_by"),
        "removed": Shortlist.objects.of(request.viewer).removed().order_by("-removed_at"),
    }
    return render(request, "sourcing/shortlists.html", context)


@of_client(Shortlist)
@require_http_methods(["GET", "HEAD", "POST"])
def shortlist(request: SignedInPolicyRequest, chosen: Shortlist) -> HttpResponse:
    """The list; a POST renames it."""
    name = chosen.name
    form = drafts.form(request, RenameForm, instance=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                is_renamed = chosen.rename(chosen.name, was=form.cleaned_data["was"])
        except IntegrityError:
            form.add_error("name", "Your organization already has a shortlist with this name")
        else:
            if is_renamed:
                messages.success(request, with_names("Renamed to {}.", chosen.name))
                return redirect("sourcing:shortlist", chosen.pk)
            name = get_object_or_404(Shortlist.objects.kept(), pk=chosen.pk).name
            form.add_conflict(name)
    context = {"name": name, "rename": form, **_entries(request, chosen)}
    return render(request, "sourcing/shortlist.html", context)


def _note_form(request: SignedInPolicyRequest, entry: ShortlistEntry) -> NoteForm:
    return drafts.form(
        request,
        NoteForm,
        at=reverse("sourcing:entry_note", args=[entry.pk]),
        instance=entry,
        auto_id=f"{entry.pk}_%s",
    )


class EntryRow(NamedTuple):
    """An entry on the page of its list, with the form of its note, which is open if something was typed."""

    shown: shortlists.Shown
    form: NoteForm
    is_open: bool


def _entries(request: SignedInPolicyRequest, chosen: Shortlist, noted: ShortlistEntry | None = None) -> dict[str, Any]:
    """Return what the page of a list shows of its entries: one page of them, with the entry `noted` on it if given."""
    viewer = request.viewer
    entries = chosen.entries.kept().select_related("added_by", "noted_by")
    number = _page_number(noted) if noted else request.GET.get("page")
    page = Paginator(entries, PER_PAGE).get_page(number)
    others = list(Shortlist.objects.of(viewer).kept().exclude(pk=chosen.pk))
    rows = []
    listed = shortlists.shown(list(page), viewer, request.policy, is_read=request.method != "HEAD")
    dealings.look_up([shown.profile for shown in listed if shown.profile], viewer, besides=chosen)
    for shown in listed:
        form = _note_form(request, shown.entry)
        rows.append(EntryRow(shown, form, is_open=form.is_bound))
    gone = chosen.entries.removed().select_related("profile").order_by("-removed_at")
    return {
        "shortlist": chosen,
        "page": page,
        "rows": rows,
        "ticked": _ticked(request),
        "others": others,
        "gone": gone,
        "most": shortlists.COMPARED,
    }


def _shortlists(chosen: Shortlist) -> str:
    return "sourcing:shortlists"


@of_client(Shortlist)
@drafts.act(_shortlists, "{chosen} is not removed yet", "Remove shortlist")
def remove(request: SignedInPolicyRequest, chosen: Shortlist) -> HttpResponse:
    said = with_names("{} removed. You can restore it for 30 days.", chosen.name)
    remove_row(request, chosen, said)
    return redirect("sourcing:shortlists")


@of_client(Shortlist, with_removed=True)
@drafts.act(_shortlists, "{chosen} is not restored yet", "Restore shortlist")
def restore(request: SignedInPolicyRequest, chosen: Shortlist) -> HttpResponse:
    restore_row(request, chosen, with_names("{} restored.", chosen.name))
    return redirect("sourcing:shortlists")


def _ticked(request: SignedInPolicyRequest) -> set[int]:
    """Return the keys of the entries that are ticked to be compared."""
    return {key_of(text) for text in request.GET.getlist("entry")}


@of_client(Shortlist)
@require_safe
def compare(request: SignedInPolicyRequest, chosen: Shortlist) -> HttpResponse:
    """Up to four entries side by side."""
    entries = list(chosen.entries.kept().filter(pk__in=_ticked(request)).select_related("noted_by"))
    if not entries or len(entries) > shortlists.COMPARED:
        selected = f" You selected {len(entries)}." if entries else ""
        messages.info(request, f"Select up to {shortlists.COMPARED} profiles to compare.{selected}")
        return redirect(f"{reverse('sourcing:shortlist', args=[chosen.pk])}?{request.GET.urlencode()}")
    columns = shortlists.shown(entries, request.viewer, request.policy, is_read=request.method != "HEAD")
    dealings.look_up([shown.profile for shown in columns if shown.profile], request.viewer, besides=chosen)
    context = {"shortlist": chosen, "columns": columns}
    return render(request, "sourcing/compare.html", context)


# Entries


def _page_number(entry: ShortlistEntry) -> int:
    """Return the number of the page of its list that the entry is on."""
    later = Q(added_at__gt=entry.added_at) | Q(added_at=entry.added_at, pk__gt=entry.pk)
    before = ShortlistEntry.objects.kept().filter(later, shortlist=entry.shortlist_id)
    return before.count() // PER_PAGE + 1


def _entry_url(entry: ShortlistEntry) -> str:
    return with_query(f"{_shortlist_url(entry)}#entry-{entry.pk}", page=_page_number(entry))


def _shortlist_url(entry: ShortlistEntry) -> str:
    return reverse("sourcing:shortlist", args=[entry.shortlist_id])


@of_client(ShortlistEntry, with_removed=True)
@drafts.act(_entry_url)
def note(request: SignedInPolicyRequest, entry: ShortlistEntry) -> HttpResponse:
    form = _note_form(request, entry)
    if not ShortlistEntry.objects.on_lists().filter(pk=entry.pk).exists():
        return _note_of_removed(request, entry, form)
    if form.is_valid():
        if entry.write_note(form.cleaned_data["note"], by=request.user, version=form.cleaned_data["version"]):
            messages.success(request, "Note saved.")
            return redirect(_entry_url(entry))
        entry.refresh_from_db()
        form.add_conflict(entry)
    context = {"name": entry.shortlist.name, "rename": RenameForm(instance=entry.shortlist)}
    return render(request, "sourcing/shortlist.html", context | _entries(request, entry.shortlist, noted=entry))


def _note_of_removed(request: SignedInPolicyRequest, entry: ShortlistEntry, form: NoteForm) -> HttpResponse:
    """Save a note on what a colleague removed while it was typed, to come back with it, or give back what was typed."""
    if entry.removed_at:
        removed = "Someone removed this entry from the shortlist while you were writing."
        restored = reverse("sourcing:entry_restore", args=[entry.pk])
    else:
        removed = with_names("Someone removed the shortlist “{}” while you were writing.", entry.shortlist)
        restored = reverse("sourcing:shortlist_restore", args=[entry.shortlist_id])
    is_saved = form.is_valid() and entry.write_note(
        form.cleaned_data["note"], by=request.user, version=form.cleaned_data["version"]
    )
    typed = form["note"].value() or ""
    unsaved = f"Your note wasn't saved. You wrote: “{typed}”" if typed else "Nothing was saved."
    what = "Your note was saved with it." if is_saved else unsaved
    undoable(request, format_html("{} {}", removed, what), restored, messages.WARNING)
    return redirect(_shortlist_url(entry) if entry.shortlist.removed_at is None else "sourcing:shortlists")


@of_client(ShortlistEntry, with_removed=True)
@drafts.act(_shortlist_url, "it is not moved yet", "Move to shortlist")
def move(request: SignedInPolicyRequest, entry: ShortlistEntry) -> HttpResponse:
    """Move it from the shortlist in the address, if it is still there, to that of the form: an undo has both in it."""
    named = request.POST.get("shortlist") or request.GET.get("shortlist")
    others = Shortlist.objects.of(request.viewer).kept().exclude(pk=entry.shortlist_id)
    form = MoveForm({"shortlist": named}, shortlists=others)
    seen_on = key_of(request.GET.get("from", ""))
    if form.is_valid() and entry.shortlist_id == seen_on and shortlists.move(entry, form.cleaned_data["shortlist"]):
        to = form.cleaned_data["shortlist"]
        move_url = reverse("sourcing:entry_move", args=[entry.pk])
        undo = with_query(move_url, **{"shortlist": seen_on, "from": to.pk})
        said = "Moved to {}, with its note." if entry.note else "Moved to {}."
        undoable(request, with_names(said, to), undo)
    elif named:
        messages.info(request, "Not moved. It is already there, or a colleague moved or removed it or the shortlist.")
    else:
        messages.error(request, "Choose a shortlist to move it to.")
    return back(request, reverse("sourcing:shortlist", args=[seen_on or entry.shortlist_id]))


@of_client(ShortlistEntry, with_removed=True)
@drafts.act(_shortlist_url, "it is not removed from the shortlist yet", "Remove from shortlist")
def entry_remove(request: SignedInPolicyRequest, entry: ShortlistEntry) -> HttpResponse:
    remove_row(request, entry, "Removed from the shortlist.")
    return back(request, _shortlist_url(entry))


@of_client(ShortlistEntry, with_removed=True)
@drafts.act(_shortlist_url, "it is not restored to the shortlist yet", "Restore to shortlist")
def entry_restore(request: SignedInPolicyRequest, entry: ShortlistEntry) -> HttpResponse:
    restore_row(request, entry, "Restored to the shortlist.")
    return redirect("sourcing:shortlist", entry.shortlist_id)


# From a card or a profile


@access.with_terms
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def save(request: SignedInPolicyRequest, kind: str, slug: str) -> HttpResponse:
    """Choose a shortlist for a profile, or name a new one. htmx puts it where the button stood."""
    profile = get_object_or_404(Profile.objects.visible_to(request.viewer), kind=kind, slug=slug)
    asked = drafts.data(request) or request.GET
    if request.htmx and "cancel" in request.GET:
        here = request.htmx.current_url_abs_path or profile.get_absolute_url()
        went_away = request.GET["cancel"] == "away"  # a click elsewhere: the focus is there
        context = {"profile": profile, "back": here, "has_focus": not went_away}
        return render(request, "sourcing/tools.html#shortlist", context)
    several: dict[str, Any] = {
        "instance": _new(request),
        "auto_id": f"{profile.pk}_%s",
    }  # as many may be open on a page
    form = drafts.form(request, ShortlistForm, **several) if "name" in asked else ShortlistForm(**several)
    next_page = page_of_ours(request, asked.get("next", "")) or profile.get_absolute_url()
    if request.method == "POST":
        chosen = form.made() if form.is_bound else _chosen(request)
        if chosen:
            try:
                return _saved(request, profile, chosen, next_page)
            except ValidationError as error:
                messages.error(request, error.message)
    on = ShortlistEntry.objects.of(request.viewer).on_lists().filter(profile=profile)
    context = {
        "profile": profile,
        "form": form,
        "shortlists": _lists(request.viewer),
        "on": set(on.values_list("shortlist", flat=True)),
        "next": next_page,
    }
    return render(request, "sourcing/save.html#picker" if request.htmx else "sourcing/save.html", context)


def _saved(request: SignedInPolicyRequest, profile: Profile, chosen: Shortlist, next_page: str) -> HttpResponse:
    """Add `profile` to the `chosen` shortlist, and say so. Raise ValidationError if it has no room."""
    entry, is_new = shortlists.add(chosen, profile, by=request.user)
    link = format_html(
        '<a href="{}">{}</a>', reverse("sourcing:shortlist", args=[chosen.pk]), untranslated(chosen.name)
    )
    said = format_html("{} added to {}." if is_new else "{} is already on {}.", untranslated(profile.name), link)
    undo = reverse("sourcing:entry_remove", args=[entry.pk]) if is_new else ""
    if request.htmx:
        here = request.htmx.current_url_abs_path or next_page
        context = {"profile": profile, "said": said, "undo": undo, "next": here}
        return render(request, "sourcing/save.html#saved", context)
    if undo:
        undoable(request, said, undo)
    else:
        messages.success(request, said)
    return redirect(next_page)


def _chosen(request: SignedInPolicyRequest) -> Shortlist | None:
    form = MoveForm(request.POST, shortlists=Shortlist.objects.of(request.viewer).kept())
    if not form.is_valid():
        messages.error(request, "That shortlist is gone. Choose another one.")
        return None
    return form.cleaned_data["shortlist"]
