"""The visibility rule under the policy in force, as a request asks it."""

from certifications.models import Certification
from certifications.models.record_queries import CertificationQuerySet
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy


def visible_to(viewer: Viewer) -> CertificationQuerySet:
    """Return the records that `viewer` may see now."""
    return Certification.objects.visible_to(viewer, RolloutPolicy.in_force())


def with_status() -> CertificationQuerySet:
    """Return all records, each with its status as it is now."""
    return Certification.objects.with_status(RolloutPolicy.in_force())
