"""What the pages of lists, saved searches and exports share: reading a key, finding, removing and restoring a row."""

from functools import wraps

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse

from sourcing import access


def key_of(text):
    """The primary key that `text` from an address spells, or 0, which no row has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def of_client(model, rows="kept", guard=access.with_own_work):
    """Calls the view with the row of `model` in the address, if it is the client's and among `rows`; else 404."""

    def decorate(view):
        @guard
        @wraps(view)
        def wrapped(request, pk):
            found = getattr(model.objects.of(request.viewer), rows)()
            return view(request, get_object_or_404(found, pk=pk))

        return wrapped

    return decorate


def remove_row(request, row, done, undo):
    """Remove `row` and say so, with the way back: `undo` is its name. A second click says nothing."""
    if type(row).objects.filter(pk=row.pk).remove():
        messages.success(request, done, extra_tags=reverse(f"sourcing:{undo}", args=[row.pk]))


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
