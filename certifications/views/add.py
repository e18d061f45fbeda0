"""Entering a certification: its type, its details, and a preview of what clients will see before it is saved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from certifications import disclosures
from certifications.badges import Badge, by_type
from certifications.entry import attestation, saving
from certifications.entry.forms import AttestationForm, CertificationForm, DatesForm, EditForm, RenewForm, TypesForm
from certifications.models import Certification
from certifications.models.record_queries import CertificationQuerySet
from certifications.rule import Obstacle
from certifications.sharing import consents, unseen
from certifications.views.access import for_editors
from common import drafts
from profiles.models import Profile
from rollout.audience import audience_words
from rollout.middleware import SignedInPolicyRequest


@dataclass(frozen=True)
class Entering:
    """What a person enters: the forms, how they are saved, and what the pages say.

    `save` gets what the person agreed to and returns the saved records. It raises what `saving` raises. `message` says
    what became of them.
    """

    profile: Profile
    forms: Sequence[DatesForm]
    save: Callable[..., list[Certification]]
    message: Callable[[CertificationQuerySet], str]
    heading: str
    version: str = ""
    is_new: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def add(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    """Enter new records, one for each type that was chosen in the first step or by the link that leads here."""
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
        given: dict[str, Any] = {
            "prefix": type.key,
            "instance": Certification(profile=profile, type=type, self_reported_at=timezone.now()),
            "initial": {"legal_business_name": last.legal_business_name if last else ""},
        }
        is_typed = typed.get("step") in {"preview", "back", "save"} or f"{type.key}-number" in typed
        forms.append(drafts.form(request, CertificationForm, **given) if is_typed else CertificationForm(**given))

    def save(*, version: str | None = None, **agreed: Any) -> list[Certification]:
        return saving.add(profile, forms, by=request.user, **agreed)

    def message(saved: CertificationQuerySet) -> str:
        return unseen.on_profile(saved, request.policy)

    return _enter(request, Entering(profile, forms, save, message, "Add a certification", is_new=True))


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def edit(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    return _change(request, profile, record, EditForm, "Edit the certification", "Your changes are saved.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def renew(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    return _change(request, profile, record, RenewForm, "Renew the certification", "The new dates are saved.")


def _change(
    request: SignedInPolicyRequest,
    profile: Profile,
    record: Certification,
    form_class: type[DatesForm],
    heading: str,
    done: str,
) -> HttpResponse:
    if record.withdrawn_at:
        return _withdrawn(request, record)
    opened_version = record.updated_at.isoformat()
    form = drafts.form(request, form_class, instance=record)

    def save(*, version: str | None = None, **agreed: Any) -> list[Certification]:
        return saving.change(record, form, by=request.user, version=version)

    def message(saved: CertificationQuerySet) -> str:
        return unseen.with_reasons(done if form.changes else "Nothing was changed.", saved, request.policy)

    return _enter(request, Entering(profile, [form], save, message, heading, version=opened_version))


def _withdrawn(request: SignedInPolicyRequest, record: Certification) -> HttpResponse:
    messages.info(request, "This certification is withdrawn. Restore it before you change it.")
    return redirect(record)


def _already_added(
    request: SignedInPolicyRequest, context: dict[str, Any], duplicate: saving.Duplicate
) -> HttpResponse:
    """Return the forms as they were typed. One of them says that its record was added meanwhile."""
    duplicate.form.add_duplicate_error(duplicate.first)
    return render(request, "certifications/enter.html", context)


# The query of the page that each step leads to: the choice of types, the forms, or the preview.
LEADS_TO = {
    "retype": {"step": "types"},
    "types": {},
    "back": {},
    "preview": {"step": "check"},
    "save": {"step": "check"},
}


def see_step(request: SignedInPolicyRequest) -> HttpResponse | None:
    """Keep what was sent and redirect to the step that it asks for. None for a GET, or if it cannot be kept."""
    if request.method != "POST":
        return None
    return drafts.see_again(request, **LEADS_TO.get(request.POST.get("step", ""), {}))


def _enter(request: SignedInPolicyRequest, entering: Entering) -> HttpResponse:
    """Show the two steps of entering: the forms, then the preview with the attestation. Then save.

    The preview has the forms as hidden fields. What it shows is tried out: saved, read by the rule, and rolled back.
    """
    profile, forms, version, is_new = entering.profile, entering.forms, entering.version, entering.is_new
    typed = drafts.data(request) or QueryDict()
    is_saving = request.POST.get("step") == "save"
    context = {"profile": profile, "forms": forms, "heading": entering.heading, "is_new": is_new, "typed": typed}
    is_checking = is_saving or request.POST.get("step") == "preview" or request.GET.get("step") == "check"
    if not is_checking or any([not form.is_bound or form.errors for form in forms]):  # noqa: C419 - all show theirs
        return render(request, "certifications/enter.html", context)
    if request.POST.get("step") == "preview" and (response := see_step(request)):
        return response
    # A change never adds plans that the owner agreed to for a record. Only a new one agrees to today's audience.
    plans = consents.offered_plans(profile, request.policy) if is_new else forms[0].instance.agreed_now
    initial = {"version": version, "plans": plans, "find": "find" in typed, "count": "count" in typed}
    # If someone else changed it meanwhile, the person reads so and confirms all of it again.
    was_changed = typed.get("step") == "save" and bool(version) and typed.get("version") != version
    agreed = _attestation(request, typed, initial, was_changed=was_changed)
    try:
        if is_saving and agreed.is_valid():
            return _save(request, entering, agreed)
    except saving.Duplicate as duplicate:
        return _already_added(request, context, duplicate)
    except saving.Changed:
        agreed, was_changed = AttestationForm(initial=initial), True
    if is_saving and (response := see_step(request)):
        return response
    try:
        records = saving.tried(partial(entering.save, plans=plans, submission=uuid4()), request.policy)
    except saving.Duplicate as duplicate:
        return _already_added(request, context, duplicate)
    except saving.Changed as changed:
        return _withdrawn(request, changed.record)
    context |= {
        "agreed": agreed,
        "was_changed": was_changed,
        "audience": audience_words(plans) if plans else "",
        "federal_penalty": attestation.FEDERAL_PENALTY,
        **_preview(entering, records),
    }
    return render(request, "certifications/preview.html", context)


def _attestation(
    request: SignedInPolicyRequest, typed: QueryDict, initial: dict[str, Any], *, was_changed: bool
) -> AttestationForm:
    """Return the attestation as it was sent, or an empty one if it is still to come or has to be confirmed again."""
    if typed.get("step") == "save" and (request.POST.get("step") == "save" or not was_changed):
        return drafts.form(request, AttestationForm, initial=initial)
    return AttestationForm(initial=initial)


def _save(request: SignedInPolicyRequest, entering: Entering, agreed: AttestationForm) -> HttpResponse:
    """Save what was entered and attested. Raises what `entering.save` raises."""
    records = entering.save(
        plans=agreed.agreed_plans(request.policy),
        submission=agreed.cleaned_data["submission"],
        purposes=agreed.agreed_purposes(),
        version=agreed.cleaned_data["version"],
    )
    saved = Certification.objects.filter(pk__in=[record.pk for record in records])
    messages.success(request, entering.message(saved))
    return redirect(entering.profile)


def _preview(entering: Entering, records: list[Certification]) -> dict[str, Any]:
    """Return what the preview says about `records` as they would be saved."""
    is_new, form = entering.is_new, entering.forms[0]
    unseen_records = [record for record in records if record.unseen_because]
    given = consents.of(entering.profile)
    return {
        "is_first": is_new and given[consents.Purpose.SHOW].pk is None,
        "chosen": None if is_new else records[0].get_audience_display(),
        "is_narrowed": not is_new and records[0].audience != Certification.Audience.ELIGIBLE,
        "groups": by_type(Badge.of(record) for record in records if not record.unseen_because),
        "unseen_groups": by_type(Badge.of(record) for record in unseen_records),
        "unseen": [
            (record, record.unseen_because == Obstacle.EXPIRED and unseen.can_file_renewal(record))
            for record in unseen_records
        ],
        "changes": [] if is_new else form.changes,
        "is_material": not is_new and form.is_material,
    }
