"""A client's invitations to talk: which were sent and what came of them, and sending and withdrawing them."""

import operator
import uuid
from datetime import date, datetime
from functools import reduce
from typing import Annotated

from allauth.core import ratelimit
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema
from pydantic import Field

from common.mail.letters import absolute
from integrations.api import conditions
from integrations.api.auth import Bearer, Caller, caller_of
from integrations.api.bodies import Body
from integrations.api.certifications import KindCode, Slug
from integrations.api.giving import Choice, ProfileOut
from integrations.api.idempotency import PARAMETER, once
from integrations.api.paging import Asked, Page, page_of
from integrations.api.problems import Fault, Problem, Refused
from integrations.models import AccessToken
from profiles.models import Profile
from sourcing import talks
from sourcing.forms.talks import GroupInvitationForm
from sourcing.models import TalkInvitation

router = Router(tags=["Invitations"])
# As on their pages: whom a client invites says nothing of certifications, so no one accepts terms for it.
READS = Bearer(AccessToken.Scope.INVITATIONS, needs_terms=False)
WRITES = Bearer(AccessToken.Scope.INVITATIONS_WRITE, needs_terms=False)

# The example of an invitation.
TITLE = "Year-end accounts for two sites"
TEXT = "From January on. We would like to hear when you have time."
InvitationId = Annotated[int, Path(description="The id of an invitation.")]


class InvitationOut(Schema):
    """An invitation that a member of your organization sent to a profile."""

    id: int
    profile: Annotated[ProfileOut | None, Field(description="Null once the profile is not available anymore.")]
    title: Annotated[str, Field(examples=[TITLE])]
    text: Annotated[str, Field(examples=[TEXT])]
    budget: Annotated[int | None, Field(description="The estimated total budget in USD.", examples=[5000])]
    answer_by: Annotated[date, Field(description="The last day on which it can be answered.")]
    state: Annotated[
        Choice,
        Field(
            description="One of waiting, question, accepted, declined, withdrawn, and over if its last day passed. "
            "With question, the profile asked something and has no answer yet.",
            examples=[{"code": "waiting", "label": "Awaiting a response"}],
        ),
    ]
    sent_at: datetime
    answered_at: Annotated[datetime | None, Field(examples=[None])]
    url: Annotated[str, Field(description="Its page, with the messages.", examples=[absolute("/talks/1/")])]


def _own(caller: Caller) -> QuerySet[TalkInvitation]:
    return TalkInvitation.objects.of(caller.viewer).select_related("profile")


def _out(invitation: TalkInvitation) -> InvitationOut:
    return InvitationOut(
        id=invitation.pk,
        profile=ProfileOut.of(invitation.profile) if invitation.profile.is_active else None,
        title=invitation.title,
        text=invitation.text,
        budget=None if invitation.budget is None else int(invitation.budget),
        answer_by=invitation.answer_by,
        state=Choice(code=invitation.state.code, label=invitation.state.label),
        sent_at=invitation.sent_at,
        answered_at=invitation.answered_at,
        url=absolute(invitation.get_absolute_url()),
    )


@router.get(
    "/invitations",
    auth=READS,
    response=Page[InvitationOut],
    operation_id="listInvitations",
    summary="List invitations",
    description="The invitations that your organization sent, the oldest first.",
)
def invitations(request: HttpRequest, asked: Asked) -> Page[InvitationOut]:
    found = page_of(request, _own(caller_of(request)), ("sent_at", "pk"), asked)
    return found.page([_out(one) for one in found.rows])


@router.get(
    "/invitations/{invitation_id}",
    auth=READS,
    response=InvitationOut,
    operation_id="getInvitation",
    summary="Get an invitation",
)
def invitation(request: HttpRequest, invitation_id: InvitationId) -> InvitationOut:
    return _out(get_object_or_404(_own(caller_of(request)), pk=invitation_id))


class ProfileKey(Body):
    """What a profile is known by."""

    kind: Annotated[KindCode, Field(description="The kind of profile.")]
    slug: Annotated[Slug, Field(description="The last part of its address.", examples=["renee-diaz"])]


class NewInvitations(Body):
    """One message to some profiles. Each gets an invitation of its own and doesn't see the others."""

    profiles: Annotated[
        list[ProfileKey],
        Field(min_length=1, max_length=talks.MOST_AT_ONCE, description=f"Whom to invite, up to {talks.MOST_AT_ONCE}."),
    ]
    title: Annotated[str, Field(min_length=1, max_length=120, description="The subject.", examples=[TITLE])]
    text: Annotated[str, Field(min_length=1, max_length=3000, description="What you need.", examples=[TEXT])]
    budget: Annotated[
        int | None, Field(ge=1, le=10**10 - 1, description="The estimated total budget in USD.", examples=[5000])
    ] = None
    answer_by: Annotated[
        date,
        Field(
            description=f"The last day to answer, within {TalkInvitation.LONGEST.days} days.", examples=["2026-12-15"]
        ),
    ]


class NotSent(Schema):
    """A profile to which no invitation was sent."""

    profile: ProfileOut
    reason: Annotated[str, Field(examples=["Your organization is already awaiting their response."])]


class SentInvitations(Schema):
    """What became of a message to some profiles."""

    sent: list[InvitationOut]
    not_sent: list[NotSent]


@router.post(
    "/invitations",
    auth=WRITES,
    response={201: SentInvitations},
    operation_id="sendInvitations",
    summary="Send invitations",
    description="Invite profiles to talk, in the name of the person who created the token. The limits are those of the "
    "pages. If a profile isn't there, the answer is 404 and nothing is sent. If none of the invitations can be sent, "
    "it is 422 with the reasons.",
    openapi_extra={"parameters": [PARAMETER]},
)
@once(SentInvitations)
def send(request: HttpRequest, asked: NewInvitations) -> SentInvitations:
    caller = caller_of(request)
    sender = caller.token.made_by
    recipients = _recipients(caller, asked)
    places = {profile: place for place, profile in recipients.items()}
    form = GroupInvitationForm(
        {
            "submission": uuid.uuid4(),  # a request that is sent again has its Idempotency-Key
            "profiles": [profile.pk for profile in places],
            "title": asked.title,
            "text": asked.text,
            "budget": "" if asked.budget is None else str(asked.budget),
            "answer_by": asked.answer_by,
        },
        instance=TalkInvitation(client_id=caller.client_pk, sent_by=sender),
        recipients=list(places),
    )
    if not form.is_valid():
        faults = [
            Fault(f"/body/{name}", str(message)) for name, messages in form.errors.items() for message in messages
        ]
        raise Refused(Problem.INVALID, faults=faults)
    made = form.invitations()
    unsent = talks.invite_all(made, may_send=lambda: ratelimit.consume(request, action="talk", user=sender))
    if len(unsent) == len(made):
        raise Refused(Problem.INVALID, faults=[Fault(places[one.invitation.profile], one.reason) for one in unsent])
    sent = _own(caller).filter(pk__in=[one.pk for one in made if one.pk]).order_by("pk")
    return SentInvitations(
        sent=[_out(one) for one in sent],
        not_sent=[NotSent(profile=ProfileOut.of(one.invitation.profile), reason=one.reason) for one in unsent],
    )


def _recipients(caller: Caller, asked: NewInvitations) -> dict[str, Profile]:
    """Return the profiles that are asked for, each once, by where the body names them first."""
    named: dict[tuple[str, str], str] = {}
    for number, key in enumerate(asked.profiles):
        named.setdefault((key.kind, key.slug), f"/body/profiles/{number}")
    any_of_them = reduce(operator.or_, (Q(kind=kind, slug=slug) for kind, slug in named))
    found = {(one.kind, one.slug): one for one in Profile.objects.active().filter(any_of_them)}
    if missing := [place for key, place in named.items() if key not in found]:
        raise Refused(Problem.NOT_FOUND, faults=[Fault(place, "There is no such profile.") for place in missing])
    recipients = {place: found[key] for key, place in named.items()}
    if own := [place for place, profile in recipients.items() if caller.viewer.edits(profile)]:
        message = "Whoever created the token edits this profile."
        raise Refused(Problem.INVALID, faults=[Fault(place, message) for place in own])
    return recipients


@router.delete(
    "/invitations/{invitation_id}",
    auth=WRITES,
    response=InvitationOut,
    operation_id="withdrawInvitation",
    summary="Withdraw an invitation",
    description="If it was answered or withdrawn before, nothing changes. The answer says its state.",
    openapi_extra=conditions.described("getInvitation"),
)
@transaction.atomic
def withdraw(request: HttpRequest, invitation_id: InvitationId) -> InvitationOut:
    own = _own(caller_of(request))
    sent = get_object_or_404(own.select_for_update(of=("self",)), pk=invitation_id)
    conditions.demand(request, _out(sent))
    sent.withdraw()
    return _out(own.get(pk=invitation_id))
