"""The screens of entering a certification, one question after the other, over one draft.

Each screen is a form that sends what was entered on the others along in hidden fields, so nothing is stored before the
last one but the draft (`common.drafts`). Every POST is kept and leads to a GET, which Back and reload may repeat.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.forms import BaseForm
from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from common import drafts
from rollout.middleware import SignedInPolicyRequest

CHECK, SAVE = "check", "save"  # where the last screen is, and the button on it
JUMP = "to:"  # before the key of a screen, on a button that leads there: Back, and what may be changed


class Screen(NamedTuple):
    """One question. `form` is None as long as it depends on an answer that is missing."""

    key: str
    template: str
    form: BaseForm | None
    is_answered: bool
    context: dict[str, Any]

    @property
    def is_done(self) -> bool:
        return self.is_answered and self.form is not None and not self.form.errors


class Flow:
    """What a person has answered so far, and which screen is next."""

    def __init__(self, request: SignedInPolicyRequest, **context: Any) -> None:
        self.request, self.context = request, context
        self.sent = drafts.data(request) or QueryDict()
        self.typed = self.sent.copy()
        if "type" in request.GET and "type" not in self.typed:  # a link that leads to one type
            self.typed.setlist("type", request.GET.getlist("type"))
        self.screens: list[Screen] = []

    def ask[F: BaseForm](
        self, key: str, template: str, form_class: type[F] | None, field: str, given: dict[str, Any], **context: Any
    ) -> F | None:
        """Add the screen `key`, and return its form if it is answered without errors.

        `field` is the name of the form's field that tells whether it was sent. Without `form_class` the screen waits
        for an answer before it.
        """
        name = f"{given['prefix']}-{field}" if given.get("prefix") else field
        is_answered = form_class is not None and (name in self.typed or self.typed.get("step") == key)
        form: F | None = None
        if form_class is not None and is_answered and (name in self.sent or name not in self.typed):
            form = drafts.form(self.request, form_class, **given)
        elif form_class is not None:
            form = form_class(self.typed if is_answered else None, **given)
        screen = Screen(key, f"certifications/entry/{template}.html", form, is_answered, context)
        self.screens.append(screen)
        return form if screen.is_done else None

    @property
    def open(self) -> Screen | None:
        """The first screen that is not done, or None if all are."""
        return next((screen for screen in self.screens if not screen.is_done), None)

    @property
    def is_saving(self) -> bool:
        """Whether the last screen was sent and nothing before it is missing."""
        return self.request.POST.get("step") == SAVE and self.open is None

    def next(self) -> Screen | None:
        """Return the screen to show, or None for the last one, on which everything is checked."""
        keys = [screen.key for screen in self.screens]
        step = self.request.POST.get("step") or self.request.GET.get("step") or self.typed.get("step") or ""
        is_sent = self.request.method == "POST" and not step.startswith(JUMP)
        first_open = keys.index(self.open.key) if self.open else len(keys)
        at = keys.index(step.removeprefix(JUMP)) if step.removeprefix(JUMP) in keys else first_open
        if is_sent and at < first_open:
            # After another certificate was chosen its details are looked at again; else what is missing is next.
            at = at + 1 if "leads_on" in self.screens[at].context else first_open
        at = min(at, first_open)
        return self.screens[at] if at < len(keys) else None

    @property
    def count(self) -> int | None:
        """How many screens there are with the last one, or None as long as an answer decides on that."""
        return len(self.screens) + 1 if self.screens[0].is_done else None

    def see(self, screen: Screen | None) -> HttpResponse | None:
        """Keep what was sent and lead to `screen`, or to the last one. None for a GET, or if it cannot be kept."""
        if self.request.method != "POST":
            return None
        return drafts.see_again(self.request, step=screen.key if screen else CHECK)

    def show(self, screen: Screen) -> HttpResponse:
        """Return the page of `screen`, or after a POST what leads to it."""
        if response := self.see(screen):
            return response
        number = self.screens.index(screen)
        context = {
            "screen": screen,
            "form": screen.form,
            "before": self.screens[number - 1].key if number and "is_new" in self.context else "",
            "number": number + 1,
            "count": self.count,
            "kept": list(self.kept(screen.form)),
        }
        return render(self.request, screen.template, self.context | context | screen.context)

    def kept(self, *shown: BaseForm | None) -> Iterator[tuple[str, str]]:
        """Yield what was entered so far, but for the fields of the forms `shown`, as names and values."""
        own = {form.add_prefix(name) for form in shown if form for name in form.fields}
        for name, values in self.typed.lists():
            if name not in own | drafts.NOT_TYPED | {"step"}:
                yield from ((name, value) for value in values)
