"""The types of certification that a policy can stop. A policy holds their keys alone."""

from django.db.models import QuerySet

from common.hooks import Hook

# Answered by the app that has the types: all of them, as a queryset, each with a `name`.
every_type = Hook()


def all_types() -> QuerySet:
    """Return every type that there is."""
    [types] = every_type()
    return types
