"""Why no client sees a record, in words: each reason that the rule gives has its own."""

from collections.abc import Callable
from typing import NamedTuple

from common.days import day


class Obstacle(NamedTuple):
    """Why no client sees a record: in a few words for staff, and for its editors made of the record.

    `status` says it alone, `because` as the end of a sentence.
    """

    to_staff: str
    status: Callable
    because: Callable

    @classmethod
    def not_shown(cls, to_staff, because):
        return cls(to_staff, lambda record: f"Not shown: {because(record)}", because)


def _until(shown_on):
    return f" until {day(shown_on)}" if shown_on else ""


def _expired(record):
    words = f"it expired on {day(record.expires_on)}"
    if record.renewal_filed_on:
        return f"{words}, and its renewal was not entered by {day(record.last_shown_on)}"
    return words


# By the name that `with_status` gives as `unseen_because`, in the order in which an owner is told.
OBSTACLES = {
    "withdrawn": Obstacle(
        "Withdrawn by the owner",
        lambda record: f"Withdrawn {day(record.withdrawn_at)}",
        lambda record: "it is withdrawn",
    ),
    "refused": Obstacle(
        "Not accepted",
        lambda record: f"Not accepted: {record.get_standing_reason_display()}",
        lambda record: "it was not accepted",
    ),
    "suspended": Obstacle(
        "Suspended",
        lambda record: f"Suspended: {record.get_standing_reason_display()}",
        lambda record: "it is suspended",
    ),
    "expired": Obstacle.not_shown("Expired", _expired),
    "abroad": Obstacle(
        "Profile outside the U.S.",
        lambda record: "Not shown: the profile is outside the United States",
        lambda record: "your profile is outside the United States, where you have not said your business is registered",
    ),
    "paused": Obstacle.not_shown(
        "All hidden by the owner",
        lambda record: f"all your certifications are hidden{_until(record.paused_until)}",
    ),
    "hidden": Obstacle(
        "Hidden by the owner",
        lambda record: f"Hidden by you{_until(record.hidden_until)}",
        lambda record: f"you hid it{_until(record.hidden_until)}",
    ),
    "not_shown": Obstacle(
        "No consent to be shown",
        lambda record: "Not shown: you switched off “Show them on my page”",
        lambda record: "“Show them on my page” is switched off",
    ),
    "profile_off": Obstacle(
        "Profile switched off",
        lambda record: "Not shown: the profile is switched off",
        lambda record: "your profile is switched off",
    ),
    "nobody": Obstacle(
        "Kept by the owner for themselves",
        lambda record: "Kept for yourself: nobody else sees it",
        lambda record: "you keep it for yourself",
    ),
    "audience": Obstacle(
        "No agreed audience",
        lambda record: "Not shown: no client that you agreed to is in today's audience",
        lambda record: "you have not agreed to show it to the clients that may see certifications now",
    ),
    "stopped": Obstacle.not_shown(
        "Showing is stopped", lambda record: "we have stopped showing certifications for now"
    ),
    "type_stopped": Obstacle(
        "Its type is stopped",
        lambda record: f"Not shown: we have stopped showing {record.type} for now",
        lambda record: f"we have stopped showing {record.type} certifications for now",
    ),
    "unnamed": Obstacle(
        "No client named",
        lambda record: "Not shown: you have not named a client yet",
        lambda record: "none of the clients you named can see it",
    ),
}
