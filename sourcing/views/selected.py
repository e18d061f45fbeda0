"""What members of a client do at once with the entries of a shortlist that they selected."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from common import drafts
from common.keys import key_of
from common.redirects import back
from common.translation import with_names
from common.undo import undoable
from rollout.middleware import SignedInPolicyRequest
from sourcing import shortlists
from sourcing.forms.shortlists import MoveForm
from sourcing.models import Shortlist
from sourcing.models.shortlist import EntryQuerySet
from sourcing.views.rows import of_client


def _list_url(chosen: Shortlist) -> str:
    return reverse("sourcing:shortlist", args=[chosen.pk])


@of_client(Shortlist)
@drafts.act(_list_url, "nothing has changed on {chosen} yet", "Continue")
def selected(request: SignedInPolicyRequest, chosen: Shortlist) -> HttpResponse:
    """Do what the button says (`do`) with the selected entries. An undo has all of it in its address."""
    asked = request.GET if "do" in request.GET else request.POST
    keys = [key for text in asked.getlist("entry") if (key := key_of(text))]
    entries = chosen.entries.filter(pk__in=keys)
    match asked.get("do"):
        case _ if not keys:
            messages.info(request, "Select at least one profile.")
        case "compare":
            return redirect(_with_entries("sourcing:compare", keys, chosen.pk, page=asked.get("page", "")))
        case "contact":
            return redirect(_with_entries("sourcing:invite_several", keys, next=asked.get("next", "")))
        case "export":
            return redirect(_with_entries("sourcing:export_new", keys, shortlist=str(chosen.pk)))
        case "move":
            _move(request, chosen, entries, asked)
        case "remove":
            _remove(request, chosen, entries)
        case "restore":
            _restore(request, entries)
    return back(request, _list_url(chosen))


def _with_entries(name: str, keys: list[int], *args: int, **values: str) -> str:
    """Return the address of a page about the entries with these keys."""
    query = [*values.items(), *(("entry", key) for key in keys)]
    return f"{reverse(name, args=args)}?{urlencode(query)}"


def _profiles(count: int) -> str:
    return f"{count} profile{'' if count == 1 else 's'}"


def _move(request: SignedInPolicyRequest, chosen: Shortlist, entries: EntryQuerySet, asked: QueryDict) -> None:
    others = Shortlist.objects.of(request.viewer).kept().exclude(pk=chosen.pk)
    form = MoveForm(asked, shortlists=others)
    if not form.is_valid():
        messages.error(request, "Choose a shortlist to move them to.")
        return
    to = form.cleaned_data["shortlist"]
    asked_for = entries.count()
    moved = shortlists.move_all(entries, to)
    if moved:
        undo = _with_entries("sourcing:selected", moved, to.pk, do="move", shortlist=str(chosen.pk))
        undoable(request, with_names(f"{_profiles(len(moved))} moved to {{}}.", to), undo)
    if len(moved) < asked_for or not asked_for:
        left = f"{_profiles(asked_for - len(moved))} not moved" if moved else "Not moved"
        why = "Already there, or a colleague moved or removed something, or the shortlist is full."
        messages.info(request, f"{left}. {why}")


def _remove(request: SignedInPolicyRequest, chosen: Shortlist, entries: EntryQuerySet) -> None:
    keys = list(entries.kept().values_list("pk", flat=True))
    entries.filter(pk__in=keys).remove()
    if keys:
        undo = _with_entries("sourcing:selected", keys, chosen.pk, do="restore")
        undoable(request, f"{_profiles(len(keys))} removed from the shortlist.", undo)
    else:
        messages.info(request, "Nothing changed. A colleague removed or moved them first.")


def _restore(request: SignedInPolicyRequest, entries: EntryQuerySet) -> None:
    restored = shortlists.restore_all(entries)
    if restored:
        messages.success(request, f"{_profiles(len(restored))} restored to the shortlist.")
    else:
        messages.info(request, "Nothing changed. They were already restored, or added to the shortlist again.")
