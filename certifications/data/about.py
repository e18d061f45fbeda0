"""Every row that the section keeps about a profile: what a copy contains, and what an erasure removes."""

from django.apps import apps
from django.db.models import Q

from common.models import Draft


def models_about_profiles():
    """The models of this app, and the tables of their events, whose rows lead to a profile: (model, path to it).

    The path is a lookup. Read from the foreign keys, so that a table added later is not forgotten.
    """
    found = []
    for model in apps.get_app_config("certifications").get_models():
        path = _path_to_profile(model)
        if path:
            found.append((model, path))
    return found


def _path_to_profile(model):
    """The lookup from `model` to the profile its rows are about: its own column, or that of the record it names."""
    names = {field.name: field for field in model._meta.concrete_fields if field.is_relation}
    if "profile" in names:
        return "profile"
    if "certification" in names:
        return "certification__profile"
    return ""


def rows_about(profile):
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
    return [*rows, (Draft, drafts_about(profile).filter(user__memberships__profile=profile))]


def drafts_about(profile):
    """What was typed on the section's pages and not saved. Of others than the profile's people that is a concern."""
    return Draft.objects.under(f"{profile.get_absolute_url()}certifications/")
