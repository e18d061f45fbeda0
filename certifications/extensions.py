"""What the app adds to the apps below it. Imported when Django starts."""

from django.urls import reverse
from django.utils import timezone

from certifications.models import Certification, CertificationType, Concern
from common.days import in_days
from common.work import Work, waiting_for_staff
from profiles.viewer import ViewerRequest
from rollout import affected, types
from rollout.models import RolloutPolicy

types.every_type.register(CertificationType.objects.all)


@waiting_for_staff.register
def work(request: ViewerRequest) -> list[Work]:
    """Return the open concerns, for those who may view them."""
    if not request.user.has_perm("certifications.view_concern"):
        return []
    open_ones = Concern.objects.filter(outcome="")
    oldest = open_ones.order_by("reported_at").values_list("reported_at", flat=True).first()
    detail = f"The oldest has waited {in_days(timezone.now() - (oldest or timezone.now()))}"
    url = f"{reverse('admin:certifications_concern_changelist')}?state=open"
    return [Work("Open concerns", open_ones.count(), url, detail, is_urgent=True)]


@affected.more_counts.register
def businesses(policy: RolloutPolicy, clients: list[int]) -> tuple[str, int]:
    """Return how many profiles have a certification that a policy shows to any client."""
    shown = Certification.objects.holding_but_for(policy).values("profile").distinct().count() if clients else 0
    return "Businesses shown with a certification", shown
