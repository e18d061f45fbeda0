"""A small whole site with one of everything, and who looks at it."""

import re
import time
from collections.abc import Iterable
from datetime import date
from functools import cache, wraps
from typing import NamedTuple

import pgtrigger
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import Client as Browser
from django.utils import timezone

from certifications.models import (
    Block,
    Certification,
    CertifyingBody,
    Consent,
    CountryInterest,
    Disclosure,
    ErasureCount,
    NamedClient,
    StaffRead,
    Step,
)
from certifications.sharing import consents
from common.models import Draft
from integrations.models import (
    Attempt,
    Delivery,
    DirectoryGroup,
    DirectoryPerson,
    DirectoryToken,
    EmailDomain,
    EventType,
    IdentityProvider,
    Webhook,
)
from profiles.models import ClientMembership, Invitation, Membership, User
from profiles.viewer import Viewer
from rollout.models import RolloutPolicy
from sourcing import exports, shortlists, terms
from sourcing.models import Export, SavedSearch, Shortlist, ShortlistEntry
from spend import issuing
from spend.issuing import Signer
from spend.models import AddressableSpend, AuditPack, Goal, ReportDraft, SavedRules, VendorList
from spend.rules import Rules
from tests import addresses
from tests.factories import (
    AccessTokenFactory,
    AgencyFactory,
    CaseFactory,
    CertificationFactory,
    ClientFactory,
    ClientMembershipFactory,
    ClientViewFactory,
    ConcernFactory,
    DocumentFactory,
    EntryFactory,
    EvidenceFactory,
    MembershipFactory,
    PaymentFactory,
    ProfileFactory,
    RegisterFactory,
    RegisterFileFactory,
    TalkInvitationFactory,
    UserFactory,
    WorkHistoryFactory,
)

TOTP_SECRET = "JBSWY3DPEHPK3PXP"


def person(**fields):
    """Someone who can sign in: with a verified address."""
    user = UserFactory(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def staff(*permissions, **fields):
    """Staff with a second factor, without which the admin shows nothing outside debug."""
    user = person(is_staff=True, **fields)
    add_second_factor(user)
    user.user_permissions.set(permissions)
    return user


def add_second_factor(user):
    return TOTP.activate(user, TOTP_SECRET).instance


def staff_user(*, reads):
    user = UserFactory(is_staff=True)
    if reads:
        user.user_permissions.add(Permission.objects.get(codename="view_certification"))
    return user


def bare(text):
    """A page without what differs from answer to answer."""
    return re.sub(r'name="(csrfmiddlewaretoken|typed_by)" value="[\w:-]+"', "", text)


def form_on(browser, url, action=None):
    """The hidden fields of a form as it was served: the one posting to `action`, or the first of <main>."""
    html = browser.get(url).text
    main = html[html.index("<main") :]
    forms = re.findall(r"<form[^>]*method=\"post\"[^>]*>.*?</form>", main, re.S)
    found = next(form for form in forms if action is None or f'action="{action}"' in form)
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found))


def in_thread(act):
    """`act` for a thread: the connection that it opened for itself is closed after it."""

    @wraps(act)
    def run(*args):
        try:
            return act(*args)
        finally:
            connection.close()

    return run


def sign_in(browser, user, *, ago=0, again=False):
    """As force_login, with the proof of having given a password so many seconds ago; `again`: to a second asking."""
    browser.force_login(user)
    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - ago, "reauthenticated": again}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def client_person(plan, *, is_active=True):
    return ClientMembershipFactory(user=person(), client__plan=plan, client__is_active=is_active).user


def share_with_members(agency):
    """Let the members of `agency` see its certifications."""
    version, _ = consents.newest(Consent.Purpose.MEMBERS)
    Consent.objects.create(profile=agency, purpose=Consent.Purpose.MEMBERS, is_given=True, version=version, plans=[])


def roll_out(plans=("business", "enterprise"), **values):
    """Put a roll-out policy in force, by a second person if it takes one."""
    policy = RolloutPolicy(plans=list(plans), reason="As decided.", **values)
    policy.propose(by=None)
    if policy.is_widening:
        policy.confirm(by=UserFactory())
    return policy


def held_out_person():
    """A member of an Enterprise client that is held out at one percent: it alone of those of a test."""
    user = client_person("enterprise")
    client = Viewer(user).client
    keys = (f"key {number}" for number in range(10_000))
    policies = (RolloutPolicy(holdout_key=key, holdout_percent=1) for key in keys)
    near = set(range(client.pk - 20, client.pk + 21))
    drawn = next(policy for policy in policies if {pk for pk in near if policy.holds_out(pk)} == {client.pk})
    policy = roll_out(holdout_percent=1, holdout_key=drawn.holdout_key)
    assert policy.holds_out(client.pk)  # a policy from before would have handed on its own key
    return user


class Site:
    """A freelancer, an agency and a client, each with people, and with one row of whatever an address can name."""

    def __init__(self):
        about = {"overview": "Year-end accounts, kept the way auditors like them.", "languages": ["English"]}
        self.owner = person(name="Fay Freeman")
        self.freelancer = ProfileFactory(
            name="Fay Freeman", owner=self.owner, skills=["Bookkeeping"], hourly_rate=90, city="Albany", **about
        )
        WorkHistoryFactory(profile=self.freelancer)
        self.agency_owner, self.agency_member = person(name="Ada Ames"), person(name="Moe Marsh")
        self.agency = AgencyFactory(name="Ames Works", owner=self.agency_owner, **about)
        MembershipFactory(profile=self.agency, user=self.agency_member, role=Membership.Role.MEMBER)
        MembershipFactory(profile=self.agency, user=self.owner, role=Membership.Role.ADMIN)
        self.client = ClientFactory(name="Bright Foods")
        self.client_admin = person(name="Cleo Chase")
        ClientMembershipFactory(user=self.client_admin, client=self.client, role=ClientMembership.Role.ADMIN)
        ClientMembershipFactory(user=person(), client=self.client)
        terms.accept(self.client.pk, purpose="To invite small businesses.", by=self.client_admin)
        AccessTokenFactory(client=self.client, made_by=self.client_admin)
        shortlist = Shortlist.objects.create(client=self.client, name="Spring bids", created_by=self.client_admin)
        shortlists.add(shortlist, self.freelancer, by=self.client_admin)
        SavedSearch.objects.create(client=self.client, user=self.client_admin, name="Bookkeepers", query="q=book")
        filters = {"shortlist": shortlist.name}
        export = Export(client=self.client, user=self.client_admin, format="csv", shortlist=shortlist, filters=filters)
        exports.ask(export, Viewer(self.client_admin), RolloutPolicy.in_force())
        for profile in self.profiles:
            TalkInvitationFactory(client=self.client, profile=profile, sent_by=self.client_admin)
        for profile in self.profiles:
            PaymentFactory(client=self.client, profile=profile)
        SavedRules.save_next(self.client, Rules(), self.addressable(), by=self.client_admin)
        year = timezone.localdate().year
        Goal.objects.create(client=self.client, fiscal_year=year, amount=5_000, set_by=self.client_admin)
        VendorList.objects.create(
            client=self.client,
            user=self.client_admin,
            name="vendors.csv",
            header=["Vendor name"],
            rows=[[self.freelancer.name], ["Tall Timber"]],
            name_column=0,
        )
        year = timezone.now().year - 1
        ReportDraft.objects.create(client=self.client, starts_on=date(year, 1, 1), ends_on=date(year, 12, 31))
        self.report = self.issue(ReportDraft(client=self.client))
        AuditPack.objects.create(report=self.report, state=AuditPack.State.RUNNING, rows_found=9)
        for verified_at in (timezone.now(), None):
            name = "bright.example" if verified_at else "unproved.example"
            EmailDomain.objects.create(client=self.client, name=name, verified_at=verified_at)
        IdentityProvider.objects.create(client=self.client, issuer="https://192.0.2.1", client_key="our-id", is_on=True)
        webhook = Webhook(client=self.client, address="https://192.0.2.1/", events=[EventType.REPORT_READY])
        webhook.set_secret()
        webhook.save()
        told = Delivery.objects.create(
            webhook=webhook, type=EventType.TEST, state=Delivery.State.FAILED, next_try_at=None
        )
        Attempt.objects.create(delivery=told, milliseconds=30, status=500, said="Out of order")
        DirectoryToken.make(self.client.pk, by=self.client_admin)
        DirectoryGroup.objects.create(client=self.client, name="Buyers", resource={})
        DirectoryPerson.objects.create(
            client=self.client, user_name="bo@bright.com", user_name_key="bo@bright.com", name="Bo Berg", resource={}
        )
        for place in ({"profile": self.agency}, {"client": self.client}):
            Invitation.objects.create(email="new@example.test", role="member", **place)
        section = f"{self.freelancer.get_absolute_url()}edit/overview/"
        Draft.objects.create(user=self.owner, path=section, fields="overview=Books", is_interrupted=True)
        self.root = staff(name="Sam Staff", is_superuser=True)
        Group.objects.create(name="Reviewers")
        Disclosure.objects.create(profile=self.freelancer, answer=Disclosure.Answer.DISCLOSED)
        abroad = ProfileFactory(country="CA", state="")
        CountryInterest.objects.create(profile=abroad, country="CA")
        ErasureCount.objects.create(day=abroad.today(), count=1)

    def issue(self, draft):
        """Issue a report of this year, as a client admin does."""
        year = timezone.now().year
        draft.starts_on, draft.ends_on = date(year, 1, 1), date(year, 12, 31)
        draft.save()
        signer = Signer(self.client_admin.name, "Supplier diversity lead")
        return issuing.issue(draft, signer=signer, by=self.client_admin, policy=RolloutPolicy.in_force())

    @staticmethod
    def addressable():
        """What the client could have spent this year."""
        year = Rules().fiscal_year(timezone.localdate())
        return [AddressableSpend(amount=50_000, note="All purchases", **year._asdict())]

    def add_certifications(self):
        """One on each page, with all that a page can show of it.

        The freelancer's was read by staff, looked at by a client and reported, and counts in a report of the client.
        The agency's is in renewal, for named clients, hidden with all others, and its owner is asked a question.
        """
        in_renewal = {"renewal_filed_on": self.agency.today(), "audience": Certification.Audience.NAMED, "pause": {}}
        records = [
            CertificationFactory(profile=self.freelancer),
            CertificationFactory(profile=self.agency, **in_renewal),
        ]
        NamedClient.objects.create(certification=records[1], client=self.client)
        Consent.objects.filter(profile=self.agency).update(plans=["enterprise"])
        consents.choose(self.freelancer, Consent.Purpose.COUNT, is_given=True, plans=["enterprise"], by=self.owner)
        StaffRead.objects.create(certification=records[0], staff=self.root, page="/")
        ClientViewFactory(profile=self.freelancer, client=self.client)
        Block.objects.create(profile=self.freelancer, client=ClientFactory(name="Tall Timber"))
        certification = {"certification": records[0], "profile": records[0].profile}
        ConcernFactory(reporter=self.client_admin, client=self.client, **certification)
        document = DocumentFactory(certification=records[0])
        register = RegisterFactory(body=records[0].certificate.body)
        EntryFactory(file=register.current, number=records[0].number, name=records[0].legal_business_name)
        RegisterFileFactory(register=register, ready=True)
        CaseFactory(certification=records[0], causes=["document", "match"])
        CaseFactory(certification=records[1], outcome="raised", step=Step.DOCUMENT)
        EvidenceFactory(certification=records[1], source=f"Copy of the certificate, “{document.name}”")
        self.issue(ReportDraft(client=self.client, replaces=self.report, reason="A certificate came later."))
        return records

    @property
    def profiles(self):
        return [self.freelancer, self.agency]

    def paths(self):
        """Every address of the URLconf, once for each thing of this site that it can name."""
        return addresses.paths(self)


class Answer(NamedTuple):
    """What is answered to a GET."""

    status: int
    content: bytes
    type: str  # of the content, with its charset

    @property
    def is_page(self) -> bool:
        """True for a page of its own, not one that an error leads to."""
        return self.status == 200 and self.type.startswith("text/html")


def answers_for(site: "Site", user: User | None, under: Iterable[str] = ("/",)) -> dict[str, Answer]:
    """Return what `user` (or no one) is answered on the home page and every address `under` some, by address."""
    browser = Browser()
    if user:
        sign_in(browser, user, again=True)
    found = {}
    type = site.freelancer.certifications.first().type
    adding = f"{site.freelancer.get_absolute_url()}certifications/add/?type={type.key}"
    preview = f"{site.freelancer.get_absolute_url()}preview/?client={site.client.slug}"
    body = CertifyingBody.objects.first()
    searched = f"/sourcing/?q=Bookkeeping&body={body.pk}&certificate={body.certificates.first().pk}&skills=Bookkeeping"
    entry = ShortlistEntry.objects.first()
    compared = f"/sourcing/shortlists/{entry.shortlist_id}/compare/?entry={entry.pk}"
    looked_up = f"/sourcing/look-up/?q={site.freelancer.certifications.first().number}"
    for path in [*site.paths(), "/talent/?q=nobody-has-this-word", adding, preview, searched, compared, looked_up]:
        if path != "/" and not path.startswith(tuple(under)):
            continue
        response = browser.get(path)
        content = response.getvalue()  # which closes a file
        found[path] = Answer(response.status_code, content, response.get("Content-Type", ""))
    return found


def pages_for(site, user, under=("/",)):
    """Every page of its own that `user` (or no one) is answered with `under` some addresses, by address: its HTML."""
    answers = answers_for(site, user, under)
    return {path: answer.content.decode() for path, answer in answers.items() if answer.is_page}


MARK = "Zqx"
# Every column of ours that holds a name or a number. What is written in a language is not among them.
NAMES = {
    "profiles.User": ["name"],
    "profiles.Profile": ["name", "city"],
    "profiles.WorkHistory": ["organization"],
    "profiles.Client": ["name"],
    "certifications.CertifyingBody": ["name", "short_name"],
    "certifications.Certificate": ["name", "acronym"],
    "certifications.Certification": ["legal_business_name", "number"],
    "certifications.Evidence": ["source"],
    "verification.Document": ["name"],
    "verification.Register": ["name", "agency"],
    "verification.RegisterFile": ["name"],
    "verification.RegisterEntry": ["name", "dba", "number"],
    "integrations.Webhook": ["description"],
    "integrations.AccessToken": ["name"],
    "integrations.DirectoryGroup": ["name"],
    "integrations.DirectoryPerson": ["name"],
    "sourcing.Shortlist": ["name"],
    "sourcing.SavedSearch": ["name"],
}
EMAILS = ["profiles.User", "account.EmailAddress", "profiles.Invitation"]


def marked_site():
    """A whole site with MARK in every name, number and address that is stored, and who may look at it, by kind."""
    site = Site()
    site.add_certifications()
    with pgtrigger.ignore("certifications.Evidence:evidence_stays_as_written"):
        for label, columns in NAMES.items():
            marked = {name: Concat(F(name), Value(f" {MARK}")) for name in columns}
            apps.get_model(label)._base_manager.update(**marked)
    for label in EMAILS:
        apps.get_model(label)._base_manager.update(email=Concat(Value(MARK.lower()), F("email")))
    people = {"visitor": None, "owner": site.owner, "agency": site.agency_owner, "client": site.client_admin}
    return site, people | {"staff": site.root}


@cache
def every_answer() -> dict[tuple[str, str], Answer]:
    """Return what each kind of person is answered at every address of a site whose names are marked.

    It takes long, so it is done once: tests that read it run on one worker (`tests/schedule.py`).
    """
    site, people = marked_site()
    return {
        (person, path): answer for person, user in people.items() for path, answer in answers_for(site, user).items()
    }


def every_page() -> dict[tuple[str, str], str]:
    """Return the HTML of each page among every answer."""
    return {where: answer.content.decode() for where, answer in every_answer().items() if answer.is_page}
