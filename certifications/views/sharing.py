"""The owner's choices about who sees certifications: the audience of each, named and blocked clients, and consents."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certifications.data.history import consent_history
from certifications.mail.sending import notify_owners
from certifications.models import Certification
from certifications.sharing import clients, consents, unseen
from certifications.sharing.forms import AudienceForm, ClientSearchForm, ConsentForm, QuestionForm
from certifications.views.access import for_editors, recently_signed_in
from certifications.views.actions import act, page_url
from common import drafts
from common.redirects import back
from common.translation import with_names
from profiles.models import Client, Profile
from rollout.audience import audience_words
from rollout.middleware import SignedInPolicyRequest


def _audience_page(profile: Profile, record: Certification) -> str:
    return f"{page_url(profile, 'audience', record.pk)}#clients"


def _blocks_page(profile: Profile) -> str:
    return page_url(profile, "blocks")


# One certification's audience


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
@recently_signed_in
def audience(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    if record.withdrawn_at:
        messages.info(request, "This certification is removed. Restore it before you choose who can see it.")
        return redirect(record)
    form = drafts.form(request, AudienceForm, record=record)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["audience"]
        is_changed = chosen != record.audience
        label = form.label_of(chosen)
        here = page_url(profile, "audience", record.pk)

        def change() -> None:
            record.show_to(chosen)
            if is_changed:
                notify_owners(profile, f"Who can see one of the certifications: {label}.", by=request.user)

        done = with_names(f"Saved. Who can see {{}}: {label}.", record.label)
        response = act(request, record, change, done, shows=True)
        return redirect(f"{here}#clients") if chosen == Certification.Audience.NAMED else response
    search = ClientSearchForm(request.GET or None)
    named = clients.named_for(record)
    context = {
        "profile": profile,
        "certification": record,
        "form": form,
        "names_clients": record.audience == Certification.Audience.NAMED,
        "search": search,
        "chosen": named,
        "found": search.found(without=named, plans=record.agreed_now),
    }
    return render(request, "certifications/audience.html", context)


@for_editors
@recently_signed_in
@drafts.act(_audience_page, "the client isn't added yet", "Add it")
def client_name(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    client = _client(request)
    if clients.name(record, client):
        notify_owners(profile, "A client was added that can see one of the certifications.", by=request.user)
    said = with_names("{} can see {}.", client.name, record.label)
    messages.success(request, unseen.with_reasons(said, Certification.objects.filter(pk=record.pk), request.policy))
    return redirect(_audience_page(profile, record))


@for_editors
@recently_signed_in
@drafts.act(_audience_page, "the client isn't removed yet", "Remove it")
def client_unname(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    client = _client(request)
    if clients.unname(record, client):
        notify_owners(profile, "A client can no longer see one of the certifications.", by=request.user)
    messages.success(
        request, with_names("{} is no longer one of the clients you chose for {}.", client.name, record.label)
    )
    return redirect(_audience_page(profile, record))


def _client(request: SignedInPolicyRequest) -> Client:
    key = request.POST.get("client", "")
    return get_object_or_404(Client, slug=key if "\x00" not in key else "")


# Blocked clients


@require_safe
@for_editors
def blocks(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    search = ClientSearchForm(request.GET or None)
    blocked = clients.blocked_by(profile)
    context = {"profile": profile, "search": search, "chosen": blocked, "found": search.found(without=blocked)}
    return render(request, "certifications/blocks.html", context)


@for_editors
@recently_signed_in
@drafts.act(_blocks_page, "the client isn't blocked yet", "Block it")
def block(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    client = _client(request)
    if clients.block(profile, client):
        notify_owners(profile, "A client was blocked from seeing any certification.", by=request.user)
    said = "{} is blocked. Its members can't see your certifications, and they aren't told."
    messages.success(request, with_names(said, client.name))
    return redirect(_blocks_page(profile))


@for_editors
@recently_signed_in
@drafts.act(_blocks_page, "the client is still blocked", "Unblock it")
def unblock(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    client = _client(request)
    if clients.unblock(profile, client):
        notify_owners(profile, "A client is no longer blocked.", by=request.user)
    messages.success(request, with_names("{} is no longer blocked.", client.name))
    return redirect(_blocks_page(profile))


# Consents


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
@recently_signed_in
def consent(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    if request.method == "POST":
        form = ConsentForm(request.POST, profile=profile)
        if not form.is_valid():
            messages.error(request, "Choose one of the permissions")
            return redirect(page_url(profile, "consent"))
        purpose, is_given = form.cleaned_data["purpose"], form.cleaned_data["on"]
        plans = consents.shown_plans(form.cleaned_data["plans"], request.policy)
        label = consents.Purpose(purpose).label
        if consents.choose(profile, purpose, is_given=is_given, plans=plans, by=request.user):
            said = "turned on" if is_given else "turned off"
            notify_owners(profile, f"“{label}” was {said}.", by=request.user)
        said = f"“{label}” is {'on' if is_given else 'off'}."
        if is_given and purpose == consents.Purpose.SHOW:
            said = unseen.with_reasons(said, profile.certifications.current(), request.policy)
        messages.success(request, said)
        return redirect(page_url(profile, "consent"))
    chosen = consents.of(profile)
    context = {
        "profile": profile,
        "here": page_url(profile, "consent"),
        "choices": [(consent, *consents.newest(purpose)) for purpose, consent in chosen.items()],
        "question": consents.open_question(profile, request.policy),
        "has_declined": any(consent.declined_plans or consent.declined_version for consent in chosen.values()),
        "plans": request.policy.audience,
        "audience": audience_words(request.policy.audience),
        "entries": consent_history(profile),
    }
    return render(request, "certifications/consent.html", context)


@for_editors
@recently_signed_in
@drafts.act(lambda profile: page_url(profile, "consent"), "your answer isn't saved yet", "Save it")
def question(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    form = QuestionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Answer yes or no")
        return redirect(page_url(profile, "consent"))
    if form.cleaned_data["answer"] == "again":
        consents.ask_again(profile)
        return redirect(page_url(profile, "consent"))
    is_yes = form.cleaned_data["answer"] == "yes"
    plans = consents.shown_plans(form.cleaned_data["plans"], request.policy)
    if not consents.answer_question(profile, request.policy, is_yes=is_yes, plans=plans, by=request.user):
        messages.info(request, "There is no open question. It was already answered.")
    elif is_yes:
        shown_to = audience_words(plans)
        notify_owners(profile, f"Clients that may see certifications: {shown_to}.", by=request.user)
        said = f"You agreed to {shown_to}. Whoever you chose for each certification stays as it is."
        messages.success(request, unseen.with_reasons(said, profile.certifications.current(), request.policy))
    else:
        messages.success(request, "Saved. Nothing changes, and we won't ask you this again.")
    return back(request, page_url(profile, "consent"))
