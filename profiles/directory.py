"""The public directory. It carries no trace of certifications, for anyone."""

from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.http import QueryDict

from profiles.forms import DirectoryForm
from profiles.models import Profile

PAGE_SIZE = 20
COUNTED_UP_TO = 1000
COLUMNS = ("kind", "slug", "name", "headline", "skills", "hourly_rate", "country", "state", "city", "photo")


def search(query: QueryDict) -> dict[str, Any]:
    """Return what the page shows for the search in `query`, with its profiles as a list."""
    form = DirectoryForm(query)
    found = form.narrow(Profile.objects.active())
    # Counting all of a large directory costs more than the page itself, and no one reads the difference.
    counted = found.order_by()[: COUNTED_UP_TO + 1]
    total = counted.count()
    if form.words and total <= COUNTED_UP_TO:
        # The database cannot guess how rare a word is, and looks for it through all profiles, newest first. Handed
        # the few that match, it has no choice.
        found = Profile.objects.filter(pk__in=counted.values("pk"))
    profiles, newer, older = page(found, form.cleaned_data.get("after"), form.cleaned_data.get("before"))
    return {
        "form": form,
        "profiles": profiles,
        "newer": newer,
        "older": older,
        "total": f"{COUNTED_UP_TO:,}+" if total > COUNTED_UP_TO else f"{total:,}",
        "is_one": total == 1,
    }


def page(
    profiles: QuerySet[Profile], after: int | None, before: int | None
) -> tuple[list[Profile], int | None, int | None]:
    """Return one page of `profiles`, newest first, and the keys from which newer and older ones follow, or None.

    Pages by key stay put while new profiles come in, and cost the same anywhere. A key beyond either end leads to the
    first page.
    """
    found = profiles.only(*COLUMNS).fetch_mode(models.FETCH_RAISE)
    if before is not None:
        rows = list(found.filter(pk__gt=before).order_by("pk")[: PAGE_SIZE + 1])
        if len(rows) > PAGE_SIZE:
            rows = rows[PAGE_SIZE - 1 :: -1]
            return rows, rows[0].pk, rows[-1].pk
    elif after is not None:
        rows = list(found.filter(pk__lt=after).order_by("-pk")[: PAGE_SIZE + 1])
        if rows:
            return rows[:PAGE_SIZE], rows[0].pk, rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None
    rows = list(found.order_by("-pk")[: PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], None, rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None
