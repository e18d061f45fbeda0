"""Loads the demo: the same people, pages and clients each time, with dates counted from today."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pghistory
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from certifications.models import Block, Certification, ClientView, Consent, CountryInterest, Disclosure
from devtools.demo.accounts import ACCOUNTS, PASSWORD
from devtools.demo.records import Teller, agree, answer
from devtools.demo.review import review
from devtools.demo.spend import pay
from devtools.demo.webhooks import listen
from profiles.models import Client, ClientMembership, Invitation, Membership, Profile, User, WorkHistory
from profiles.places import DEFAULT_TIME_ZONE, STATE_TIME_ZONES, UNITED_STATES
from rollout.models import RolloutPolicy

CONTENT = Path(__file__).with_name("content.toml")
STAFF = "staff@demo.test"
REVIEWER = "reviewer@demo.test"
# What the demo's staff may do. Records are read and decided on, never written.
STAFF_MAY = {
    "rollout": ["view_rolloutpolicy", "add_rolloutpolicy"],
    "certifications": [
        *(f"{act}_{row}" for row in ("certificationtype", "certifyingbody", "certificate", "fact")
          for act in ("view", "add", "change")),
        *(f"view_{row}" for row in ("certification", "disclosure", "countryinterest", "staffread", "concern")),
        "decide_certification", "close_concern",
    ],
    "verification": [
        *(f"{act}_register" for act in ("view", "add", "change")),
        "view_case", "view_registerfile", "read_document", "import_register",
    ],
    "impact": ["view_tally", "view_alarm", "close_alarm", "view_contractfile", "add_contract"],
    "spend": ["view_paymentfile", "add_paymentfile", "view_disputed"],
    "sourcing": ["view_termsacceptance", "view_export"],
    "profiles": [
        *(f"{act}_{row}" for row in ("client", "clientmembership") for act in ("view", "add", "change")),
        "delete_clientmembership",
        *(f"view_{row}" for row in ("user", "profile", "membership", "invitation", "workhistory")),
        "change_profile",
    ],
}  # fmt: skip


class Refused(Exception):
    """The demo cannot be loaded here. Its text says why, and what to do."""


def read_content() -> dict[str, Any]:
    return tomllib.loads(CONTENT.read_text(encoding="utf-8"))


def load() -> bool:
    """Load all of the demo, or nothing. Return False if it was loaded before. Raise Refused."""
    if not settings.DEBUG:
        raise Refused("The demo has accounts with a known password: it loads with DEBUG on only.")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('devtools.demo'))")  # one at a time
        if User.objects.filter(email__in=[account.email for account in ACCOUNTS]).count() == len(ACCOUNTS):
            return False
        if User.objects.exists() or Profile.objects.exists() or Client.objects.exists():
            raise Refused("This database already holds other people: load the demo into an empty one.")
        call_command("load_catalogue", verbosity=0)
        _Loader(read_content()).load()
    return True


class _Loader:
    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.random = Random("demo")
        self.now = timezone.now().replace(microsecond=0)
        self.users = {}  # by name
        self.password = make_password(PASSWORD)  # once: each hash takes a third of a second
        self.no_password = make_password(None)

    def load(self) -> None:
        staff = self.user("Frances Okoro", email=STAFF, is_staff=True)
        reviewer = self.user("Imani Castell", email=REVIEWER, is_staff=True)
        for app, names in STAFF_MAY.items():
            may = [Permission.objects.get(content_type__app_label=app, codename=name) for name in names]
            for user in (staff, reviewer):
                user.user_permissions.add(*may)
        self.teller = Teller(staff=staff, random=self.random, now=self.now)
        told = dict.fromkeys(self.content["trades"], 0)
        for entry in self.content["freelancers"]:
            self.freelancer(entry, nth=told[entry["trade"]])
            told[entry["trade"]] += 1
        for entry in self.content["agencies"]:
            self.agency(entry)
        for entry in self.content["clients"]:
            self.client(entry)
        self.looks()
        review(staff=staff, random=self.random, now=self.now)
        pay(self.content["spending"], now=self.now)
        listen(Client.objects.get(slug=self.content["spending"][0]["client"]), now=self.now)
        EmailAddress.objects.bulk_create(
            EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in self.users.values()
        )

    def user(self, name: str, *, email: str = "", purpose: str = User.Purpose.FREELANCER, **fields: Any) -> User:
        """Return the user of that name, created if missing. Only those with an account of the demo can sign in."""
        if name not in self.users:
            password = self.password if email else self.no_password
            email = email or f"{slugify(name).replace('-', '.')}@demo.test"
            self.users[name] = User.objects.create(name=name, email=email, password=password, purpose=purpose, **fields)
        return self.users[name]

    def freelancer(self, entry: dict[str, Any], *, nth: int) -> None:
        trade = self.content["trades"][entry["trade"]]
        owner = self.user(entry["name"], email=entry.get("email", ""))
        is_blank = entry.get("blank", False)
        words = {}
        if not is_blank:
            nth %= len(trade["openings"])
            method, closing = self.random.choice(trade["methods"]), self.random.choice(self.content["closings"])
            low, high = trade["rates"]
            words = {
                "headline": trade["headlines"][nth % len(trade["headlines"])],
                "overview": f"{trade['openings'][nth]}\n\n{method} {closing}",
                "skills": self.random.sample(trade["skills"], self.random.randint(4, len(trade["skills"]))),
                "hourly_rate": entry.get("rate") or self.random.randrange(low, high),
            }
        profile = self.profile(Profile.Kind.FREELANCER, entry, **words)
        Membership.objects.create(user=owner, profile=profile, role=Membership.Role.OWNER)
        if not is_blank:
            self.work_history(profile, trade, nth)
        self.disclose(profile, entry, owner)

    def work_history(self, profile: Profile, trade: dict[str, Any], nth: int) -> None:
        """Create the current position, and before it two or three others of the trade, each with its own year."""
        year = self.now.year - self.random.randint(2, 7)
        history = [WorkHistory(profile=profile, title=trade["now"], started_in=year, description=trade["did"][nth % 3])]
        for step in range(self.random.randint(1, 3)):
            title, organization = trade["positions"][(nth + step) % len(trade["positions"])]
            ended, year = year, year - self.random.randint(2, 6)
            position = {"title": title, "organization": organization, "started_in": year, "ended_in": ended}
            description = trade["did"][(nth + step + 1) % 3] if step < 2 else ""
            history.append(WorkHistory(profile=profile, description=description, **position))
        WorkHistory.objects.bulk_create(history)

    def agency(self, entry: dict[str, Any]) -> None:
        owner = self.user(entry["owner"], purpose=User.Purpose.AGENCY)
        profile = self.profile(
            Profile.Kind.AGENCY,
            entry,
            headline=entry["headline"],
            overview=entry["overview"].strip(),
            skills=entry["skills"],
            hourly_rate=entry["rate"],
            languages=entry.get("languages", ["English"]),
        )
        people = [(owner, Membership.Role.OWNER)]
        if "admin" in entry:
            email, name = entry["admin"]
            people.append((self.user(name, email=email, purpose=User.Purpose.AGENCY), Membership.Role.ADMIN))
            self.invite("new.technician@example.test", Membership.Role.MEMBER, people[-1][0], profile=profile)
        people += [(self.users[name], role) for name, role in entry["people"].items()]
        Membership.objects.bulk_create(Membership(user=user, profile=profile, role=role) for user, role in people)
        self.disclose(profile, entry, owner)

    def profile(self, kind: str, entry: dict[str, Any], **words: Any) -> Profile:
        """Return a new page with `words`, in the place that the entry says."""
        state = entry.get("state", "")
        profile = Profile.objects.create(
            kind=kind,
            slug=entry.get("slug") or slugify(entry["name"]),
            name=entry["name"],
            country=entry.get("country", UNITED_STATES),
            state=state,
            city=entry["city"],
            time_zone=entry.get("time_zone") or STATE_TIME_ZONES.get(state, DEFAULT_TIME_ZONE),
            **{"languages": entry.get("languages", []), **words},
        )
        joined_at = self.ago(days=self.random.randint(20, 1400))
        Profile.objects.filter(pk=profile.pk).update(created_at=joined_at, updated_at=joined_at)
        return profile

    def disclose(self, profile: Profile, entry: dict[str, Any], owner: User) -> None:
        records = [self.teller.add(profile, owner, entry["legal"], *item) for item in entry.get("certified", [])]
        if records:
            first_at = min(record.attested_at for record in records)
            earliest = Q(pk=profile.pk, created_at__gt=min(record.created_at for record in records))
            joined_at = min(record.created_at for record in records) - timedelta(days=3)
            Profile.objects.filter(earliest).update(created_at=joined_at, updated_at=first_at)
            answer(profile, Disclosure.Answer.DISCLOSED, by=owner, at=first_at)
            purposes = [Consent.Purpose.FIND]
            if entry.get("shown_to_members"):
                purposes.append(Consent.Purpose.MEMBERS)
            if entry.get("counted"):
                purposes.append(Consent.Purpose.COUNT)
            agree(profile, records[0].agreed_plans, purposes, by=owner, at=first_at)
        elif "answer" in entry:
            answer(profile, entry["answer"], by=owner, at=self.ago(days=self.random.randint(1, 90)))
        if entry.get("interest"):
            CountryInterest.objects.create(profile=profile, country=profile.country, asked_at=self.ago(days=12))

    def client(self, entry: dict[str, Any]) -> None:
        client = Client.objects.create(
            name=entry["name"],
            slug=slugify(entry["name"]),
            plan=entry["plan"],
            is_active=entry.get("is_active", True),
        )
        roles = [ClientMembership.Role.ADMIN, *[ClientMembership.Role.MEMBER] * len(entry["people"])]
        people = [self.user(name, email=email, purpose=User.Purpose.CLIENT) for email, name in entry["people"]]
        ClientMembership.objects.bulk_create(
            ClientMembership(user=user, client=client, role=role) for user, role in zip(people, roles, strict=False)
        )
        if entry["plan"] == Client.Plan.BUSINESS:
            self.invite(f"buyer@{client.slug}.test", ClientMembership.Role.MEMBER, people[0], client=client)

    def looks(self) -> None:
        """Create the profile views of the last weeks, and a client that one profile blocks."""
        clients = list(Client.objects.filter(plan__in=[Client.Plan.BUSINESS, Client.Plan.ENTERPRISE], is_active=True))
        shown = Certification.objects.with_status(RolloutPolicy.in_force()).filter(unseen_because="").values("profile")
        views = [
            ClientView(
                profile=profile,
                client=client,
                surface=ClientView.Surface.PAGE,
                day=(self.now - timedelta(days=days)).date(),
                filters={"q": "bookkeeping"} if days % 2 else {},
                readers=list(range(self.random.choice([1, 1, 1, 2, 3]))),
            )
            for profile in Profile.objects.filter(pk__in=shown)
            for client in clients
            for days in sorted(self.random.sample(range(1, 80), self.random.randint(0, 6)))
        ]
        ClientView.objects.bulk_create(views)
        agency = Profile.objects.get(slug="demo-agency")
        with pghistory.context(user=agency.memberships.all()[0].user_id, url=agency.get_absolute_url()):
            Block.objects.create(profile=agency, client=Client.objects.get(slug="keystone-freight-lines"))

    def invite(self, email: str, role: str, by: User, **place: Any) -> None:
        Invitation.objects.create(email=email, role=role, invited_by=by, created_at=self.ago(days=2), **place)

    def ago(self, *, days: int) -> datetime:
        return self.now - timedelta(days=days, minutes=self.random.randint(0, 600))
