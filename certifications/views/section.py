"""The section's own page, pausing all certifications, and the answers besides a certification."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certifications import disclosures
from certifications.models import Certification, Consent, CountryInterest, Disclosure, UsBusiness
from certifications.sharing import consents, pauses, unseen
from certifications.sharing.forms import HideForm
from certifications.views.access import for_editors
from certifications.views.actions import page_url, section_page_of
from common import drafts
from common.days import day
from common.forms import OnOffForm
from common.hooks import Hook
from common.redirects import back
from common.undo import undoable
from profiles.models import Profile
from profiles.places import country_name
from rollout.audience import audience_words
from rollout.middleware import SignedInPolicyRequest

# Notices beside records, such as that one is being checked. Each function gets a list of records and returns a dict of
# notices (with `kind` and `heading`) by the record's key.
pending = Hook()


class AnswerForm(forms.Form):
    """Any answer except "disclosed", which adding a certification gives."""

    answer = forms.ChoiceField(
        choices=[choice for choice in Disclosure.Answer.choices if choice[0] != Disclosure.Answer.DISCLOSED]
    )


@require_safe
@for_editors
def section(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    """Show all records of the profile, withdrawn ones included, each with who sees it or why no one does."""
    return _page(request, profile)


def _page(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    policy = request.policy
    visible = Certification.objects.visible_to(request.viewer, policy).filter(profile=profile)
    records = list(visible.with_status(policy).with_step().for_display())
    notices = {key: notice for found in pending(records) for key, notice in found.items()}
    current, withdrawn = [], []
    for record in records:
        record.profile = profile
        record.remedies = unseen.remedies(record)
        record.pending = notices.get(record.pk)
        (withdrawn if record.withdrawn_at else current).append(record)
    given = dict(Consent.objects.filter(profile=profile).values_list("purpose", "is_given"))
    context = {
        "profile": profile,
        "here": page_url(profile, "section"),
        "current": current,
        "withdrawn": withdrawn,
        "disclosure": Disclosure.of(profile),
        "is_in_us": disclosures.is_in_us(profile),
        "us_business": UsBusiness.objects.filter(profile=profile).first(),
        "has_interest": CountryInterest.objects.filter(profile=profile).exists(),
        "audience": audience_words(policy.audience),
        "is_stopped": policy.is_paused,
        "pause": pauses.of(profile),
        "hide_form": _hide_form(request, profile),
        "is_off": given.get(Consent.Purpose.SHOW) is False,
        "is_shared": given.get(Consent.Purpose.MEMBERS),
        "question": consents.open_question(profile, policy),
        "plans": policy.audience,
    }
    return render(request, "certifications/section.html", context)


def _hide_form(request: SignedInPolicyRequest, profile: Profile) -> HideForm:
    return drafts.form(request, HideForm, at=page_url(profile, "hide_all"), profile=profile, auto_id="hide_all_%s")


@for_editors
@drafts.act(section_page_of, "your certifications aren't hidden yet", "Hide all certifications")
def hide_all(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    form = _hide_form(request, profile)
    if not form.is_valid():
        return _page(request, profile)
    until = form.cleaned_data["until"]
    pauses.hide_all(profile, until=until)
    words = f" until {day(until)}" if until else ""
    undo = page_url(profile, "show_all")
    undoable(request, f"All certifications are hidden{words}. No client can see any.", undo)
    return back(request, page_url(profile, "section"))


@for_editors
@drafts.act(section_page_of, "your certifications are still hidden", "Show again")
def show_all(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    if pauses.show_all(profile):
        undo = page_url(profile, "hide_all")
        said = unseen.with_reasons(
            "Your certifications are no longer hidden.", profile.certifications.current(), request.policy
        )
        undoable(request, said, undo)
    else:
        messages.info(request, "Nothing changed. Your certifications weren't hidden.")
    return back(request, page_url(profile, "section"))


@for_editors
@drafts.act(section_page_of, "your answer isn't saved yet", "Save it")
def answer(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    """Save one of the two other answers, or take the answer back."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the answers")
        return back(request, profile)
    chosen = form.cleaned_data["answer"]
    try:
        disclosures.answer(profile, chosen, by=request.user)
    except disclosures.HasCertifications:
        messages.error(
            request, "Your profile has certifications. Remove them first, or hide them so that no one can see them."
        )
    else:
        said = {
            Disclosure.Answer.NEVER_ASKED: "Your answer is deleted.",
            Disclosure.Answer.PREFERS_NOT_TO_SAY: "Saved. Only you can see this answer.",
            Disclosure.Answer.NOT_APPLICABLE: "Saved. Only you can see this answer.",
        }
        messages.success(request, said[chosen])
    return back(request, profile)


@for_editors
@drafts.act(section_page_of, "your request isn't saved yet", "Save it")
def interest(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    """Save or delete the wish to be notified when their country is supported."""
    if not _is_on(request):
        CountryInterest.objects.filter(profile=profile).delete()
        messages.success(request, "We won't email you about this.")
    elif not profile.is_in_us:
        CountryInterest.objects.get_or_create(profile=profile, defaults={"country": profile.country})
        messages.success(request, f"We'll email you when {country_name(profile.country)} is supported.")
    return back(request, page_url(profile, "section"))


@for_editors
@drafts.act(section_page_of, "your answer isn't saved yet", "Save it")
def us_business(request: SignedInPolicyRequest, profile: Profile) -> HttpResponse:
    """Save or delete the statement that the business is registered in the U.S., although its profile is elsewhere."""
    if _is_on(request):
        UsBusiness.objects.get_or_create(profile=profile, defaults={"stated_by": request.user})
        said = "Saved. Your business is registered in the U.S., so you can add its certifications."
    else:
        UsBusiness.objects.filter(profile=profile).delete()
        said = "Saved. Your business isn't registered in the U.S."
    messages.success(request, unseen.with_reasons(said, profile.certifications.current(), request.policy))
    return back(request, page_url(profile, "section"))


def _is_on(request: SignedInPolicyRequest) -> bool:
    form = OnOffForm(request.POST)
    return form.is_valid() and form.cleaned_data["on"]
