"""The inbox of a profile's editors: invitations to talk, and the answers to them."""

from allauth.core import ratelimit
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from common.translation import with_names
from rollout.middleware import SignedInPolicyRequest
from sourcing import talks
from sourcing.forms.talks import TalkMessageForm
from sourcing.models import TalkInvitation, TalkMessage
from sourcing.views.talks import PER_PAGE, TOO_MANY

DONE = {
    TalkInvitation.Answer.ACCEPTED: "Accepted. We told {client}, who can write to you here.",
    TalkInvitation.Answer.DECLINED: "Declined. We told {client}.",
}


@require_safe
def index(request: SignedInPolicyRequest) -> HttpResponse:
    found = TalkInvitation.objects.for_editors(request.viewer).select_related("client", "profile")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "sourcing/inbox.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """An invitation; a POST accepts, declines or writes. A message to accept or decline with may be left empty."""
    found = TalkInvitation.objects.for_editors(request.viewer).select_related("client", "profile")
    invitation = get_object_or_404(found, pk=pk)
    answer = request.POST.get("answer", "")
    is_answer = answer in TalkInvitation.Answer.values
    message = TalkMessage(invitation=invitation, is_from_client=False, author=request.user)
    form = drafts.form(request, TalkMessageForm, instance=message, is_required=not is_answer)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="talk_message", user=request.user):
            form.add_error(None, TOO_MANY)
        elif is_answer:
            message = form.save(commit=False)
            if talks.respond(invitation, answer, by=request.user, message=message if message.text else None):
                messages.success(request, with_names(DONE[answer], client=invitation.client))
                return redirect(invitation.inbox_url)
            invitation.refresh_from_db()
            form.add_error(None, "It was already answered or withdrawn, or its last day is over. Nothing was sent.")
        else:
            talks.write(form.save(commit=False))
            messages.success(request, with_names("Sent to {}.", invitation.client))
            return redirect(invitation.inbox_url)
    context = {
        "invitation": invitation,
        "form": form,
        "thread": invitation.messages.delivered().select_related("author"),
        "is_blocked": TalkInvitation.objects.blocked().filter(pk=pk).exists(),
        "can_accept": invitation.answer != TalkInvitation.Answer.ACCEPTED
        and invitation.withdrawn_at is None
        and invitation.answer_by >= invitation.profile.today(),
    }
    with invitation.profile.in_its_time_zone():
        return render(request, "sourcing/inbox_talk.html", context)
