"""What impact adds to the start page of the administration. Imported when Django starts."""

from django.urls import reverse

from common.work import Work, waiting_for_staff
from impact.models import Alarm
from profiles.viewer import ViewerRequest


@waiting_for_staff.register
def work(request: ViewerRequest) -> list[Work]:
    """Return the open alarms, for those who may view them."""
    if not any(request.user.has_perm(f"impact.{may}") for may in ("view_alarm", "close_alarm")):
        return []
    stopped = Alarm.objects.filter(closed_at=None, has_stopped_type=True).exists()
    url = f"{reverse('admin:impact_alarm_changelist')}?state=open"
    detail = "A type is paused until someone decides" if stopped else "Nothing is paused"
    return [Work("Open alarms", Alarm.objects.filter(closed_at=None).count(), url, detail, is_urgent=True)]
