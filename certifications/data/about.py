"""The rows that the section keeps about a profile: a copy contains them, and an erasure deletes them."""

from itertools import chain
from typing import NamedTuple

from django.apps import apps
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from certifications.models import Certification, Concern
from common.hooks import Hook
from common.models import Draft
from profiles.models import Profile

# Lists of more models that belong to the section. A copy contains their rows, and an erasure deletes them.
more_models = Hook()
# More rows of a profile, from a function that gets the profile and returns a Rows. A copy contains them, and an erasure
# leaves them, because they say nothing about certifications.
more_copied = Hook()
# More models whose rows staff decide about. Drafts of staff are kept under a row's page.
more_decided = Hook()


class AboutProfiles(NamedTuple):
    """A model whose rows are about profiles, and the lookup that leads to the profile."""

    model: type[Model]
    path: str


class Rows(NamedTuple):
    """The rows of one model about one profile."""

    model: type[Model]
    rows: QuerySet


def models_about_profiles() -> list[AboutProfiles]:
    """Return the section's models and tables of events whose rows are about a profile.

    They are found by their foreign keys, so that a table added later is not forgotten.
    """
    models = chain(apps.get_app_config("certifications").get_models(), *more_models())
    found = [AboutProfiles(model, _path_to_profile(model)) for model in models if not model._meta.proxy]
    return [about for about in found if about.path]


def _path_to_profile(model: type[Model]) -> str:
    """Return the lookup from `model` to the profile: its own column, or that of its record or evidence. Else ""."""
    names = {field.name: field for field in model._meta.concrete_fields if field.is_relation}
    if "profile" in names:
        return "profile"
    if "certification" in names:
        return "certification__profile"
    if "evidence" in names:
        return "evidence__certification__profile"
    return ""


def rows_about(profile: Profile) -> list[Rows]:
    """Return the rows about `profile`, by model. Tables of events are included.

    Events of deleted rows are found by their record, because the record's own events name the profile.
    """
    event_model = apps.get_model("certifications", "CertificationEvent")
    records = event_model.objects.filter(profile_id=profile.pk).values("pgh_obj_id")
    rows = []
    for model, path in models_about_profiles():
        is_about = Q(**{path: profile.pk})
        if path != "profile" and hasattr(model, "pgh_tracked_model"):
            is_about = Q(certification_id__in=records)  # no join: the record itself may be gone
        rows.append(Rows(model, model._base_manager.filter(is_about).order_by("pk")))
    return [*rows, Rows(Draft, _drafts_in_section(profile).filter(user__memberships__profile=profile))]


def _drafts_in_section(profile: Profile) -> QuerySet[Draft]:
    """Return the drafts from the section's pages. Those of other people than the profile's members are concerns."""
    return Draft.objects.under(f"{profile.get_absolute_url()}certifications/")


def drafts_about(profile: Profile) -> QuerySet[Draft]:
    """Return all drafts about the profile's certifications, from the section's pages and from the administration.

    An erasure deletes drafts of staff, but the owner's copy does not contain them.
    """
    drafts = _drafts_in_section(profile)
    for model in (Certification, Concern, *more_decided()):
        rows = model.objects.filter(**{_path_to_profile(model): profile.pk})
        if keys := "|".join(str(pk) for pk in rows.values_list("pk", flat=True)):
            listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            drafts |= Draft.objects.filter(path__regex=f"^{listed}({keys})/")
            chosen = f"(^|&){ACTION_CHECKBOX_NAME}=({keys})(&|$)"
            drafts |= Draft.objects.filter(path=listed, fields__regex=chosen)
    return drafts
