"""The public directory. It carries no trace of certifications, for anybody."""

from django.db import models

from profiles.forms import DirectoryForm
from profiles.models import Profile

PAGE_SIZE = 20
COUNTED_UP_TO = 1000
COLUMNS = ("kind", "slug", "name", "headline", "skills", "hourly_rate", "country", "state", "city", "photo")


def search(query):
    """What the page shows of the search that `query` (a QueryDict) spells: dict, its profiles a list."""
    form = DirectoryForm(query)
    found = form.narrow(Profile.objects.active())
    # Counting all of a large directory costs more than the page itself, and nobody reads the difference.
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


def page(profiles, after, before):
    """One page of `profiles`, newest first, by key: it stays put while new ones come in, and costs the same anywhere.

    Returns the profiles, the key before which newer ones follow, and the key after which older ones do (or None).
    What lies beyond either end is the first page.
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
