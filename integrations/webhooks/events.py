"""What each type of event tells, for the page of a webhook and for the documentation."""

from typing import Any, NamedTuple

from integrations.models import EventType


class Event(NamedTuple):
    """A type of event: when it happens, and an example of its data, which has keys and nothing else."""

    type: EventType
    when: str
    data: dict[str, Any]


EVENTS = (
    Event(
        EventType.CERTIFICATION_CHANGED,
        "A certification that the API gave your organization changed, or may not be shown to it anymore. Read "
        "/certifications with updated_since, and /certifications/removed. We look for changes once an hour. If many "
        "changed, there is one event with null.",
        {"certification": "5f0c2b9e-6f0e-4b53-9d8e-0c8f7f1d2a34"},
    ),
    Event(EventType.REPORT_READY, "A report of your organization was issued.", {"report": 7}),
    Event(
        EventType.REPORT_SUPERSEDED,
        "Another report of your organization replaced one.",
        {"report": 6, "superseded_by": 7},
    ),
    Event(EventType.EXPORT_READY, "The file of an export can be downloaded for a day.", {"export": 12}),
    Event(
        EventType.IMPORT_FINISHED,
        "An import brought payments of your organization, or corrected some. Read /spend/payments.",
        {"import": 31},
    ),
    Event(
        EventType.GOAL_CROSSED,
        "Your organization reached a goal of this fiscal year or the last one, or lost it again. Read /spend/goals of "
        "the year, which has the pace of each goal. We look once an hour.",
        {"goal": 5, "year": 2026},
    ),
    Event(
        EventType.MEMBER_DEPROVISIONED,
        "Someone is no longer a member of your organization. The number is that of the membership.",
        {"member": 48},
    ),
    Event(
        EventType.TEST,
        "Someone pressed “Send a test”. Every webhook gets it, whatever it asks for.",
        {"webhook": 3},
    ),
)
CHOOSABLE = [event for event in EVENTS if event.type != EventType.TEST]
