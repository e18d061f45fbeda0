"""Fills a database with many profiles for the benchmarks: quickly, by COPY, and the same each time."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pgtrigger
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from certifications.entry import attestation
from certifications.models import Certificate, Certification, CertificationType, Consent
from certifications.sharing import consents
from devtools.demo.loader import read_content
from profiles.models import Profile, WorkHistory
from profiles.places import STATE_TIME_ZONES, UNITED_STATES
from rollout.models import RolloutPolicy
from sourcing import listing
from sourcing.models import CertifiedListing, Listing

SLUG = "filled-{:07}"
BATCH = 5_000
SHARE_OF_AGENCIES = 0.15
# Two pages that differ in nothing but their certifications.
BENCH_CERTIFIED, BENCH_PLAIN = "bench-freelancer", "bench-plain"

LISTING_TRIGGERS = [
    f"sourcing.{model}:listing_insert" for model in ("FollowedProfile", "FollowedCertification", "FollowedConsent")
]


def count() -> int:
    """Return how many profiles this module has made so far."""
    last = Profile.objects.filter(slug__startswith="filled-").aggregate(last=Max("slug"))["last"]
    return int(last.removeprefix("filled-")) if last else 0


def fill(total: int, share_certified: float) -> Iterator[int]:
    """Make profiles until there are `total`. Yield how many each batch added; they stay if it is stopped."""
    filler = _Filler(share_certified)
    first = count() + 1
    context = str(uuid.uuid4())
    while first <= total:
        last = min(first + BATCH - 1, total)
        with transaction.atomic():
            _tell_triggers(context)
            filler.add(range(first, last + 1))
        yield last + 1 - first
        first = last + 1


def _tell_triggers(context: str) -> None:
    """Say what the rows of the history come of, and keep the search's listing from following.

    The triggers of the history, not told, raise and catch two errors for each row. To write the listing once at the end
    is several times faster. `pghistory.context` and `pgtrigger.ignore` say so with the statements that Django executes:
    COPY is none.
    """
    ignored = ",".join(trigger.get_pgid(model) for model, trigger in pgtrigger.registered(*LISTING_TRIGGERS))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', %s, true), set_config('pghistory.context_id', %s, true),"
            """ set_config('pghistory.context_metadata', '{"command": "fill"}', true)""",
            [f"{{{ignored}}}", context],
        )


def _check_now() -> None:
    """Run the checks that are deferred to the end of the transaction: until then no table can be altered."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@transaction.atomic
def _list() -> None:
    """Write the listings, and their indexes after them."""
    with connection.schema_editor() as editor:
        indexes = [(model, index) for model in (Listing, CertifiedListing) for index in model._meta.indexes]
        for model, index in indexes:
            editor.remove_index(model, index)
        listing.rebuild()
        _check_now()
        for model, index in indexes:
            editor.add_index(model, index)


def finish() -> None:
    """Write the listing, add the two pages that the benchmarks open, and analyze the tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # the listing is joined from tables that were empty when they were last counted
        _list()
        _bench_pages()
        cursor.execute("ANALYZE")


class _Filler:
    def __init__(self, share_certified: float) -> None:
        self.share_certified = share_certified
        self.audience = [str(plan) for plan in RolloutPolicy.in_force().audience]
        content = read_content()
        self.trades = list(content["trades"].values())
        self.closings = content["closings"]
        people = [entry["name"].split() for entry in content["freelancers"]]
        self.first_names = [name[0] for name in people]
        self.last_names = [name[-1] for name in people]
        self.states = [state for state in STATE_TIME_ZONES if len(state) == 2]
        self.certificates = list(Certificate.objects.offered(timezone.now().date()))
        self.now = timezone.now()

    def add(self, numbers: range) -> None:
        profiles, history, certifications = [], [], []
        for number, pk in zip(numbers, self._new_ids(len(numbers)), strict=True):
            random = Random(number)
            trade = random.choice(self.trades)
            name = f"{random.choice(self.first_names)} {random.choice(self.last_names)}"
            profiles.append({"id": pk, "slug": SLUG.format(number), **self._profile(random, trade, name)})
            year = self.now.year - random.randint(1, 6)
            history += [
                {"profile_id": pk, **self._position(random, trade, year - 3 * step)}
                for step in range(random.randint(0, 3))
            ]
            if random.random() < self.share_certified and self.certificates:
                certifications.append({"profile_id": pk, **self._certification(random, name, number)})
        self._copy(Profile, profiles)
        self._copy(WorkHistory, history)
        self._copy(Certification, certifications)
        self._copy(Consent, [consent for row in certifications for consent in self._consents(row)])

    def _profile(self, random: Random, trade: dict[str, Any], name: str) -> dict[str, Any]:
        is_agency = random.random() < SHARE_OF_AGENCIES
        state = random.choice(self.states)
        joined_at = self.now - timedelta(minutes=random.randint(0, 2_000_000))
        opening, method = random.choice(trade["openings"]), random.choice(trade["methods"])
        return {
            "kind": Profile.Kind.AGENCY if is_agency else Profile.Kind.FREELANCER,
            "name": f"{name} & Partners" if is_agency else name,
            "headline": random.choice(trade["headlines"]),
            "overview": f"{opening}\n\n{method} {random.choice(self.closings)}",
            "skills": random.sample(trade["skills"], 4),
            "languages": ["English"],
            "hourly_rate": random.randrange(*trade["rates"]),
            "country": UNITED_STATES,
            "state": state,
            "city": "",
            "time_zone": STATE_TIME_ZONES[state],
            "photo": "",
            "is_active": True,
            "created_at": joined_at,
            "updated_at": joined_at,
        }

    def _position(self, random: Random, trade: dict[str, Any], year: int) -> dict[str, Any]:
        title, organization = random.choice(trade["positions"])
        return {
            "title": title,
            "organization": organization,
            "started_in": year,
            "ended_in": year + 3,
            "description": random.choice(trade["did"]),
        }

    def _certification(self, random: Random, name: str, number: int) -> dict[str, Any]:
        certificate = random.choice(self.certificates)
        added_at = self.now - timedelta(days=random.randint(10, 300))
        return {
            "type_id": certificate.type_id,
            "certificate_id": certificate.pk,
            "other_name": "HUB" if certificate.names_body else "",
            "other_body": "State Supplier Office" if certificate.names_body else "",
            "legal_business_name": f"{name} LLC",
            "number": f"F{number:07}",
            "issued_on": added_at.date() - timedelta(days=20),
            "expires_on": added_at.date() + timedelta(days=random.randint(30, 500)),
            "does_not_expire": False,
            "audience": Certification.Audience.ELIGIBLE,
            "attestation": attestation.VERSION,
            "attested_at": added_at,
            "agreed_plans": self.audience,
            "self_reported_at": added_at,
            "standing": Certification.Standing.GOOD,
            "standing_reason": "",
            "standing_note": "",
            "submission": uuid.UUID(int=random.getrandbits(128), version=4),
            "created_at": added_at,
            "updated_at": added_at,
            "details_changed_at": added_at,
        }

    @staticmethod
    def _consents(certification: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the consent that adding the certification gave, and the one to be found by it."""
        return [
            {
                "profile_id": certification["profile_id"],
                "purpose": purpose,
                "is_given": True,
                "version": consents.newest(purpose)[0],
                "plans": certification["agreed_plans"],
                "declined_version": "",
                "declined_plans": [],
                "decided_at": certification["attested_at"],
            }
            for purpose in (Consent.Purpose.SHOW, Consent.Purpose.FIND)
        ]

    @staticmethod
    def _new_ids(many: int) -> list[int]:
        """Reserve primary keys for `many` profiles, so that their other rows can be copied too."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [Profile._meta.db_table, many],
            )
            return [pk for (pk,) in cursor]

    @staticmethod
    def _copy(model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        quote = connection.ops.quote_name
        columns = ", ".join(quote(column) for column in rows[0])
        statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(list(row.values()))


def _bench_pages() -> None:
    content = read_content()
    trade = content["trades"]["web"]
    for slug in (BENCH_CERTIFIED, BENCH_PLAIN):
        profile, is_new = Profile.objects.get_or_create(
            slug=slug,
            defaults={
                "kind": Profile.Kind.FREELANCER,
                "name": "Robin Benchley",
                "headline": trade["headlines"][0],
                "overview": f"{trade['openings'][0]}\n\n{trade['methods'][0]}",
                "skills": trade["skills"],
                "languages": ["English", "Spanish"],
                "hourly_rate": 90,
                "state": "OR",
                "city": "Portland",
            },
        )
        if is_new:
            WorkHistory.objects.bulk_create(
                WorkHistory(profile=profile, title=title, organization=organization, started_in=2010 + 3 * step)
                for step, (title, organization) in enumerate(trade["positions"])
            )
    profile = Profile.objects.get(slug=BENCH_CERTIFIED)
    audience = RolloutPolicy.in_force().audience
    consents.agree_by_adding(profile, plans=audience, by=None)
    now = timezone.now()
    expires_on = now.date() + timedelta(days=365)
    for type in CertificationType.objects.order_by("position")[:5]:
        certificate = Certificate.objects.offered(now.date()).filter(type=type, names_body=False).first()
        certificate = certificate or Certificate.objects.offered(now.date()).filter(type=type).first()
        Certification.objects.update_or_create(
            profile=profile,
            certificate=certificate,
            defaults={"expires_on": expires_on},
            create_defaults={
                "type": type,
                "expires_on": expires_on,
                "legal_business_name": "Benchley Web LLC",
                "number": f"B{type.pk:06}",
                "attestation": attestation.VERSION,
                "attested_at": now,
                "self_reported_at": now,
                "agreed_plans": audience,
                "submission": uuid.uuid4(),
            },
        )
