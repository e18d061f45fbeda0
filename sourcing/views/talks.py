"""A client's invitations to talk: writing one, those sent, and what was written about each."""

from allauth.core import ratelimit
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from common.redirects import page_of_ours
from common.translation import with_names
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest
from sourcing import access, talks
from sourcing.forms.talks import TalkInvitationForm, TalkMessageForm
from sourcing.models import TalkInvitation, TalkMessage

PER_PAGE = 20
TOO_MANY = "You have sent several within the hour. What you wrote is kept here: try later."


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
                said = "Sent to {}. You will find the answer under Invitations, and we will email you."
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
@drafts.act(lambda pk: reverse("sourcing:talk", args=[pk]), "the invitation is not withdrawn yet", "Withdraw it")
def withdraw(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    invitation = _own(request, pk)
    if invitation.withdraw():
        messages.success(request, "The invitation is withdrawn.")
    else:
        messages.info(request, "Nothing changed: it was answered or withdrawn meanwhile.")
    return redirect(invitation)
