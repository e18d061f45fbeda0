"""The types of certifications that a policy can stop. A policy holds only their keys."""

from django.db.models import QuerySet

from common.hooks import Hook

# The app that has the types registers a function here. It returns all of them as a queryset; each has a `name`.
every_type = Hook()


def all_types() -> QuerySet:
    """Return all types."""
    [types] = every_type()
    return types
