"""Every operation of the API, asked by everybody whom the rule shows nothing: no trace of a certification."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certifications.models import Block, Certification, Consent, NamedClient, Pause
from integrations.api.document import document
from integrations.models import AccessToken
from profiles.models import ClientMembership, Profile
from sourcing.models import Shortlist
from tests.factories import AgencyFactory, CertificationFactory, ClientMembershipFactory, EvidenceFactory
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


def add_records(client):
    """A freelancer and an agency with a marker in each field, on a shortlist of the client. Returns its key."""
    held = Shortlist.objects.create(client=client, name="Bids")
    for profile in (None, AgencyFactory()):
        of = {"profile": profile} if profile else {}
        record = CertificationFactory(
            legal_business_name="LEAKNAME LLC", number="LEAKNUMBER", found=True, other_body="LEAKBODY", **of
        )
        EvidenceFactory(certification=record, source="LEAKSOURCE")
        held.entries.create(profile=record.profile)
    return held.key


def addresses(key):
    """Each address of the document, for everything that its parameters can name, and some searches."""
    profiles = list(Profile.objects.order_by("pk"))
    found = ["/api/v1/certifications?q=LEAKNAME", "/api/v1/certifications?level=document&state=NY"]
    for path in (path for path, methods in document()["paths"].items() if "get" in methods):
        found += [path.format(shortlist_id=key, number=1, kind=one.kind, slug=one.slug) for one in profiles]
    return list(dict.fromkeys(found))


def told(response):
    """The status, body and headers without what is drawn anew for each, and without how often was asked before."""
    drawn = {"X-Request-ID", "RateLimit"}
    return response.status_code, response.content, {n: v for n, v in response.headers.items() if n not in drawn}


@pytest.mark.parametrize("role", ROLES)
def test_no_operation_leaks_a_certification_that_the_rule_hides(role):
    make_user, act = ROLES[role]
    program = Program(make_user())
    key = add_records(program.client)
    paths = addresses(key)
    assert len(paths) >= 9
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


def test_another_clients_shortlist_leaks_nothing():
    program, other = Program(admin_of()), Program(admin_of())
    key = add_records(other.client)
    paths = [path for path in addresses(key) if str(key) in path]
    assert len(paths) == 3

    for path in paths:
        assert told(program.get(path)) == told(
            program.get(path.replace(str(key), "00000000-0000-4000-8000-000000000000"))
        )
