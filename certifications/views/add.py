"""Adding, changing and renewing a certification: one question a screen, and a last look before it is saved."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from certifications import disclosures
from certifications.badges import Badge, by_type
from certifications.entry import attestation, saving
from certifications.entry.forms import CertificationForm, DatesForm, EditForm, RenewForm
from certifications.entry.questions import AttestationForm, CertificateForm, SharingForm, TypesForm
from certifications.entry.summary import sharing_summary, summary
from certifications.mail.sending import notify_other_editors
from certifications.models import Certification, CertificationType, Step
from certifications.rule import Obstacle
from certifications.sharing import consents, unseen
from certifications.views.access import for_editors
from certifications.views.entering import SAVE, Flow
from common import drafts
from common.hooks import Hook
from common.keys import key_of
from profiles.models import Profile
from rollout.audience import audience_words
from rollout.middleware import SignedInPolicyRequest

DETAILS = "What does your certificate say?"

# Why no client sees a new record although nothing is wrong: its owner has just chosen that.
CHOSEN = (Obstacle.NOBODY, Obstacle.UNNAMED)

# Called with the request and a record that was just added. Each returns a part of the page after adding it, which
# offers what can be done with it next.
next_steps = Hook()


class Entry(NamedTuple):
    """What the last screen checks and saves.

    `save` returns the records saved, and may raise what `saving` raises. `done` returns the address to lead to then.
    """

    forms: list[DatesForm]
    save: Callable[..., list[Certification]]
    done: Callable[[list[Certification]], str]
    version: str = ""
    sharing: SharingForm | None = None  # of new ones


class Added(NamedTuple):
    """A new record, why no client sees it if none does, and what can be done with it next."""

    record: Certification
    level: str
    reason: str
    steps: list[SafeString]

    @classmethod
    def of(cls, request: SignedInPolicyRequest, record: Certification) -> "Added":
        """Return what to say of a `record` with its status and step."""
        reason = unseen.reason(record) if record.unseen_because else ""
        return cls(record, Step(record.step).label, reason, next_steps(request, record))


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def add(request: SignedInPolicyRequest, profile: Profile) -> HttpResponseBase:
    """Ask for new records, one for each type that is chosen first, or that the link names."""
    if not disclosures.is_in_us(profile):
        return redirect(Certification(profile=profile).section_url)
    if earlier := _earlier_click(request, profile):
        return earlier
    answer = _ask_and_add(request, profile)
    # The first of two clicks may have saved while the second was checked.
    return _earlier_click(request, profile) or answer


def _earlier_click(request: SignedInPolicyRequest, profile: Profile) -> HttpResponseBase | None:
    """Return what leads to the records that the same form has saved before, if it has."""
    records = saving.saved_before(profile, request.POST.get("submission"))
    return redirect(_added_url(profile, records)) if records else None


def _ask_and_add(request: SignedInPolicyRequest, profile: Profile) -> HttpResponseBase:
    begun = drafts.begun(request, "type")
    flow = Flow(request, profile=profile, heading="Add a certification", is_new=True, begun=begun)
    types = flow.ask("types", "types", TypesForm, "type", {}, question="What is your business certified as?")
    chosen = list(types.cleaned_data["type"]) if types else []
    last = Certification.objects.filter(profile=profile).order_by("pk").last()
    name = last.legal_business_name if last else ""
    forms = []
    for type in chosen:
        prefix = {"prefix": type.key}
        choice = _ask_certificate(flow, f"certificate-{type.key}", type, prefix)
        certificate = choice and choice.cleaned_data["certificate"]
        given = prefix | {
            "certificate": certificate,
            "instance": Certification(profile=profile, type=type, self_reported_at=timezone.now()),
            "initial": {"legal_business_name": name},
        }
        form_class = CertificationForm if certificate else None
        about = {"about": type, "question": DETAILS, "certificate": certificate}
        form = flow.ask(f"details-{type.key}", "details", form_class, "number", given, **about)
        if form:
            name = form.cleaned_data["legal_business_name"]
            forms.append(form)
    plans = consents.offered_plans(profile, request.policy)
    is_first = consents.of(profile)[consents.Purpose.SHOW].pk is None
    asked = {"plans": plans, "is_first": is_first, "many": len(chosen) > 1}
    question = "Who can see them?" if len(chosen) > 1 else "Who can see it?"
    sharing = flow.ask("audience", "audience", SharingForm, "audience", asked, question=question)

    def save(*, version: str | None = None, **agreed: Any) -> list[Certification]:
        audience = sharing.cleaned_data["audience"] if sharing else ""
        purposes = sharing.purposes if sharing else []
        return saving.add(profile, forms, by=request.user, audience=audience, purposes=purposes, **agreed)

    def added(records: list[Certification]) -> str:
        what = "a certification" if len(records) == 1 else f"{len(records)} certifications"
        notify_other_editors(profile, f"added {what} to", by=request.user)
        return _added_url(profile, records)

    return _enter(flow, Entry(list(forms), save, added, sharing=sharing))


def _ask_certificate(flow: Flow, key: str, type: CertificationType, given: dict[str, Any]) -> CertificateForm | None:
    about = {"about": type, "question": "Which certificate do you have?", "leads_on": True}
    return flow.ask(key, "certificate", CertificateForm, "certificate", given | {"type": type}, **about)


def _added_url(profile: Profile, records: Iterable[Certification]) -> str:
    address = reverse("certifications:added", args=[profile.kind, profile.slug])
    return f"{address}?{urlencode({'record': [record.pk for record in records]}, doseq=True)}"


@require_safe
@for_editors
def added(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    """What can be done with the records that were just added, and who sees them now."""
    keys = [key for text in request.GET.getlist("record") if (key := key_of(text))]
    found = Certification.objects.visible_to(request.viewer, request.policy).filter(profile=profile, pk__in=keys)
    records = list(found.current().with_status(request.policy).with_step().for_display().select_related("profile"))
    if not records:
        return redirect(profile)
    context = {"profile": profile, "records": [Added.of(request, record) for record in records]}
    return render(request, "certifications/entry/added.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def edit(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponseBase:
    flow = Flow(request, profile=profile, heading="Edit certification", certification=record)
    held = {"held": record.certificate}
    choice = _ask_certificate(flow, "certificate", record.type, held) if "certificate" in flow.typed else None
    certificate = choice.cleaned_data["certificate"] if choice else record.certificate
    given = {"instance": record, "certificate": certificate}
    about = {"about": record.type, "question": DETAILS, "certificate": certificate}
    form = flow.ask("details", "details", EditForm, "number", given, **about)
    return _change(flow, record, form, "Your changes are saved.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def renew(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponseBase:
    flow = Flow(request, profile=profile, heading="Renew certification", certification=record)
    question = "What are the new dates?"
    form = flow.ask("dates", "dates", RenewForm, "expires_on", {"instance": record}, question=question)
    return _change(flow, record, form, "The new dates are saved.")


def _change(flow: Flow, record: Certification, form: DatesForm | None, done: str) -> HttpResponseBase:
    request = flow.request
    if record.withdrawn_at:
        return _removed(request, record)

    def save(*, version: str | None = None, **agreed: Any) -> list[Certification]:
        return saving.change(record, form, by=request.user, version=version) if form else []

    def saved(records: list[Certification]) -> str:
        said = done if form and form.changes else "Nothing was changed."
        changed = Certification.objects.filter(pk=record.pk)
        messages.success(request, unseen.with_reasons(said, changed, request.policy))
        return record.profile.get_absolute_url()

    return _enter(flow, Entry([form] if form else [], save, saved, version=record.updated_at.isoformat()))


def _removed(request: SignedInPolicyRequest, record: Certification) -> HttpResponse:
    messages.info(request, "This certification is removed. Restore it before you change it.")
    return redirect(record)


def _enter(flow: Flow, entry: Entry) -> HttpResponseBase:
    """Return the screen that is next, the last one with the `entry`, or after saving what leads on."""
    if flow.is_saving:
        return _check(flow, entry)
    if screen := flow.next():
        return flow.show(screen)
    return flow.see(None) or _check(flow, entry)


def _check(flow: Flow, entry: Entry) -> HttpResponseBase:
    """Save what was agreed to; else show what would be saved and who would see it.

    That is tried: saved, asked of the rule, and taken back.
    """
    request, profile = flow.request, flow.context["profile"]
    # A change never widens whom the owner agreed to show a record to; only a new one agrees to today's audience.
    plans = (
        consents.offered_plans(profile, request.policy) if entry.sharing else flow.context["certification"].agreed_now
    )
    initial = {"version": entry.version, "plans": plans}
    # If someone else changed it meanwhile, the person is told, and confirms all of it again.
    was_sent = flow.typed.get("step") == SAVE
    was_changed = was_sent and bool(entry.version) and flow.typed.get("version") != entry.version
    if was_sent and not (was_changed and not flow.is_saving):
        agreed = drafts.form(request, AttestationForm, initial=initial)
    else:
        agreed = AttestationForm(initial=initial)
    if flow.is_saving and agreed.is_valid():
        try:
            records = entry.save(
                plans=agreed.agreed_plans(request.policy),
                submission=agreed.cleaned_data["submission"],
                version=agreed.cleaned_data["version"],
            )
        except saving.Duplicate as duplicate:
            return _already_added(flow, duplicate)
        except saving.Changed:
            agreed = AttestationForm(initial=initial)
            was_changed = True
        else:
            return redirect(entry.done(records))
    if flow.is_saving and (response := flow.see(None)):
        return response
    try:
        records = saving.tried(partial(entry.save, plans=plans, submission=uuid4()), request.policy)
    except saving.Duplicate as duplicate:
        return _already_added(flow, duplicate)
    except saving.Changed as changed:
        return _removed(request, changed.record)
    context = _tried(entry, records, plans) | {
        "agreed": agreed,
        "was_changed": was_changed,
        "kept": list(flow.kept(agreed)),
        "last": flow.screens[-1].key,
        "number": len(flow.screens) + 1,
        "count": flow.count,
    }
    return render(request, "certifications/entry/check.html", flow.context | context)


def _tried(entry: Entry, records: list[Certification], plans: Sequence[str]) -> dict[str, Any]:
    """Return what the last screen says of tried `records`, shown to clients on `plans`."""
    common = {"federal_penalty": attestation.FEDERAL_PENALTY, "audience": audience_words(plans) if plans else ""}
    if entry.sharing:
        about = {"question": "Check your answers", **_of_new(entry.forms, entry.sharing, records)}
        return common | about | _shown(records, but_for=CHOSEN)
    about = {"question": "Check your changes", **_of_change(entry.forms[0], records[0])}
    return common | about | _shown(records, but_for=())


def _already_added(flow: Flow, duplicate: saving.Duplicate) -> HttpResponse:
    """The screen on which the record was entered, which says that it was added meanwhile."""
    duplicate.form.add_duplicate_error(duplicate.first)
    return flow.show(next(screen for screen in flow.screens if screen.form is duplicate.form))


def _shown(records: list[Certification], *, but_for: Collection[str]) -> dict[str, Any]:
    """Return what the rule says of tried `records`: the badges that clients see, and what no client sees, with why.

    `but_for`: obstacles that are no news.
    """
    seen = [record for record in records if not record.unseen_because]
    hidden = [record for record in records if record.unseen_because and record.unseen_because not in but_for]
    return {
        "groups": by_type(Badge.of(record) for record in seen),
        "unseen": [
            (record, record.unseen_because == Obstacle.EXPIRED and unseen.can_file_renewal(record)) for record in hidden
        ],
    }


def _of_new(forms: list[DatesForm], sharing: SharingForm, records: list[Certification]) -> dict[str, Any]:
    of_type = {record.type_id: record for record in records}
    entries = [(form.instance.type, summary(of_type[form.instance.type_id], form)) for form in forms]
    return {"entries": entries, "sharing": sharing_summary(sharing)}


def _of_change(form: DatesForm, record: Certification) -> dict[str, Any]:
    return {
        "changes": form.changes,
        "is_material": form.is_material,
        "chosen": record.get_audience_display(),
        "is_narrowed": record.audience != Certification.Audience.ELIGIBLE,
    }
