"""Every row that the section keeps about a profile: what a copy contains, and what an erasure removes."""

from django.apps import apps
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q
from django.urls import reverse

from certifications.models import Certification, Concern
from common.hooks import Hook
from common.models import Draft

# The names of further apps whose tables are part of the section. A copy contains their rows, an erasure deletes them.
more_apps = Hook()
# Further models whose rows staff decide about, so that what they typed is kept under a row's page.
more_decided = Hook()


def models_about_profiles():
    """The section's models, and the tables of their events, whose rows lead to a profile: list of (model, path to it).

    The path is a lookup. Read from the foreign keys, so that a table added later is not forgotten.
    """
    found = []
    for app in ("certifications", *more_apps()):
        for model in apps.get_app_config(app).get_models():
            path = _path_to_profile(model)
            if path and not model._meta.proxy:
                found.append((model, path))
    return found


def _path_to_profile(model) -> str:
    """The lookup from `model` to the profile its rows are about: its own column, or that of the record it names."""
    names = {field.name: field for field in model._meta.concrete_fields if field.is_relation}
    if "profile" in names:
        return "profile"
    if "certification" in names:
        return "certification__profile"
    if "evidence" in names:
        return "evidence__certification__profile"
    return ""


def rows_about(profile) -> list:
    """What is kept about `profile`: list of (model, queryset), tables of events included.

    The events of rows that are gone are found by the record that they were about, whose own events name the profile.
    """
    event_model = apps.get_model("certifications", "CertificationEvent")
    records = event_model.objects.filter(profile_id=profile.pk).values("pgh_obj_id")
    rows = []
    for model, path in models_about_profiles():
        is_about = Q(**{path: profile.pk})
        if path != "profile" and hasattr(model, "pgh_tracked_model"):
            is_about = Q(certification_id__in=records)  # no join: the record itself may be gone
        rows.append((model, model._base_manager.filter(is_about).order_by("pk")))
    return [*rows, (Draft, _drafts_in_section(profile).filter(user__memberships__profile=profile))]


def _drafts_in_section(profile):
    """What was typed on the section's pages and not saved. Of others than the profile's people that is a concern."""
    return Draft.objects.under(f"{profile.get_absolute_url()}certifications/")


def drafts_about(profile):
    """What anyone typed about the profile's certifications and did not save: on the section's pages, or as staff.

    Staff's drafts go with an erasure, and are no part of the owner's copy.
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
