"""Entering a certification: type, details, and a last look at what clients will see before it is saved."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods

from certifications import attestation, entry
from certifications.badges import Badge, by_type
from certifications.forms import AttestationForm, CertificationForm, DatesForm, EditForm, TypesForm
from certifications.models import Certification
from certifications.models.record import audience_words
from certifications.sharing import consents, pauses
from certifications.views.access import for_editors


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def add(request, profile):
    """New records, one for each type in the query string."""
    if not profile.is_in_us:
        return redirect(Certification(profile=profile).section_url)
    types = TypesForm(request.GET if "type" in request.GET or "chosen" in request.GET else None)
    if not types.is_valid():
        return render(request, "certifications/types.html", {"profile": profile, "form": types})
    if entry.was_saved(profile, request.POST.get("submission")):  # a second click
        return redirect(profile)
    last = Certification.objects.filter(profile=profile).order_by("pk").last()
    forms = [
        CertificationForm(
            request.POST or None,
            prefix=type.key,
            instance=Certification(profile=profile, type=type, self_reported_at=timezone.now()),
            initial={"legal_business_name": last.legal_business_name if last else ""},
        )
        for type in types.cleaned_data["type"]
    ]

    def save(agreed):
        records = entry.add(
            profile,
            forms,
            by=request.user,
            plans=agreed.agreed_plans(),
            submission=agreed.cleaned_data["submission"],
            purposes=agreed.agreed_purposes(),
        )
        names = get_text_list([record.certificate.label for record in records], "and")
        return f"{names} {'is' if len(records) == 1 else 'are'} on your profile, as self-reported."

    return enter(request, profile, forms, save, heading="Add a certification", is_new=True)


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def edit(request, profile, record):
    return _change(request, profile, record, EditForm, "Edit the certification", "Your changes are saved.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def renew(request, profile, record):
    return _change(request, profile, record, DatesForm, "Renew the certification", "The certification is renewed.")


def _change(request, profile, record, form_class, heading, done):
    if record.withdrawn_at:
        messages.info(request, "This certification is withdrawn. Restore it before you change it.")
        return redirect(record)
    version = record.updated_at.isoformat()
    form = form_class(request.POST or None, instance=record)

    def save(agreed):
        entry.change(
            record,
            form,
            by=request.user,
            version=agreed.cleaned_data["version"],
        )
        return done

    return enter(request, profile, [form], save, heading=heading, version=version)


def enter(request, profile, forms, save, *, heading, version="", is_new=False):
    """The two steps of entering: the forms, then what clients will see and the attestation, kept as hidden fields.

    `save` gets the valid AttestationForm and returns what to tell the person. It may raise what `entry` raises.
    """
    step = request.POST.get("step")
    context = {"profile": profile, "forms": forms, "heading": heading, "is_new": is_new}
    valid = all([form.is_valid() for form in forms])  # noqa: C419 - each form is to show its errors
    if not valid or step not in {"preview", "save"}:
        return render(request, "certifications/enter.html", context)
    # A change never widens whom the owner agreed to show a record to; only a new one agrees to today's audience.
    plans = consents.offered_plans(profile) if is_new else forms[0].instance.agreed_now
    initial = {"version": version, "plans": plans}
    agreed = AttestationForm(request.POST if step == "save" else None, initial=initial)
    if step == "save" and agreed.is_valid():
        try:
            done = save(agreed)
        except entry.Duplicate as duplicate:
            duplicate.form.add_duplicate_error(duplicate.first)
            return render(request, "certifications/enter.html", context)
        except entry.Changed:
            agreed = AttestationForm(initial=initial)
            context["was_changed"] = True
        else:
            messages.success(request, done)
            return redirect(profile)
    records = [form.preview() for form in forms]
    given = consents.of(profile)
    context |= {
        "agreed": agreed,
        "is_first": is_new and given[consents.Purpose.SHOW].pk is None,
        "is_off": given[consents.Purpose.SHOW].pk and not given[consents.Purpose.SHOW].is_given,
        "is_paused": pauses.of(profile) is not None,
        "chosen": None if is_new else records[0].get_audience_display(),
        "is_narrowed": not is_new and records[0].audience != Certification.Audience.ELIGIBLE,
        "records": records,
        "groups": by_type(Badge.of(record) for record in records),
        "audience": audience_words(plans),
        "federal_penalty": attestation.FEDERAL_PENALTY,
    }
    return render(request, "certifications/preview.html", context)
