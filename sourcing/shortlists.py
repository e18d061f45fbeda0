"""Shortlists: what members of a client do with them, and what a page says of each entry."""

from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from certifications.badges import TypeGroup, badges_by_profile, by_type
from certifications.models import ClientView
from certifications.sharing import seen_by
from profiles.models import Profile, User
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing.models import Shortlist, ShortlistEntry
from sourcing.models.shortlist import RESTORABLE_FOR, EntryQuerySet

COMPARED = 4


def add(shortlist: Shortlist, profile: Profile, *, by: User) -> tuple[ShortlistEntry, bool]:
    """Put `profile` on the list. Returns the entry and whether it is new.

    Raises ValidationError if the list is full or was removed meanwhile.
    """
    with transaction.atomic():
        held = Shortlist.objects.kept().select_for_update().filter(pk=shortlist.pk).first()
        if held is None:
            raise ValidationError(f"Someone removed {shortlist.name}")
        kept = held.entries.kept()
        entry = kept.filter(profile=profile).first()
        if entry:
            return entry, False
        if kept.count() >= ShortlistEntry.MOST:
            raise ValidationError(f"{held.name} is full. A shortlist holds up to {ShortlistEntry.MOST} profiles.")
        return held.entries.create(profile=profile, added_by=by), True


def move(entry: ShortlistEntry, to: Shortlist) -> bool:
    """Move an entry as `move_all` does, if it still is on the list it was read from. Returns whether it was moved."""
    return bool(move_all(ShortlistEntry.objects.filter(pk=entry.pk, shortlist=entry.shortlist_id), to))


def move_all(entries: EntryQuerySet, to: Shortlist) -> list[int]:
    """Move entries, notes and all, to another list of the same client. Returns the keys of those that were moved.

    Not moved are those removed meanwhile, those on that list already, and those that find no room there.
    """
    try:
        with transaction.atomic():
            held = Shortlist.objects.kept().select_for_update().filter(pk=to.pk, client=to.client_id).first()
            if held is None:
                return []
            there = held.entries.kept()
            free = max(0, ShortlistEntry.MOST - there.count())
            there = there.filter(profile__isnull=False).values("profile")
            keys = list(entries.on_lists().exclude(profile__in=there).values_list("pk", flat=True)[:free])
            entries.on_lists().filter(pk__in=keys).update(shortlist=held)
            return keys
    except IntegrityError:  # restored there just now
        return []


def restore_all(entries: EntryQuerySet) -> list[int]:
    """Bring removed entries back, except for who was added to their list again. Returns the keys of those restored."""
    kept = ShortlistEntry.objects.kept().filter(shortlist=OuterRef("shortlist"), profile=OuterRef("profile"))
    keys = list(entries.removed().exclude(Exists(kept)).values_list("pk", flat=True))
    entries.filter(pk__in=keys).restore()
    return keys


class Shown(NamedTuple):
    """An entry as a member of its client sees it. `profile` is None once it is not available, whatever the reason."""

    entry: ShortlistEntry
    profile: Profile | None
    certifications: list[TypeGroup]


def shown(entries: list[ShortlistEntry], viewer: Viewer, policy: RolloutPolicy, *, is_read: bool) -> list[Shown]:
    """Return each of `entries` as `viewer` sees it now. Two queries, and one more that notes it if it is read."""
    keys = {entry.profile_id for entry in entries}
    profiles = Profile.objects.active().in_bulk(keys - {None})
    badges, unnoted = badges_by_profile(profiles, viewer, policy, surface=ClientView.Surface.SHORTLIST)
    if unnoted and is_read:
        seen_by.note_many(unnoted, viewer, surface=ClientView.Surface.SHORTLIST, filters={})
    return [
        Shown(entry, profiles.get(entry.profile_id), by_type(badges.get(entry.profile_id, []))) for entry in entries
    ]


def remove_old() -> int:
    """Delete what was removed too long ago to be brought back. Returns how many lists and entries."""
    before = timezone.now() - RESTORABLE_FOR
    return sum(model.objects.filter(removed_at__lte=before).delete()[0] for model in (ShortlistEntry, Shortlist))
