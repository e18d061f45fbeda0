"""What the pages of lists, saved searches and exports share: finding, removing and restoring a row."""

from functools import wraps

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from common.translation import with_names
from sourcing import access
from sourcing.models import SavedSearch, Shortlist

# Where rows of a kind are listed, and how one that was removed is brought back.
PLACES = {
    Shortlist: ("sourcing:shortlists", "sourcing:shortlist_restore"),
    SavedSearch: ("sourcing:searches", "sourcing:search_restore"),
}


def of_client(model, rows="kept", guard=access.with_own_work):
    """Calls the view with the row of `model` in the address, if it is the client's and among `rows`; else 404.

    If that is because it was removed, the page that lists its like says so, and brings it back.
    """

    def decorate(view):
        @guard
        @wraps(view)
        def wrapped(request, pk):
            own = model.objects.of(request.viewer)
            row = getattr(own, rows)().filter(pk=pk).first()
            if row:
                return view(request, row)
            return tell_removed(request, get_object_or_404(own.removed(), pk=pk))

        return wrapped

    return decorate


def tell_removed(request, row):
    """To the page that lists the like of `row`, which was removed, by whomever: it says so, with the way back."""
    listed, restored = PLACES[type(row)]
    messages.info(request, with_names("“{}” was removed already.", row), extra_tags=reverse(restored, args=[row.pk]))
    return redirect(listed)


def remove_row(request, row, done, undo):
    """Remove `row` and say so, with the way back: `undo` is its name. So it is if someone removed it before."""
    is_done = type(row).objects.filter(pk=row.pk).remove()
    way_back = reverse(f"sourcing:{undo}", args=[row.pk])
    if is_done:
        messages.success(request, done, extra_tags=way_back)
    else:
        messages.info(request, "Nothing changed: it was removed already.", extra_tags=way_back)


def restore_row(request, row, done):
    """Bring `row` back and say so, or why not."""
    try:
        with transaction.atomic():
            is_done = type(row).objects.filter(pk=row.pk).restore()
    except IntegrityError:
        messages.error(request, "One like it has been made or added since. Remove that one first.")
    else:
        if is_done:
            messages.success(request, done)
        else:
            messages.info(request, "Nothing changed: it is back already, or was removed more than 30 days ago.")
