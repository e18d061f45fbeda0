"""Entering a certification: type, details, and a last look at what clients will see before it is saved."""

from functools import partial
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from certifications import disclosures
from certifications.badges import Badge, by_type
from certifications.entry import attestation, saving
from certifications.entry.forms import AttestationForm, CertificationForm, EditForm, RenewForm, TypesForm
from certifications.models import Certification
from certifications.rule import Obstacle
from certifications.sharing import consents, unseen
from certifications.views.access import for_editors
from common import drafts
from rollout.audience import audience_words


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def add(request, profile):
    """New records, one for each type that was chosen: in the first step, or by the link that leads here."""
    if not disclosures.is_in_us(profile):
        return redirect(Certification(profile=profile).section_url)
    typed = drafts.data(request) or QueryDict()
    is_choosing = typed.get("step") == "types"
    chosen = typed if is_choosing or "type" in typed else request.GET
    types = TypesForm(chosen if is_choosing or "type" in chosen else None)
    if not types.is_valid() or request.POST.get("step") in {"types", "retype"} or request.GET.get("step") == "types":
        context = {"profile": profile, "form": types, "typed": typed}
        return see_step(request) or render(request, "certifications/types.html", context)
    if saving.was_saved(profile, request.POST.get("submission")):  # a second click
        return redirect(profile)
    last = Certification.objects.filter(profile=profile).order_by("pk").last()
    forms = []
    for type in types.cleaned_data["type"]:
        given = {
            "prefix": type.key,
            "instance": Certification(profile=profile, type=type, self_reported_at=timezone.now()),
            "initial": {"legal_business_name": last.legal_business_name if last else ""},
        }
        is_typed = typed.get("step") in {"preview", "back", "save"} or f"{type.key}-number" in typed
        forms.append(drafts.form(request, CertificationForm, **given) if is_typed else CertificationForm(**given))

    def save(*, version=None, **agreed):
        return saving.add(profile, forms, by=request.user, **agreed)

    def tell(saved):
        return unseen.on_profile(saved, request.policy)

    return enter(request, profile, forms, save, tell, heading="Add a certification", is_new=True)


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def edit(request, profile, record):
    return _change(request, profile, record, EditForm, "Edit the certification", "Your changes are saved.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def renew(request, profile, record):
    return _change(request, profile, record, RenewForm, "Renew the certification", "The new dates are saved.")


def _change(request, profile, record, form_class, heading, done):
    if record.withdrawn_at:
        return _withdrawn(request, record)
    version = record.updated_at.isoformat()
    form = drafts.form(request, form_class, instance=record)

    def save(*, version=None, **agreed):
        return saving.change(record, form, by=request.user, version=version)

    def tell(saved):
        return unseen.with_reasons(done if form.changes else "Nothing was changed.", saved, request.policy)

    return enter(request, profile, [form], save, tell, heading=heading, version=version)


def _withdrawn(request, record) -> HttpResponse:
    messages.info(request, "This certification is withdrawn. Restore it before you change it.")
    return redirect(record)


def _already_added(request, context, duplicate) -> HttpResponse:
    """The forms as they were typed, one of which says that its record was added meanwhile."""
    duplicate.form.add_duplicate_error(duplicate.first)
    return render(request, "certifications/enter.html", context)


# Where a step leads: to the one before, to the forms, to what clients will see.
LEADS_TO = {
    "retype": {"step": "types"},
    "types": {},
    "back": {},
    "preview": {"step": "check"},
    "save": {"step": "check"},
}


def see_step(request):
    """Keep what was sent and lead to the step it asks for; None for a GET, or if it cannot be kept."""
    if request.method != "POST":
        return None
    return drafts.see_again(request, **LEADS_TO.get(request.POST.get("step"), {}))


def enter(request, profile, forms, save, tell, *, heading, version="", is_new=False):
    """The two steps of entering: the forms, then what clients will see and the attestation, kept as hidden fields.

    `save` is given what was agreed to and returns the records saved; it may raise what `entry` raises. `tell` returns
    what to say of them (a queryset). What clients will see is tried: saved, asked of the rule, and taken back.
    """
    typed = drafts.data(request) or QueryDict()
    is_saving = request.POST.get("step") == "save"
    context = {"profile": profile, "forms": forms, "heading": heading, "is_new": is_new, "typed": typed}
    is_checking = is_saving or request.POST.get("step") == "preview" or request.GET.get("step") == "check"
    if not is_checking or any([not form.is_bound or form.errors for form in forms]):  # noqa: C419 - all show theirs
        return render(request, "certifications/enter.html", context)
    if request.POST.get("step") == "preview" and (response := see_step(request)):
        return response
    # A change never widens whom the owner agreed to show a record to; only a new one agrees to today's audience.
    plans = consents.offered_plans(profile, request.policy) if is_new else forms[0].instance.agreed_now
    initial = {"version": version, "plans": plans, "find": "find" in typed, "count": "count" in typed}
    # If someone else changed it meanwhile, the person is told, and confirms all of it again.
    was_changed = typed.get("step") == "save" and bool(version) and typed.get("version") != version
    if typed.get("step") == "save" and not (was_changed and not is_saving):
        agreed = drafts.form(request, AttestationForm, initial=initial)
    else:
        agreed = AttestationForm(initial=initial)
    if is_saving and agreed.is_valid():
        try:
            records = save(
                plans=agreed.agreed_plans(request.policy),
                submission=agreed.cleaned_data["submission"],
                purposes=agreed.agreed_purposes(),
                version=agreed.cleaned_data["version"],
            )
        except saving.Duplicate as duplicate:
            return _already_added(request, context, duplicate)
        except saving.Changed:
            agreed = AttestationForm(initial=initial)
            was_changed = True
        else:
            saved = Certification.objects.filter(pk__in=[record.pk for record in records])
            messages.success(request, tell(saved))
            return redirect(profile)
    if is_saving and (response := see_step(request)):
        return response
    try:
        records = saving.tried(partial(save, plans=plans, submission=uuid4()), request.policy)
    except saving.Duplicate as duplicate:
        return _already_added(request, context, duplicate)
    except saving.Changed as changed:
        return _withdrawn(request, changed.record)
    unseen_records = [record for record in records if record.unseen_because]
    given = consents.of(profile)
    context |= {
        "agreed": agreed,
        "was_changed": was_changed,
        "is_first": is_new and given[consents.Purpose.SHOW].pk is None,
        "chosen": None if is_new else records[0].get_audience_display(),
        "is_narrowed": not is_new and records[0].audience != Certification.Audience.ELIGIBLE,
        "groups": by_type(Badge.of(record) for record in records if not record.unseen_because),
        "unseen_groups": by_type(Badge.of(record) for record in unseen_records),
        "unseen": [
            (record, record.unseen_because == Obstacle.EXPIRED and unseen.can_file_renewal(record))
            for record in unseen_records
        ],
        "changes": [] if is_new else forms[0].changes,
        "is_material": not is_new and forms[0].is_material,
        "audience": audience_words(plans) if plans else "",
        "federal_penalty": attestation.FEDERAL_PENALTY,
    }
    return render(request, "certifications/preview.html", context)
