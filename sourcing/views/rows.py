"""What the pages of shortlists and saved searches share: finding a row, and bringing one back."""

from functools import wraps

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404, redirect

from sourcing import access


def of_client(model, rows="kept"):
    """Calls the view with the row of `model` in the address, if it is the client's and among `rows`; else 404."""

    def decorate(view):
        @access.with_terms
        @wraps(view)
        def wrapped(request, pk):
            found = getattr(model.objects.of(request.viewer), rows)()
            return view(request, get_object_or_404(found, pk=pk))

        return wrapped

    return decorate


def restored(request, rows, done, *page):
    """Bring `rows` back, say so, and lead to `page`."""
    try:
        with transaction.atomic():
            is_done = rows.restore()
    except IntegrityError:
        messages.error(request, "One like it has been made or added since. Remove that one first.")
    else:
        if is_done:
            messages.success(request, done)
        else:
            messages.info(request, "Nothing changed: it is back already, or was removed more than 30 days ago.")
    return redirect(*page)
