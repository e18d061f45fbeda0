"""A client's invitations to talk: writing one, those sent, and what was written about each."""

from allauth.core import ratelimit
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from common.keys import key_of
from common.redirects import page_of_ours
from common.translation import untranslated, with_names
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest
from sourcing import access, dealings, talks
from sourcing.forms.talks import GroupInvitationForm, TalkInvitationForm, TalkMessageForm
from sourcing.models import ShortlistEntry, TalkInvitation, TalkMessage

PER_PAGE = 20
TOO_MANY = "You've sent too many messages in the last hour. What you wrote is still here. Try again later."


@access.for_members
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: SignedInPolicyRequest, kind: str, slug: str) -> HttpResponse:
    """It looks the same, and does, whether or not the profile has a certification or has blocked the client."""
    profile = get_object_or_404(Profile.objects.active(), kind=kind, slug=slug)
    if request.viewer.edits(profile):
        raise PermissionDenied
    invitation = TalkInvitation(client_id=request.viewer.acts_for.pk, profile=profile, sent_by=request.user)
    form = drafts.form(request, TalkInvitationForm, instance=invitation)
    next_page = page_of_ours(request, request.GET.get("next", ""))
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="talk", user=request.user):
            form.add_error(None, TOO_MANY)
        else:
            try:
                sent = talks.invite(form.save(commit=False))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                said = "Sent to {}. You'll find the answer under Invitations, and we'll email you."
                messages.success(request, with_names(said, profile))
                return redirect(next_page or sent)
    earlier = TalkInvitation.objects.of(request.viewer).filter(profile=profile).select_related("profile")
    context = {
        "profile": profile,
        "form": form,
        "waiting": earlier.waiting().first(),
        "next": next_page,
    }
    return render(request, "sourcing/invite.html", context)


@access.for_members
@require_http_methods(["GET", "HEAD", "POST"])
def invite_several(request: SignedInPolicyRequest) -> HttpResponse:
    """One message to the profiles in the address, or on its entries of shortlists: an invitation for each."""
    viewer = request.viewer
    next_page = page_of_ours(request, request.GET.get("next", ""))
    recipients = _selected(request)
    if not 0 < len(recipients) <= talks.MOST_AT_ONCE:
        messages.info(request, f"Select 1 to {talks.MOST_AT_ONCE} profiles to contact.")
        return redirect(next_page or "sourcing:talks")
    dealings.look_up(recipients, viewer)
    waiting = (
        TalkInvitation.objects.of(viewer).waiting().filter(profile__in=recipients).values_list("profile", flat=True)
    )
    free = {profile.pk for profile in recipients} - set(waiting)
    invitation = TalkInvitation(client_id=viewer.acts_for.pk, sent_by=request.user)
    initial = {"profiles": sorted(free)}
    form = drafts.form(request, GroupInvitationForm, instance=invitation, recipients=recipients, initial=initial)
    if request.method == "POST" and form.is_valid():
        invitations = form.invitations()
        unsent = talks.invite_all(
            invitations, may_send=lambda: ratelimit.consume(request, action="talk", user=request.user)
        )
        reasons = [format_html("{}: {}", untranslated(one.invitation.profile), one.reason) for one in unsent]
        sent = len(invitations) - len(unsent)
        if sent:
            to = f"{sent} profile{'' if sent == 1 else 's'}"
            messages.success(request, f"Sent to {to}. You'll find the answers under Invitations, and we'll email you.")
            for reason in reasons:
                messages.warning(request, format_html("Not sent to {}", reason))
            return redirect(next_page or "sourcing:talks")
        for reason in reasons:
            form.add_error(None, reason)
    ticked = {str(key) for key in form["profiles"].value() or []}
    context = {"form": form, "recipients": recipients, "ticked": ticked, "next": next_page}
    return render(request, "sourcing/invite_several.html", context)


def _selected(request: SignedInPolicyRequest) -> list[Profile]:
    """Return the profiles in the address, or on its entries of shortlists, that the viewer may invite."""
    keys = {key_of(text) for text in request.GET.getlist("profile")}
    entries = {key_of(text) for text in request.GET.getlist("entry")}
    listed = ShortlistEntry.objects.of(request.viewer).on_lists().filter(pk__in=entries)
    asked = Profile.objects.active().filter(Q(pk__in=keys) | Q(pk__in=listed.values("profile")))
    return list(
        asked.exclude(pk__in=request.viewer.managed_profile_ids).order_by("name", "pk")[: talks.MOST_AT_ONCE + 1]
    )


@access.for_members
@require_safe
def index(request: SignedInPolicyRequest) -> HttpResponse:
    found = TalkInvitation.objects.of(request.viewer).select_related("profile", "sent_by")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "sourcing/talks.html", {"page": page})


def _own(request: SignedInPolicyRequest, pk: int) -> TalkInvitation:
    found = TalkInvitation.objects.of(request.viewer).select_related("client", "profile", "sent_by")
    return get_object_or_404(found, pk=pk)


@access.for_members
@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """An invitation and what was written about it; a POST writes."""
    invitation = _own(request, pk)
    message = TalkMessage(invitation=invitation, is_from_client=True, author=request.user)
    form = drafts.form(request, TalkMessageForm, instance=message)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="talk_message", user=request.user):
            form.add_error(None, TOO_MANY)
        else:
            talks.write(form.save(commit=False))
            messages.success(request, "Sent.")
            return redirect(invitation)
    context = {"invitation": invitation, "form": form, "thread": invitation.messages.select_related("author")}
    with invitation.profile.in_its_time_zone():
        return render(request, "sourcing/talk.html", context)


@access.for_members
@drafts.act(lambda pk: reverse("sourcing:talk", args=[pk]), "it is not withdrawn yet", "Withdraw invitation")
def withdraw(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    invitation = _own(request, pk)
    if invitation.withdraw():
        messages.success(request, "Invitation withdrawn.")
    else:
        messages.info(request, "Nothing changed. It was already answered or withdrawn.")
    return redirect(invitation)
