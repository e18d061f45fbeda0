"""The evidence letter about one business, as a page to print and as PDF."""

from datetime import date

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from certifications.models import ClientView
from certifications.sharing import seen_by
from common.days import day
from common.forms import DayInput
from common.paper import Paper
from profiles.models import Client, Profile
from rollout.middleware import SignedInPolicyRequest
from sourcing import access
from spend import letters
from spend.letters import Certified, Known

FIRST_DAY = date(2000, 1, 1)


class DayForm(forms.Form):
    """The day of a letter."""

    on = forms.DateField(
        label="Day",
        widget=DayInput,
        help_text="A payment's day, for example.",
        error_messages={"required": "Enter the day"},
    )

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if not FIRST_DAY <= on <= timezone.now().date():
            raise forms.ValidationError("Day must be today or earlier")
        return on


@access.with_terms
@require_safe
def letter(request: SignedInPolicyRequest, kind: str, slug: str) -> HttpResponse:
    """Show the letter of the day in the address, or of today. A business of which nothing may be counted has none."""
    viewer, now = request.viewer, timezone.now()
    profile = get_object_or_404(Profile.objects.active(), kind=kind, slug=slug)
    client = get_object_or_404(Client, pk=viewer.acts_for.pk)
    form = DayForm(request.GET) if "on" in request.GET else DayForm(initial={"on": now.date()})
    on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else now.date()
    found = letters.letter(profile, on, client=client, viewer=viewer, policy=request.policy, now=now)
    if found is None:
        raise Http404
    if request.method == "GET" and found:
        seen_by.note_many([profile.pk], viewer, surface=ClientView.Surface.EXPORT, filters={})
    if request.GET.get("format") == "pdf" and not form.errors:
        return _pdf(profile, client, on, found)
    context = {
        "profile": profile,
        "client": client,
        "form": form,
        "on": day(on),
        "address": {"on": on.isoformat(), "format": "pdf"},
        "certificates": [(certified, _lines(certified)) for certified in found],
        "made_on": day(now.date()),
    }
    return render(request, "spend/letter.html", context)


def _lines(certified: Certified) -> list[tuple[str, str, str]]:
    """Return the lines of the table: the name of the line, what was known then, and what is known now."""
    then, now = (_words(known) for known in (certified.then, certified.now))
    return list(zip(TITLES, then, now, strict=True))


TITLES = ("Valid on that day", "Legal business name", "Certificate number", "Issued", "Expires", "Verification level",
          "Source", "Verified on")  # fmt: skip


def _words(known: Known | None) -> tuple[str, ...]:
    if known is None:
        return ("Not known", *[""] * (len(TITLES) - 1))
    return (
        "Yes",
        known.legal_name,
        known.number,
        day(known.issued_on) if known.issued_on else "Not given",
        day(known.expires_on) if known.expires_on else "Doesn't expire",
        known.level.label,
        known.source or "The business itself",
        day(known.checked_on) if known.checked_on else "",
    )


def _pdf(profile: Profile, client: Client, on: date, found: list[Certified]) -> HttpResponse:
    paper = Paper(f"Certifications of {profile.name} on {day(on)}", footer=f"Made for {client.name}")
    paper.paragraph("A certification says who owns a registered business, and nothing about the work.")
    for certified in found:
        paper.heading(f"{certified.type}: {certified.label}, {certified.body}")
        paper.table(["", f"Known on {day(on)}", "Known now"], _lines(certified), widths=[2, 4, 4])
    if not found:
        paper.paragraph("No certification of this business is known to have been valid on that day.")
    name = f"certifications-{profile.slug}-{on.isoformat()}.pdf"
    return HttpResponse(
        paper.pdf(),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
