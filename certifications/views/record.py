"""A certification's own page: who sees it and why, its history, and its calendar file."""

from datetime import datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods, require_safe
from icalendar import Alarm, Calendar, Event

from certifications.data.history import history_for_editors
from certifications.entry.forms import RenewalForm
from certifications.mail.due import lead_days
from certifications.mail.stopping import restart_reminders, stop_reminders
from certifications.models import Certification, ReminderStop
from certifications.sharing import clients, unseen
from certifications.sharing.forms import HideForm
from certifications.sharing.viewers import MOST_CLIENTS, in_rows, kinds_for, sights
from certifications.views.access import for_editors
from certifications.views.actions import act, page_url, record_page_of
from common import drafts
from common.days import day
from common.forms import OnOffForm
from common.hooks import Hook
from common.mail.letters import absolute
from common.translation import with_names
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest

ALARM_AT = time(9)

# More parts of the page, between the record itself and the table of who sees it. Each function gets the request and the
# record, and returns its part as safe HTML.
more_parts = Hook()


@require_safe
@for_editors
def record(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    return record_page(request, profile, record)


def record_page(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    """Return the page, with what was typed into its forms."""
    seen = sights(record, request.policy, blocked=clients.blocked_by(profile))
    here = record.get_absolute_url()
    record.remedies = [link for link in unseen.remedies(record) if link.address.partition("#")[0] != here]
    context = {
        "profile": profile,
        "certification": record,
        "here": here,
        "sights": in_rows(seen),
        "most_clients": MOST_CLIENTS if len(seen) - len(kinds_for(profile)) == MOST_CLIENTS else 0,
        "entries": history_for_editors(profile, record=record),
        "hide_form": _hide_form(request, profile, record),
        "parts": more_parts(request, record),
        "reminded": _reminded(record),
        "is_reminded": not ReminderStop.objects.filter(certification=record, user=request.user).exists(),
    }
    return render(request, "certifications/record_page.html", context)


def _hide_form(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HideForm:
    return drafts.form(request, HideForm, at=page_url(profile, "hide", record.pk), profile=profile)


@for_editors
@drafts.act(record_page_of, "{record.label} isn't hidden yet", "Hide it")
def hide(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    form = _hide_form(request, profile, record)
    if not form.is_valid():
        return record_page(request, profile, record)
    until = form.cleaned_data["until"]
    done = with_names("{} is hidden. No client can see it.", record.label)
    if until:
        done = with_names(f"{{}} is hidden until {day(until)}. No client can see it before then.", record.label)
    return act(request, record, lambda: record.hide(until), done, undo="show")


def _reminded(record: Certification) -> str:
    """Return the days of the reminders in words: "60, 30 and 7 days before it expires, and on the day".

    Return "" if the last day is over.
    """
    last = record.last_shown_on
    if last is None or last < record.profile.today():
        return ""
    *before, _ = [str(lead) for lead in lead_days(record.certificate)]
    ends = day(last) if record.renewal_filed_on else "it expires"
    return f"{get_text_list(before, 'and')} days before {ends}, and on the day"


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def renewal(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    """Declare that the renewal was filed. The badge then says so, and stays for RENEWAL_GRACE after the last day."""
    if record.withdrawn_at or record.does_not_expire:
        messages.info(request, "This certification has nothing to renew.")
        return redirect(record)
    form = drafts.form(request, RenewalForm, record=record)
    if request.method == "POST" and form.is_valid():
        filed_on = form.cleaned_data["filed_on"]
        done = with_names("{}: the badge now says when you filed for renewal.", record.label)
        return act(request, record, lambda: record.declare_renewal(filed_on), done, undo="renewal_end", shows=True)
    return render(request, "certifications/renewal.html", {"profile": profile, "certification": record, "form": form})


@for_editors
@drafts.act(record_page_of, "the badge still says that you filed for renewal", "Change it")
def renewal_end(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    done = with_names("{}: the badge no longer mentions a renewal.", record.label)
    return act(request, record, lambda: record.declare_renewal(None), done, shows=True)


@for_editors
@drafts.act(record_page_of, "your reminders aren't changed yet", "Change them")
def reminders(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    form = OnOffForm(request.POST)
    is_on = form.is_valid() and form.cleaned_data["on"]
    done = "We'll remind you before it expires." if is_on else "Reminders are off."

    def switch() -> None:
        if record.withdrawn_at:
            raise Certification.NotPossible(record)
        (restart_reminders if is_on else stop_reminders)(record.pk, request.user.pk)

    return act(request, record, switch, done)


@require_safe
@for_editors
def calendar(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    """Return the last day on which clients may see it as a calendar file, with an alarm for each reminder to come.

    It names neither the certificate nor its type, because colleagues see a calendar. Importing the file again after
    a change moves the event, because its sequence has grown.
    """
    last = record.last_shown_on
    if last is None or record.withdrawn_at:
        raise Http404
    event = Event()
    event.add("uid", f"certification-{record.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", record.updated_at)
    event.add("last-modified", record.updated_at)
    event.add("sequence", int((record.updated_at - record.created_at).total_seconds()))
    event.add("dtstart", last)
    event.add("dtend", last + timedelta(days=1))
    called = f"Business certificate …{record.number[-4:]}"
    event.add("summary", f"{called}: enter the new dates" if record.renewal_filed_on else f"{called} expires")
    event.add("description", "Renew it, or enter the new dates.")
    event.add("url", absolute(record.get_absolute_url()))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    morning = datetime.combine(last, ALARM_AT, ZoneInfo(record.profile.time_zone))
    for lead in lead_days(record.certificate):
        if morning - timedelta(days=lead) <= timezone.now():
            continue
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event["summary"])
        alarm.add("trigger", timedelta(days=-lead, hours=ALARM_AT.hour))
        event.add_component(alarm)
    file = Calendar()
    file.add("prodid", "-//Marketplace//Certificates//EN")
    file.add("version", "2.0")
    file.add_component(event)
    response = HttpResponse(file.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="certificate.ics"'
    return response
