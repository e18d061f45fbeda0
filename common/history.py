"""The rows that triggers write about tracked models (django-pghistory)."""

from django.apps import apps
from django.db.models import Model, QuerySet


def events_of(model: type[Model]) -> QuerySet:
    """Return the history of all rows of a tracked model."""
    return apps.get_model(model._meta.app_label, f"{model.__name__}Event")._default_manager.all()
