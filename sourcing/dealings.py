"""Dealings of a client with profiles: its shortlists, and its last invitation."""

from typing import NamedTuple

from django.utils.formats import date_format

from common.compiled import among
from profiles.models import Profile
from profiles.viewer import Viewer
from sourcing.models import Shortlist, ShortlistEntry, TalkInvitation

LISTS_SHOWN = 3


class Dealings(NamedTuple):
    """The dealings with one profile of the client that a viewer acts for."""

    entries: list[ShortlistEntry]
    invitation: TalkInvitation | None

    @property
    def shown(self) -> list[ShortlistEntry]:
        """The entries that a card names."""
        return self.entries[:LISTS_SHOWN]

    @property
    def others(self) -> int:
        """The number of shortlists that a card does not name."""
        return len(self.entries[LISTS_SHOWN:])

    @property
    def is_waiting(self) -> bool:
        """True while an invitation can still be answered."""
        return self.invitation is not None and self.invitation.is_waiting

    @property
    def invited(self) -> str:
        """The day and the state of the invitation: "Invited Nov 27, awaiting a response"."""
        if self.invitation is None:
            return ""
        sent_on = self.invitation.sent_on
        is_of_this_year = sent_on.year == self.invitation.profile.today().year
        day = date_format(sent_on, "M j" if is_of_this_year else "M j, Y")
        return f"Invited {day}, {self.invitation.state.label.lower()}"


def look_up(profiles: list[Profile], viewer: Viewer, *, besides: Shortlist | None = None) -> None:
    """Give each of `profiles` (a list) its `dealings`: with the client that `viewer` acts for, or None.

    `besides`: a shortlist that is not named. Two queries, even for no profiles; none for a viewer who acts for no
    active client. Dealings say nothing of certifications, so that a client on any plan reads its own.
    """
    if viewer.client is None or not viewer.client.is_active:
        return
    keys = [profile.pk for profile in profiles]
    entries = ShortlistEntry.objects.of(viewer).on_lists().filter(among("profile", keys))
    entries = entries.select_related("shortlist").order_by("shortlist__name", "pk")
    if besides:
        entries = entries.exclude(shortlist=besides)
    sent = TalkInvitation.objects.of(viewer).filter(among("profile", keys), withdrawn_at=None)
    latest = sent.select_related("profile").order_by("profile_id", "-sent_at", "-pk").distinct("profile_id")
    invitations = {invitation.profile_id: invitation for invitation in latest}
    on_lists = {}
    for entry in entries:
        on_lists.setdefault(entry.profile_id, []).append(entry)
    for profile in profiles:
        found = Dealings(on_lists.get(profile.pk, []), invitations.get(profile.pk))
        profile.dealings = found if any(found) else None  # type: ignore[attr-defined] # which cards read
