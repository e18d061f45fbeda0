"""Drafts that a person could not save yet, email that waits for a mail server, and when scheduled jobs last ran."""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, Self

from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.http import QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from common.days import day
from common.redirects import with_query


def session_end() -> datetime:
    """Return when a session that is used now ends, and with it the drafts typed in it."""
    return timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)


class DraftQuerySet(models.QuerySet):
    def of(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Filter to the drafts of `user` that have not expired."""
        return self.filter(user=user.pk, expires_at__gt=timezone.now())

    def waiting(self) -> Self:
        """Filter to the drafts that a lost session interrupted, and that their owner has not been back to."""
        return self.filter(is_interrupted=True)

    def under(self, path: str) -> Self:
        """Filter to the drafts of forms at `path` or anywhere below it."""
        return self.filter(path__startswith=path)


class Draft(models.Model):
    """A form that was sent and not saved: its session was lost, or something in it has to be corrected.

    Only the account that typed it ever reads it. Files are not kept.
    """

    # What forms send along to tell versions and steps apart: nothing to read.
    NOT_WORDS = {"opened", "version", "was", "submission", "next", "step"}
    # A value as the site writes it into choices and hidden fields: a key, a day, a word in small letters, a state.
    CHOSEN = re.compile(r"[a-z\d_-]*|[A-Z]{2}")
    DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
    MOST_LETTERS = 200_000
    LONGEST_PATH = 500
    MOST_OF_ONE_PERSON = 20

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=LONGEST_PATH)
    query = models.TextField(blank=True)
    # As browsers encode a form, and JSON in text: unlike jsonb, both hold every character that can be sent.
    fields = models.TextField(blank=True)
    errors = models.TextField(default="{}")
    had_file = models.BooleanField(default=False)
    is_interrupted = models.BooleanField(default=False)
    expires_at = models.DateTimeField(default=session_end)

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["expires_at", "pk"]
        indexes = [models.Index(fields=["expires_at"], name="draft_expiry")]

    def __str__(self) -> str:
        return self.path

    def get_absolute_url(self) -> str:
        """Return where it is shown again: the form's page, or for the administration's forms a page of its own."""
        if self.is_of_admin:
            return reverse("draft", args=[self.pk])
        return self.address(draft=self.pk)

    def address(self, **extra: Any) -> str:
        """Return the address it was sent to, with `extra` in the query."""
        return with_query(f"{self.path}?{self.query}" if self.query else self.path, **extra)

    @property
    def address_if_gone(self) -> str:
        """The address where it can be read after the page of its form is gone."""
        return with_query(reverse("draft", args=[self.pk]), gone=1)

    @property
    def is_of_admin(self) -> bool:
        """True for a form of the administration."""
        try:
            return "admin" in resolve(self.path).app_names
        except Resolver404:
            return False

    @property
    def data(self) -> QueryDict:
        """The typed values, as a browser sends a form."""
        return QueryDict(self.fields)

    @property
    def words(self) -> list[tuple[str, list[str]]]:
        """The typed values to read: the label of each field, and its values."""
        fields = self.data.lists()
        return [
            (name.replace("_", " ").strip().capitalize(), list(map(self._told, values)))
            for name, values in fields
            if self._is_read(name) and any(values)
        ]

    @classmethod
    def _told(cls, value: str) -> str:
        """Return what was chosen in words. What was typed stays as it is."""
        if value == "on":
            return "Yes"
        if cls.DAY.fullmatch(value):
            with suppress(ValueError):
                return day(date.fromisoformat(value))
        return value.replace("_", " ").capitalize() if "_" in value and cls.CHOSEN.fullmatch(value) else value

    @property
    def text(self) -> str:
        """The first text that a person typed, or "", for example after a click."""
        return next(self.texts_in(self.data), "")

    @classmethod
    def texts_in(cls, data: QueryDict) -> Iterator[str]:
        """Yield the values in `data` that a person typed: neither chosen nor sent along."""
        for name, values in data.lists():
            if cls._is_read(name):
                yield from (value for value in values if not cls.CHOSEN.fullmatch(value.strip()))

    @classmethod
    def _is_read(cls, name: str) -> bool:
        """Return True for a field that people read: not a button, and not what the form was opened with."""
        return not name.startswith(("_", "initial-")) and name.rpartition("-")[2] not in cls.NOT_WORDS

    def restore_errors(self, form: forms.BaseForm) -> None:
        """Add to `form`, bound to `data`, the errors that appeared only when it was sent."""
        for name, field in form.fields.items():
            if isinstance(field, forms.FileField):  # found missing now, since files are not kept
                form.errors.pop(name, None)
        for name, messages in json.loads(self.errors).get(form.prefix or "", {}).items():
            if name in form.fields or name == NON_FIELD_ERRORS:
                for message in messages:
                    if message not in form.errors.get(name, []):
                        form.add_error(None if name == NON_FIELD_ERRORS else name, message)


class MailQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        """Filter to emails that are still to be sent, now or later."""
        return self.filter(refused_at=None)


class Mail(models.Model):
    """An email that no mail server has accepted yet, or that one refused permanently. It is deleted once it is sent.

    It is either finished (`subject`, `text`, `html`), or names the function that writes it when it is sent (`writer`),
    with its arguments. See `common.mail.outbox`.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True)  # its Message-ID: the same each time it is tried
    to = models.EmailField()
    subject = models.TextField(blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    writer = models.CharField(max_length=100, blank=True)
    arguments = models.JSONField(default=dict)
    about = models.CharField(max_length=60, blank=True)  # what it tells of, so that it is deleted along with that
    written_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    is_held = models.BooleanField("waits for the mail server", default=False)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_because = models.CharField(max_length=300, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["next_try_at", "pk"]
        verbose_name = "email"
        verbose_name_plural = "email not sent"
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="mail_waiting", condition=models.Q(refused_at=None)),
            models.Index(fields=["about"], name="mail_about", condition=~models.Q(about="")),
        ]

    def __str__(self) -> str:
        return f"Email {self.pk}"


class ScheduledJob(models.Model):
    """When a job of the schedule last ran to its end, and when it last succeeded. See `marketplace.schedule`."""

    name = models.CharField(max_length=40, primary_key=True)
    started_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class UnwantedFile(models.Model):
    """A file that no row names any more, until its storage has deleted it. See `common.unwanted`."""

    storage = models.CharField(max_length=20)  # its name in the settings
    name = models.CharField(max_length=200)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="unwanted_file_once", fields=["storage", "name"])]

    def __str__(self) -> str:
        return self.name
