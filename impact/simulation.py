"""A simulated year of a roll-out, for the demo and for tests of the monitor."""

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from certifications.models import Certification, ClientView, Consent
from impact import tallies
from impact.models import Contract, DrawnClient, Tally, WeekOfActs
from profiles.models import Client, Profile
from rollout.models import RolloutPolicy
from sourcing.models import TalkInvitation

HELD_OUT_PERCENT = 30
SHARE_ACCEPTED, SHARE_HIRED, SHARE_ENDED_EARLY = 0.5, 0.5, 0.15


def poisson(random: Random, mean: float) -> int:
    """Return a Poisson number, by multiplying uniform ones."""
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


@transaction.atomic
def simulate(
    *, effect: float = 0.0, ended_early: float = 0.0, clients: int = 200, weeks: int = 52, seed: int = 1
) -> date:
    """Create `clients`, what they did in the last full `weeks`, and the sums of each week. Return the first Monday.

    `effect` is how many more invitations an exposed client sends in a week than the same client would send held out,
    which is half a one on average; it may be negative. `ended_early` is how much more often an exposed client's
    contracts end early. The businesses are those that may be found now; all of them agree to be counted.
    """
    random = Random(seed)
    first = tallies.last_week() - timedelta(weeks=weeks - 1)
    began = datetime.combine(first, time(), UTC)
    profiles = list(
        Profile.objects.filter(certifications__in=Certification.objects.current()).distinct().order_by("pk")
    )
    if not profiles:
        raise ValueError("No one is certified, so there is nothing to simulate.")
    _consent(profiles)
    policy = _policy(began, seed)
    acts = Acts([], [], {})
    for client in _clients(clients, began):
        is_exposed = not policy.holds_out(client.pk)
        rate = max(0.0, random.gammavariate(2, 0.25) + (effect if is_exposed else 0))
        share_early = min(1.0, SHARE_ENDED_EARLY + (ended_early if is_exposed else 0))
        for week in range(weeks):
            monday = began + timedelta(weeks=week)
            _invite(random, acts, client, profiles, monday, times=poisson(random, rate), share_early=share_early)
            if is_exposed:
                for profile in random.sample(profiles, min(len(profiles), poisson(random, 2))):
                    day = monday.date() + timedelta(days=random.randrange(7))
                    acts.views[profile.pk, client.pk, day] = None
    _store(acts)
    for model in (Tally, WeekOfActs, DrawnClient):  # what was written of these weeks without them
        model.objects.all().delete()
    for week in range(weeks):
        tallies.write(first + timedelta(weeks=week))
    return first


class Acts(NamedTuple):
    """The acts of the simulated clients. `views` is an ordered set: keys of profile and client, and the day."""

    invitations: list[TalkInvitation]
    contracts: list[Contract]
    views: dict[tuple[int, int, date], None]


def _consent(profiles: list[Profile]) -> None:
    """Let the profiles agree to be shown and counted."""
    Consent.objects.bulk_create(
        [
            Consent(
                profile=profile,
                purpose=purpose,
                is_given=True,
                version=tallies.FIRST_TEXT,
                plans=["business", "enterprise"],
            )
            for profile in profiles
            for purpose in (Consent.Purpose.SHOW, Consent.Purpose.COUNT)
        ],
        update_conflicts=True,
        unique_fields=["profile", "purpose"],
        update_fields=["is_given", "version"],
    )


def _policy(began: datetime, seed: int) -> RolloutPolicy:
    """Create the policy of the simulated weeks."""
    newest = RolloutPolicy.objects.confirmed().first()
    return RolloutPolicy.objects.create(
        holdout_percent=HELD_OUT_PERCENT,
        holdout_key=newest.holdout_key if newest else f"simulated {seed}",
        starts_at=began,
        confirmed_at=began,
        replaces=newest,
        reason="Made up by simulate_rollout.",
    )


def _clients(count: int, began: datetime) -> list[Client]:
    """Create `count` clients, as old as the simulation."""
    there = Client.objects.filter(slug__startswith="simulated-").count()
    made = Client.objects.bulk_create(
        Client(
            name=f"Simulated client {number}",
            slug=f"simulated-{number}",
            plan=(Client.Plan.BUSINESS, Client.Plan.ENTERPRISE)[number % 2],
        )
        for number in range(there + 1, there + count + 1)
    )
    Client.objects.filter(pk__in=[client.pk for client in made]).update(created_at=began)
    return made


def _invite(
    random: Random,
    acts: Acts,
    client: Client,
    profiles: list[Profile],
    monday: datetime,
    *,
    times: int,
    share_early: float,
) -> None:
    """Add a client's invitations of one week, and the contracts that follow."""
    for _ in range(times):
        profile = random.choice(profiles)
        sent = monday + timedelta(hours=random.uniform(0, 120))
        is_accepted = random.random() < SHARE_ACCEPTED
        acts.invitations.append(_invitation(client, profile, sent, is_accepted))
        if is_accepted and random.random() < SHARE_HIRED:
            is_early = random.random() < share_early
            acts.contracts.append(_contract(random, client, profile, sent.date(), is_early, len(acts.contracts)))


def _store(acts: Acts) -> None:
    TalkInvitation.objects.bulk_create(acts.invitations, batch_size=2000)
    Contract.objects.bulk_create(acts.contracts, batch_size=2000)
    ClientView.objects.bulk_create(
        (
            ClientView(profile_id=profile, client_id=client, day=day, surface=ClientView.Surface.PAGE, readers=[1])
            for profile, client, day in acts.views
        ),
        batch_size=2000,
    )
    with connection.cursor() as cursor:  # as autovacuum does where rows come by and by
        cursor.execute("ANALYZE sourcing_talkinvitation, impact_contract, certifications_clientview")


def _invitation(client: Client, profile: Profile, sent: datetime, is_accepted: bool) -> TalkInvitation:
    answer = TalkInvitation.Answer.ACCEPTED if is_accepted else TalkInvitation.Answer.DECLINED
    return TalkInvitation(
        client=client,
        profile=profile,
        title="A simulated need",
        text="Made up.",
        answer_by=sent.date() + timedelta(days=30),
        sent_at=sent,
        answer=answer,
        answered_at=sent + timedelta(hours=20),
    )


def _contract(random: Random, client: Client, profile: Profile, sent_on: date, is_early: bool, number: int) -> Contract:
    started_on = sent_on + timedelta(days=1)
    days = random.randint(3, 25) if is_early else random.randint(20, 90)
    return Contract(
        external_id=f"SIMULATED-{client.pk}-{number}",
        profile=profile,
        client=client,
        started_on=started_on,
        ended_on=min(started_on + timedelta(days=days), timezone.now().date()),
        is_ended_early=is_early,
        spend=Decimal(random.randint(500, 20_000)),
        rating=Decimal(random.choice([3, 4, 4, 5, 5, 5])),
    )
