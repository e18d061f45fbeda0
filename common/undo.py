"""Messages that say what was done and offer to take it back."""

from django.contrib import messages
from django.contrib.messages.storage.base import Message

from common.requests import Request

# Messages are stored with their tags and nothing else, so the address travels as one of those.
PREFIX = "undo:"


def undoable(request: Request, words: str, url: str, level: int = messages.SUCCESS) -> None:
    """Show a message with a button that posts to `url`, which takes back what was done."""
    messages.add_message(request, level, words, extra_tags=f"{PREFIX}{url}")


def undo_url(message: Message) -> str:
    """Return the address that takes back what a message says was done, or ""."""
    tags = message.extra_tags or ""
    return tags.removeprefix(PREFIX) if tags.startswith(PREFIX) else ""
