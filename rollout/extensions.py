"""What the roll-out adds to the start page of the administration. Imported when Django starts."""

from django.urls import reverse

from common.work import Work, waiting_for_staff
from profiles.models import User
from rollout.middleware import PolicyRequest
from rollout.models import RolloutPolicy


@waiting_for_staff.register
def work(request: PolicyRequest) -> list[Work]:
    """Return the proposals that this person may approve: those of others."""
    if not isinstance(request.user, User) or not request.user.has_perm("rollout.add_rolloutpolicy"):
        return []
    waiting = RolloutPolicy.objects.waiting().exclude(proposed_by=request.user)
    url = reverse("admin:rollout_rolloutpolicy_changelist")
    return [Work("Roll-out changes to approve", waiting.count(), url, "Proposed by someone else")]
