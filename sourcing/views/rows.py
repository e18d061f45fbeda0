"""Find, remove and restore a row: shared by the pages of lists, saved searches and exports."""

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from common.translation import with_names
from common.undo import undoable
from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from sourcing.models import SavedSearch, Shortlist, ShortlistEntry

type View = Callable[..., HttpResponseBase]
type Removable = Shortlist | SavedSearch | ShortlistEntry


class Pages(NamedTuple):
    """The names of the addresses where rows of a kind are listed, and where a removed one is brought back."""

    index: str
    restore: str


PAGES = {
    Shortlist: Pages("sourcing:shortlists", "sourcing:shortlist_restore"),
    SavedSearch: Pages("sourcing:searches", "sourcing:search_restore"),
    ShortlistEntry: Pages("sourcing:shortlists", "sourcing:entry_restore"),
}


def of_client(
    model: type[Removable], *, with_removed: bool = False, guard: Callable[[View], View] = access.with_own_work
) -> Callable[[View], View]:
    """Call the view with the row of `model` in the address, if it is the client's; else 404.

    If it was removed, the page that lists its like says so, and offers to bring it back; `with_removed` calls the view.
    """

    def decorate(view: View) -> View:
        @guard
        @wraps(view)
        def wrapped(request: SignedInPolicyRequest, pk: int) -> HttpResponseBase:
            own = model.objects.of(request.viewer)
            row = (own if with_removed else own.kept()).filter(pk=pk).first()
            if row:
                return view(request, row)
            removed: Removable = get_object_or_404(own.removed(), pk=pk)
            return tell_removed(request, removed)

        return wrapped

    return decorate


def _restore_url(row: Removable) -> str:
    return reverse(PAGES[type(row)].restore, args=[row.pk])


def tell_removed(request: SignedInPolicyRequest, row: Removable) -> HttpResponse:
    """Lead to the page that lists the like of `row`, and say there that it was removed, with the way back."""
    undoable(request, with_names("“{}” was already removed.", row), _restore_url(row), messages.INFO)
    return redirect(PAGES[type(row)].index)


def remove_row(request: SignedInPolicyRequest, row: Removable, done: str) -> None:
    """Remove `row` and say that it is done, with the way back. Say so, too, if someone removed it before."""
    if type(row).objects.filter(pk=row.pk).remove():
        undoable(request, done, _restore_url(row))
    else:
        undoable(request, "Nothing changed. It was already removed.", _restore_url(row), messages.INFO)


def restore_row(request: SignedInPolicyRequest, row: Removable, done: str) -> None:
    """Bring `row` back and say that it is done, or why it is not."""
    try:
        with transaction.atomic():
            is_done = type(row).objects.filter(pk=row.pk).restore()
    except IntegrityError:
        messages.error(request, "Not restored, because another one like it was added since. Remove that one first.")
    else:
        if is_done:
            messages.success(request, done)
        else:
            messages.info(request, "Nothing changed. It was already restored, or was removed more than 30 days ago.")
