"""The public directory. It carries no trace of certifications, for anybody."""

from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from profiles.forms import DirectoryForm
from profiles.models import Profile

PAGE_SIZE = 20
COUNTED_UP_TO = 1000


@login_not_required
@require_safe
@vary_on_headers("HX-Request")
def directory(request):
    form = DirectoryForm(request.GET)
    found = form.narrow(Profile.objects.active())
    profiles, newer, older = page(found, form.cleaned_data.get("after"), form.cleaned_data.get("before"))
    # Counting all of a large directory costs more than the page itself, and nobody reads the difference.
    total = found.order_by()[: COUNTED_UP_TO + 1].count()
    context = {
        "form": form,
        "profiles": profiles,
        "newer": newer,
        "older": older,
        "total": "1,000+" if total > COUNTED_UP_TO else total,
        "is_one": total == 1,
    }
    template = "profiles/directory.html#results" if request.htmx else "profiles/directory.html"
    return render(request, template, context)


def page(profiles, after, before):
    """One page of `profiles`, newest first, by key: it stays put while new ones come in, and costs the same anywhere.

    Returns the profiles, the key before which newer ones follow, and the key after which older ones do (or None).
    """
    columns = ("kind", "slug", "name", "headline", "skills", "hourly_rate", "country", "state", "city", "photo")
    profiles = profiles.only(*columns).fetch_mode(models.FETCH_RAISE)
    if before is not None:
        rows = list(profiles.filter(pk__gt=before).order_by("pk")[: PAGE_SIZE + 1])
        has_newer, has_older = len(rows) > PAGE_SIZE, True
        rows = rows[PAGE_SIZE - 1 :: -1] if has_newer else rows[::-1]
    else:
        narrowed = profiles.filter(pk__lt=after) if after is not None else profiles
        rows = list(narrowed.order_by("-pk")[: PAGE_SIZE + 1])
        has_newer, has_older = after is not None, len(rows) > PAGE_SIZE
        rows = rows[:PAGE_SIZE]
    if not rows:
        return rows, None, None
    return rows, rows[0].pk if has_newer else None, rows[-1].pk if has_older else None
