"""What waits for staff, as the start page of the administration shows it."""

from typing import NamedTuple

from common.hooks import Hook

# Answered by every app that has something for staff to do. Called with the request; each function returns a list of
# Work, and only what this person may open.
waiting_for_staff = Hook()


class Work(NamedTuple):
    """Something that waits for staff: how many of it, and the page where they do it.

    `detail` says more about those that wait, such as how old the oldest is; it is not shown if none does.
    """

    title: str
    count: int
    url: str
    detail: str = ""
    is_urgent: bool = False
