"""Every operation of the API, asked by everybody whom the rule shows nothing: no trace of a certification."""

import json
import re
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from certifications.models import Block, Certification, Consent, NamedClient, Pause
from integrations.api.document import document
from integrations.models import AccessToken
from profiles.models import ClientMembership, Profile
from sourcing.models import Export, Shortlist, TalkInvitation
from tests.factories import (
    AgencyFactory,
    CertificationFactory,
    ClientMembershipFactory,
    EvidenceFactory,
    TalkInvitationFactory,
)
from tests.integrations.programs import Program, admin_of
from tests.site import held_out_person, roll_out

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def held_out():
    user = held_out_person()
    user.client_memberships.update(role=ClientMembership.Role.ADMIN)
    return user


def enterprise(**client):
    return lambda: admin_of("enterprise", **client)


def nothing(program):
    pass


def block(program):
    Block.objects.bulk_create(Block(profile=profile, client=program.client) for profile in Profile.objects.all())


def block_another_of_theirs(program):
    other = ClientMembershipFactory(user=program.user, client__name="Zeta Works").client
    Block.objects.bulk_create(Block(profile=profile, client=other) for profile in Profile.objects.all())


def hide_all(program):
    Pause.objects.bulk_create(Pause(profile=profile) for profile in Profile.objects.all())


def show_to_no_one(program):
    Consent.objects.filter(purpose=Consent.Purpose.SHOW).update(is_given=False)


def be_found_by_no_one(program):
    Consent.objects.filter(purpose=Consent.Purpose.FIND).update(is_given=False)


def name_others(program):
    Certification.objects.update(audience=Certification.Audience.NAMED)
    for record in Certification.objects.all():
        NamedClient.objects.create(certification=record, client=admin_of().clients.get())


def expire(program):
    Certification.objects.update(expires_on=timezone.now().date() - timedelta(days=2))


def stop_types(program):
    roll_out(paused_types=list(Certification.objects.values_list("type", flat=True)))


def revoke(program):
    AccessToken.objects.filter(pk=program.token.pk).revoke(by=program.user)


def leave(program):
    program.user.client_memberships.all().delete()


def end_plan(program):
    type(program.client).objects.filter(pk=program.client.pk).update(is_active=False)


# Who asks, and what happens before.
ROLES = {
    "Basic": (lambda: admin_of("basic"), nothing),
    "Plus": (lambda: admin_of("plus"), nothing),
    "held-out Enterprise": (held_out, nothing),
    "whose plan lost the audience": (lambda: admin_of("business"), lambda program: roll_out(["enterprise"])),
    **{
        act.__name__: (enterprise(), act)
        for act in (
            block,
            block_another_of_theirs,
            hide_all,
            show_to_no_one,
            be_found_by_no_one,
            name_others,
            expire,
            stop_types,
            revoke,
            leave,
            end_plan,
        )
    },
}


class Kept(NamedTuple):
    """What the client has of its own, by the names under which addresses ask for it."""

    shortlist_id: UUID
    invitation_id: int
    export_id: int
    number: int = 1
    name: str = "payments"


def add_records(client):
    """A freelancer and an agency with a marker in each field, on a shortlist of the client.

    It invited one of them, and someone made a file of both.
    """
    held = Shortlist.objects.create(client=client, name="Bids")
    for profile in (None, AgencyFactory()):
        of = {"profile": profile} if profile else {}
        record = CertificationFactory(
            legal_business_name="LEAKNAME LLC", number="LEAKNUMBER", found=True, other_body="LEAKBODY", **of
        )
        EvidenceFactory(certification=record, source="LEAKSOURCE")
        held.entries.create(profile=record.profile)
    invitation = TalkInvitationFactory(client=client, profile=record.profile)
    export = Export(
        client=client,
        user=client.memberships.get().user,
        format="csv",
        state=Export.State.DONE,
        as_of=timezone.now(),
        rows=2,
        records=list(Certification.objects.values_list("pk", flat=True)),
    )
    export.file.save("digest", ContentFile(b"LEAKNAME"))
    return Kept(held.key, invitation.pk, export.pk)


def addresses(kept):
    """Each address of the document, for everything that its parameters can name, and some searches."""
    profiles = list(Profile.objects.order_by("pk"))
    found = ["/api/v1/certifications?q=LEAKNAME", "/api/v1/certifications?level=document&state=NY"]
    for path in (path for path, methods in document()["paths"].items() if "get" in methods):
        found += [path.format(**kept._asdict(), kind=one.kind, slug=one.slug) for one in profiles]
    return list(dict.fromkeys(found))


def told(response):
    """The status, body and headers without what is drawn anew for each, and without how often was asked before."""
    drawn = {"X-Request-ID", "RateLimit"}
    return response.status_code, response.content, {n: v for n, v in response.headers.items() if n not in drawn}


@pytest.mark.parametrize("role", ROLES)
def test_no_operation_leaks_a_certification_that_the_rule_hides(role):
    make_user, act = ROLES[role]
    program = Program(make_user())
    paths = addresses(add_records(program.client))
    assert len(paths) >= 16
    # What leaks must first be there to be seen.
    seeing = Program(admin_of())
    shown = seeing.get("/certifications").content + seeing.get(paths[-1]).content
    assert all(marker in shown for marker in (b"LEAKNAME", b"LEAKNUMBER", b"LEAKBODY"))
    act(program)

    with_records = {path: program.get(path) for path in paths}

    for path, response in with_records.items():
        assert response.status_code < 500, path
        assert b"LEAK" not in response.content + repr(dict(response.headers)).encode(), path
    Certification.objects.all().delete()
    for path, response in with_records.items():
        assert told(response) == told(program.get(path)), path
    if act in (revoke, leave, end_plan):
        assert {response.status_code for response in with_records.values()} == {401}


@pytest.mark.parametrize("role", ROLES)
def test_no_write_tells_of_certifications_that_the_rule_hides(role):
    """An invitation and files come out alike, or are refused alike, whatever the profile has and whomever it blocks."""
    make_user, act = ROLES[role]
    program = Program(make_user())
    record = CertificationFactory(legal_business_name="LEAKNAME LLC", found=True)
    profile = record.profile
    held = Shortlist.objects.create(client=program.client, name="Bids")
    held.entries.create(profile=profile)
    invitation = {
        "profiles": [{"kind": profile.kind, "slug": profile.slug}],
        "title": "Accounts",
        "text": "From January on.",
        "answer_by": str(profile.today() + timedelta(days=7)),
    }
    files: list[dict[str, Any]] = [
        {"shortlist": str(held.key)},
        {"search": {"q": "LEAKNAME"}},
        {"search": {"type": [record.type.key]}},
    ]
    act(program)

    def answers():
        told = [program.send("POST", "/invitations", json.dumps(invitation))]
        made = [program.send("POST", "/exports", json.dumps({"format": "csv", **of})) for of in files]
        given = [program.get(export.json()["file"]) for export in made if export.status_code == 201]
        TalkInvitation.objects.all().delete()
        drawn = rb'"id": \d+|/(talks|exports)/\d+|\d{4}-\d\d-\d\dT[\d:.]+Z'
        return [(one.status_code, re.sub(drawn, b"", one.content), one.headers.keys()) for one in told + made + given]

    with_record = answers()
    Certification.objects.all().delete()

    assert with_record == answers()
    assert with_record[0][0] == (401 if act in (revoke, leave, end_plan) else 201)
    # The filter has the word, and nothing else does.
    assert b"LEAK" not in b"".join(content for _, content, _ in with_record).replace(b"\\u201cLEAKNAME\\u201d", b"")


def test_what_another_client_keeps_leaks_nothing():
    program, other = Program(admin_of()), Program(admin_of())
    kept = add_records(other.client)
    none = kept._replace(shortlist_id=UUID(int=0), invitation_id=0, export_id=0)
    pairs = [(path, other) for path, other in zip(addresses(kept), addresses(none), strict=True) if path != other]
    assert len(pairs) == 6

    for path, missing in pairs:
        assert told(program.get(path)) == told(program.get(missing))
