"""Every address of the site, asked by everybody whom the rule shows nothing: no trace of a certification."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.http import HttpResponse
from django.test import Client as Browser

from certifications.badges import badges_for_clients
from certifications.models import Block, Certification, Consent, NamedClient, Pause, StaffRead
from profiles.models import Membership
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import terms
from tests.factories import (
    AgencyFactory,
    CaseFactory,
    CertificateFactory,
    CertificationFactory,
    CertificationTypeFactory,
    ClientMembershipFactory,
    DocumentFactory,
    EntryFactory,
    EvidenceFactory,
    MembershipFactory,
    RegisterFactory,
)
from tests.site import Site, client_person, held_out_person, person, share_with_members, staff
from tests.states import STATES

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("sessions_in_memory")]

SEARCHES = [
    "/talent/?q=LEAKNAME",
    "/talent/?q=bookkeeping&kind=freelancer",
    "/sourcing/?q=LEAKNAME",
    "/sourcing/?state=NY&kind=freelancer",
    "/sourcing/?everyone=on",
    "/sourcing/?step=1&sort=name",
]
# Drawn anew for each answer, so never the same twice.
ALWAYS_NEW = {"/accounts/2fa/totp/activate/"}
# What is public anyway, and is looked after by staff or told on the help pages.
PUBLIC = {b"LEAKTYPE", b"LEAKCERTIFICATE", b"LEAKREGISTER"}
LOOKING_AFTER_THE_REST = "staff with every other permission"
ROLES = {
    "visitor": lambda site: None,
    "another freelancer": lambda site: person(),
    "agency member": lambda site: site.agency_member,
    "Basic": lambda site: client_person("basic"),
    "Plus": lambda site: client_person("plus"),
    "Business": lambda site: client_person("business"),
    "Enterprise": lambda site: client_person("enterprise"),
    "inactive Enterprise": lambda site: client_person("enterprise", is_active=False),
    "held-out Enterprise": lambda site: held_out_person(),
    "staff without the permission": lambda site: staff(),
    LOOKING_AFTER_THE_REST: lambda site: staff(
        *Permission.objects.exclude(content_type__app_label="certifications", content_type__model="certification")
    ),
}


def member_of(agency):
    return MembershipFactory(profile=agency, user=person(), role=Membership.Role.MEMBER)


def member_of_sharing(site):
    share_with_members(site.agency)
    return site.agency_member


def former_member(site):
    share_with_members(site.agency)
    membership = member_of(site.agency)
    membership.delete()
    return membership.user


def member_of_another(site):
    agency = AgencyFactory()
    for place in (site.agency, agency):
        share_with_members(place)
    return member_of(agency).user


SHARING = "member of an agency that shares"
ROLES |= {SHARING: member_of_sharing, "former member": former_member, "member of another agency": member_of_another}


def block(site, user):
    """Both pages block a client of `user`, who acts for another one that sees everything."""
    blocked = ClientMembershipFactory(user=user, client__name="Zeta Works").client
    Block.objects.bulk_create(Block(profile=profile, client=blocked) for profile in site.profiles)


def hide_all(site, user):
    Pause.objects.bulk_create(Pause(profile=profile) for profile in site.profiles)


def take_consent_back(site, user):
    Consent.objects.filter(purpose=Consent.Purpose.SHOW).update(is_given=False)


def name_others(site, user):
    Certification.objects.update(audience=Certification.Audience.NAMED)
    for record in Certification.objects.all():
        NamedClient.objects.create(certification=record, client=site.client)


# What an owner can do so that an Enterprise client sees nothing, whatever it saw before.
TAKEN_BACK = {act.__name__: act for act in (block, hide_all, take_consent_back, name_others)}
ROLES |= dict.fromkeys(TAKEN_BACK, ROLES["Enterprise"])


def add_records(site, certificate, *, shown_too):
    """A record in every state on both pages, a marker in each field; without those that eligible clients may see."""
    for profile in site.profiles:
        for number, (values, is_shown) in enumerate(STATES.values()):
            own = {name: value for name, value in values.items() if not name.startswith("profile__")}
            if (is_shown and not shown_too) or (values and not own) or {"pause", "consent"} & own.keys():
                continue
            record = CertificationFactory(
                profile=profile,
                certificate=certificate,
                legal_business_name="LEAKNAME LLC",
                number=f"LEAKNUMBER{number}",
                found=True,
                other_body="LEAKBODY",
                standing_note="LEAKNOTE",
                **own,
            )
            StaffRead.objects.create(certification=record, staff=site.root, page="/")
            EvidenceFactory(certification=record, source="LEAKSOURCE")
            CaseFactory(certification=record, statement="LEAKSTATEMENT")
        DocumentFactory(certification=record, name="LEAKFILE.png")
    register = RegisterFactory(name="LEAKREGISTER", body=certificate.body)
    EntryFactory(file=register.current, name="LEAKNAME LLC", number="LEAKNUMBER1")


def told(response: HttpResponse, path: str) -> tuple[int, str, dict[str, str]]:
    """Return the status, body and headers without what is drawn anew for each, and without the record's own number."""
    new_each_time = {"Expires", "X-Request-ID"}
    headers = {name: of_no_record(value, path) for name, value in response.headers.items() if name not in new_each_time}
    body = of_no_record(response.content.decode(errors="backslashreplace"), path)
    body = re.sub(r'name="(csrfmiddlewaretoken|typed_by|submission)" value="[\w:-]+"', "", body)
    return response.status_code, body, headers


def of_no_record(text: str, path: str) -> str:
    """Return `text` with number 0, which no record has, instead of that of the record whose address `path` is."""
    asked = re.search(r"/certifications/(\d+)/", path)
    return re.sub(rf"(certifications(?:/|%2F)){asked[1]}(/|%2F)", r"\g<1>0\2", text) if asked else text


@pytest.mark.parametrize("role", ROLES)
def test_no_address_leaks_a_record_that_the_rule_hides(role, client):
    site = Site()
    type = CertificationTypeFactory(name="LEAKTYPE-owned")
    certificate = CertificateFactory(name="LEAKCERTIFICATE", type=type)
    add_records(site, certificate, shown_too=role not in {"Business", "Enterprise", SHARING})
    # What leaks must first be there to be seen.
    editor = Browser()
    editor.force_login(site.agency_owner)
    seen = editor.get(f"{site.agency.get_absolute_url()}certifications/").content
    assert all(marker in seen for marker in (b"LEAKNAME", b"LEAKNUMBER2", b"LEAKBODY", b"LEAKNOTE", b"LEAKTYPE"))
    user = ROLES[role](site)
    if user:
        client.force_login(user)
        for place in Viewer(user).client_memberships:  # who may search at all, does
            terms.accept(place.pk, purpose="To invite small businesses.", by=user)
    paths = [*site.paths(), *SEARCHES]
    assert len(paths) > 150
    if role == SHARING:  # which sees what any client may
        Certification.objects.filter(Q(agreed_plans=["enterprise"]) | Q(audience__in=["enterprise", "named"])).delete()
    if role == "Enterprise":  # to which the rule shows what its owner chose or agreed to show to it alone
        Certification.objects.filter(Q(agreed_plans=["enterprise"]) | Q(audience="enterprise")).delete()
    if role in TAKEN_BACK:
        assert badges_for_clients(site.agency, Viewer(user), RolloutPolicy.in_force())[0]
        TAKEN_BACK[role](site, user)

    with_records = {path: client.get(path) for path in paths}
    for path, response in with_records.items():
        assert response.status_code < 500, path
        said = response.content + repr(dict(response.headers)).encode()
        typed = 'q=LEAKNAME|“<bdi translate="no">LEAKNAME</bdi>”|value="LEAKNAME"|next=\\S+'
        said = re.sub(typed.encode(), b"", said)
        # The names of types and certificates are public there.
        catalogue = role == LOOKING_AFTER_THE_REST or "/help/" in path or path.startswith(("/sourcing/", "/spend/"))
        found = set(re.findall(rb"LEAK[A-Z]+", said)) - (PUBLIC if catalogue else set())
        assert not found, f"{path}: {found}"
    if role == LOOKING_AFTER_THE_REST:
        return  # who deletes a profile is told how much goes with it

    StaffRead.objects.all().delete()
    Certification.objects.all().delete()
    distinct = dict.fromkeys(of_no_record(path, path) for path in paths)
    without_records = {path: told(client.get(path), path) for path in distinct}
    for path, response in with_records.items():
        if path not in ALWAYS_NEW:
            assert told(response, path) == without_records[of_no_record(path, path)], path
