"""Actions by which staff decide about a profile, which is never one of their own."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest

from common.deciding import DecidingAdmin
from profiles.models import User


class AboutProfilesAdmin(DecidingAdmin):
    """Rows about profiles that staff decide on."""

    def called(self, row: Model) -> str:
        """Return the name of `row` in a message."""
        return str(row)

    def decidable(self, request: HttpRequest, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield the rows that are not about a profile of this member of staff. A message names the others."""
        own = set(cast(User, request.user).memberships.values_list("profile", flat=True))
        for row in rows:
            if row.profile_id in own:
                words = f"{self.called(row)}: You belong to this profile, so someone else has to decide."
                self.message_user(request, words, messages.ERROR)
            else:
                yield row
