"""The nightly sums: from the product's own rows to a few hundred numbers a week, which are all that the monitor reads.

Each week is written once, when it is over, and never again. So a change from one night to the next cannot reveal what a
person did who took a consent back, hid a certification or erased everything.
"""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from certifications.models import Certification, CertificationType, Concern, Consent, Pause
from certifications.rule import Obstacle
from certifications.sharing import consents
from common.history import events_of
from impact.measures import FOLLOW_UP, MEASURES
from impact.models import DrawnClient, Tally, WeekOfActs
from impact.statistics import Sums
from impact.suppression import FEWEST
from profiles.models import Client
from rollout.models import RolloutPolicy

WEEK = timedelta(days=7)
LAST_ZONE = timedelta(hours=12)  # a day ends so much later than in UTC where it ends last
# The first text about counting that speaks of the monitor: who agreed to an older one is not counted.
FIRST_TEXT = "2026-11-24"


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def last_week() -> date:
    """Return the Monday of the last finished week: in UTC, once its days are over in every time zone."""
    return monday((timezone.now() - LAST_ZONE).date()) - WEEK


class Draw(NamedTuple):
    """A comparison: the first of the consecutive policies with the same plans and holdout, and its first Monday."""

    policy: RolloutPolicy
    since: date  # a Monday


def draw() -> Draw | None:
    """Return the Draw of the policy in force, or None while no client is held out. A change starts a new one."""
    found = None
    for policy in RolloutPolicy.objects.that_begin().started():
        if not policy.holdout_percent or (found and not policy.draws_as(found)):
            break
        found = policy
    if found is None or found.since is None:
        return None
    first = found.since.date()
    return Draw(found, monday(first) if first.weekday() == 0 else monday(first) + WEEK)


def write_due() -> list[date]:
    """Write each finished week that is not written yet. Return their Mondays, in order.

    If no week is written yet, these are the last week, or all since the draw.
    """
    drawn, last = draw(), last_week()
    written = WeekOfActs.objects.aggregate(latest=Max("week"))["latest"]
    week = written + WEEK if written else min(drawn.since, last) if drawn else last
    weeks = []
    while week <= last:
        if write(week):
            weeks.append(week)
        week += WEEK
    return weeks


@transaction.atomic
def write(week: date) -> bool:
    """Write the sums of `week` (a Monday), and from the draw to its end. Return False if they were written before."""
    with connection.cursor() as cursor:
        # What is summed is read from the disk, unlike what pages read, see OPTIONS in the settings.
        cursor.execute("SET LOCAL random_page_cost = 4; SET LOCAL seq_page_cost = 1")
        # Two at once, by hand and by night: the second finds it written.
        cursor.execute(f"LOCK TABLE {WeekOfActs._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
    if WeekOfActs.objects.filter(week=week).exists():
        return False
    WeekOfActs.objects.bulk_create(_acts(week))
    drawn = draw()
    if drawn and week >= drawn.since:
        _draw_clients(drawn, week)
        Tally.objects.bulk_create(_sums(week, drawn))
    return True


def agreed() -> QuerySet[Consent]:
    """Return the consents of owners who agreed to be counted by a text that mentions the monitor."""
    versions = list(consents.TEXTS[Consent.Purpose.COUNT])
    told = versions[versions.index(FIRST_TEXT) :]
    return Consent.objects.filter(purpose=Consent.Purpose.COUNT, is_given=True, version__in=told)


def counted(policy: RolloutPolicy) -> QuerySet:
    """Return (profile, type) of the records that count: shown to someone but for the policy, and their owner agreed."""
    records = Certification.objects.holding_but_for(policy, Obstacle.STOPPED, Obstacle.TYPE_STOPPED)
    return (
        records.filter(Exists(agreed().filter(profile=OuterRef("profile")))).order_by().values_list("profile", "type")
    )


# Who is counted, by type and as a whole (no type); what clients of a draw did with them, and when it counts. What began
# before a client was drawn cannot come of the draw. A contract is looked at once, when it was followed as long as all
# others. Both are read several times, so they are tables until the sums are made. `starts`: since when a type counts.
COUNTED = """
CREATE TEMPORARY TABLE tally_counted AS
WITH record AS MATERIALIZED (
    SELECT DISTINCT profile_id, type_id FROM ({counted}) AS listed (profile_id, type_id)
)
SELECT profile_id, type_id FROM record UNION ALL SELECT DISTINCT profile_id, NULL::bigint FROM record
"""
ACTS = """
CREATE TEMPORARY TABLE tally_act AS
SELECT drawn.id AS drawn_id, plan, is_held_out, profile_id, type_id, measure, x, y, day >= %(week)s AS is_new
FROM (
    SELECT client_id, profile_id, 'invitations' AS measure, 0 AS x, 1 AS y,
        (sent_at AT TIME ZONE 'UTC')::date AS began, (sent_at AT TIME ZONE 'UTC')::date AS day
    FROM sourcing_talkinvitation
    UNION ALL
    SELECT client_id, profile_id, CASE answer WHEN 'accepted' THEN 'acceptances' ELSE 'declines' END, 0, 1,
        (sent_at AT TIME ZONE 'UTC')::date, (answered_at AT TIME ZONE 'UTC')::date
    FROM sourcing_talkinvitation WHERE answer <> ''
    UNION ALL
    SELECT client_id, profile_id, made.measure, made.x, made.y, started_on, started_on + %(follow_up)s::int
    FROM impact_contract, LATERAL (VALUES
        ('contracts', 0, 1),
        ('spend', 0, spend),
        ('ended_early', 1, (is_ended_early AND ended_on < started_on + %(follow_up)s::int)::int),
        ('ratings', (rating IS NOT NULL)::int, coalesce(rating, 0))
    ) AS made (measure, x, y)
) AS happened
JOIN impact_drawnclient AS drawn ON drawn.client_id = happened.client_id AND draw_id = %(draw)s
JOIN tally_counted USING (profile_id)
JOIN unnest(%(types)s::bigint[], %(starts)s::date[]) AS scope (type, start) ON type IS NOT DISTINCT FROM type_id
WHERE day < %(until)s AND began >= greatest(drawn.since, start) AND (x <> 0 OR y <> 0)
"""
PROFILES = "SELECT type_id, count(DISTINCT profile_id) FROM tally_counted GROUP BY type_id"
WRITE_CLIENTS = """
INSERT INTO impact_clientweek (drawn_id, week, type_id, measure, x, y)
SELECT drawn_id, %(week)s, type_id, measure, sum(x), sum(y) FROM tally_act WHERE is_new
GROUP BY drawn_id, type_id, measure
"""
# How many businesses all of it was with.
ACTING = """
SELECT plan, is_held_out, type_id, measure, count(DISTINCT profile_id) FROM tally_act
GROUP BY plan, is_held_out, type_id, measure
"""
# The sums over clients of their totals, and of these times the weeks for which a client counts.
SUMS = """
WITH total AS (
    SELECT drawn_id, type_id, measure, start, sum(x) AS x, sum(y) AS y,
        coalesce(sum(x) FILTER (WHERE week = %(week)s), 0) AS week_x,
        coalesce(sum(y) FILTER (WHERE week = %(week)s), 0) AS week_y
    FROM impact_clientweek JOIN impact_drawnclient AS drawn ON drawn.id = drawn_id
    JOIN unnest(%(types)s::bigint[], %(starts)s::date[]) AS scope (type, start) ON type IS NOT DISTINCT FROM type_id
    WHERE draw_id = %(draw)s AND week <= %(week)s AND week >= start
    GROUP BY drawn_id, type_id, measure, start
)
SELECT plan, is_held_out, type_id, measure,
    count(*) FILTER (WHERE x <> 0), count(*) FILTER (WHERE y <> 0),
    sum(x), sum(y), sum(x * x), sum(x * y), sum(y * y), sum((%(until)s - greatest(since, start)) / 7 * y),
    sum(week_x), sum(week_y)
FROM total JOIN impact_drawnclient AS drawn ON drawn.id = drawn_id
GROUP BY plan, is_held_out, type_id, measure
"""
# There are many more views than of anything else: those of the one week are counted, and by profile first.
VIEWS = """
WITH view AS MATERIALIZED (
    SELECT profile_id, plan, is_held_out, count(*) AS views
    FROM certifications_clientview AS view
    JOIN impact_drawnclient AS drawn ON drawn.client_id = view.client_id AND draw_id = %(draw)s
    WHERE day >= %(week)s AND day < %(until)s
    GROUP BY profile_id, plan, is_held_out
)
SELECT plan, is_held_out, type_id, sum(views) FROM view JOIN tally_counted USING (profile_id)
GROUP BY plan, is_held_out, type_id
"""


def _draw_clients(drawn: Draw, week: date) -> None:
    """Draw the clients that may be shown certifications by the end of `week` and are not drawn yet."""
    known = DrawnClient.objects.filter(draw=drawn.policy, client=OuterRef("pk"))
    until = datetime.combine(week + WEEK, time(), UTC)
    new = Client.objects.filter(~Exists(known), is_active=True, plan__in=drawn.policy.plans, created_at__lt=until)
    DrawnClient.objects.bulk_create(
        (
            DrawnClient(
                draw=drawn.policy, client_id=pk, plan=plan, is_held_out=drawn.policy.holds_out(pk), since=week
            )
            for pk, plan in new.order_by("pk").values_list("pk", "plan")
        ),
        batch_size=2000,
    )  # fmt: skip


class _Week(NamedTuple):
    """What was counted of a week. The keys begin with plan, held out and type; SUMS and ACTING add the measure."""

    profiles: dict[int | None, int]  # by type, None for all
    starts: dict[int | None, date]  # by type: the Monday since which it counts
    acting: dict[tuple[Any, ...], tuple[Any, ...]]
    views: dict[tuple[Any, ...], tuple[Any, ...]]
    sums: dict[tuple[Any, ...], tuple[Any, ...]]


def _sums(week: date, drawn: Draw) -> list[Tally]:
    """Return the rows of `week`, one for each plan, group, type and measure, even if it is zero."""
    until = week + WEEK
    counted_week = _count(week, drawn)
    sinces = _sinces(drawn)
    tallies = []
    for plan, held in sinces:
        for type, start in counted_week.starts.items():
            weeks = [(until - max(since, start)) // WEEK for since in sinces[plan, held]]
            followed = {lag: Sums.of((max(0, count - lag), 0) for count in weeks) for lag in (0, FOLLOW_UP // WEEK)}
            [seen] = counted_week.views.get((plan, held, type), [0]) if start < until else [0]
            for name, measure in MEASURES.items():
                key = (plan, held, type, name)
                n, did, x, y, xx, xy, yy, weeks_y, week_x, week_y = counted_week.sums.get(key, [0] * 10)
                if measure.is_weekly:
                    lag = FOLLOW_UP // WEEK if measure.is_of_contracts else 0
                    counts = followed[lag]
                    n, x, xx, xy, week_x = counts.n, counts.x, counts.xx, weeks_y - lag * y, counts.n
                tallies.append(
                    Tally(
                        week=week, draw=drawn.policy, plan=plan, is_held_out=held, type_id=type, measure=name,
                        profiles=counted_week.profiles.get(type, 0), views=seen,
                        n=n, acting=did, acting_profiles=counted_week.acting.get(key, [0])[0],
                        x=x, y=y, xx=xx, xy=xy, yy=yy, week_x=week_x, week_y=week_y,
                    )
                )  # fmt: skip
    return tallies


def _count(week: date, drawn: Draw) -> _Week:
    """Count the acts of `week` in the database."""
    until = week + WEEK
    sql, parameters = counted(RolloutPolicy.in_force()).query.sql_with_params()
    values: dict[str, Any] = {"draw": drawn.policy.pk, "week": week, "until": until, "follow_up": FOLLOW_UP.days}
    with connection.cursor() as cursor:

        def rows(query: str, keys: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
            cursor.execute(query, values)
            return {row[:keys]: row[keys:] for row in cursor.fetchall()}

        cursor.execute(COUNTED.format(counted=sql), parameters)
        cursor.execute("ANALYZE tally_counted, impact_drawnclient, impact_clientweek")  # of which much may be new
        profiles = {type: count for (type,), (count,) in rows(PROFILES, 1).items()}
        starts = _starts(drawn, until, profiles)
        values |= {"types": list(starts), "starts": list(starts.values())}
        cursor.execute(ACTS, values)
        cursor.execute("ANALYZE tally_act")
        cursor.execute(WRITE_CLIENTS, values)
        found = _Week(profiles, starts, acting=rows(ACTING, 4), views=rows(VIEWS, 3), sums=rows(SUMS, 4))
        cursor.execute("DROP TABLE tally_act, tally_counted")
    return found


def _starts(drawn: Draw, until: date, profiles: dict[int | None, int]) -> dict[int | None, date]:
    """Return the Monday since which each type (None for all) counts: it had at least FEWEST in every week since.

    With fewer, subtracting the published weeks would reveal individual behavior.
    """
    few = Tally.objects.filter(draw=drawn.policy, profiles__lt=FEWEST).order_by()
    last_few = dict(few.values_list("type").annotate(latest=Max("week")))
    starts = {}
    for type in [None, *CertificationType.objects.values_list("pk", flat=True)]:
        start = last_few[type] + WEEK if type in last_few else drawn.since
        starts[type] = start if profiles.get(type, 0) >= FEWEST else until
    return starts


def _sinces(drawn: Draw) -> dict[tuple[str, bool], list[date]]:
    """Return the Mondays since which the clients of each (plan, held out) are drawn."""
    sinces = {(plan, held): [] for plan in drawn.policy.plans for held in (False, True)}
    rows = DrawnClient.objects.filter(draw=drawn.policy).values_list("plan", "is_held_out", "since")
    for plan, held, since in rows.iterator(2000):
        sinces[plan, held].append(since)
    return sinces


def _acts(week: date) -> list[WeekOfActs]:
    """Return the week's owners who took certifications off their page, and concerns, zeros included."""
    until = week + WEEK
    is_agreed = Exists(agreed().filter(profile=OuterRef("profile")))

    def within(name: str) -> Q:
        return Q(**{f"{name}__date__gte": week, f"{name}__date__lt": until})

    # From the history: what was hidden and is shown again was hidden.
    records = events_of(Certification).filter(within("hidden_at") | within("withdrawn_at"))
    paused = events_of(Pause).filter(within("paused_at"))
    refused = events_of(Consent).filter(within("decided_at"), purpose=Consent.Purpose.SHOW, is_given=False)
    of_all = Certification.objects.current().filter(
        Q(profile__in=paused.values("profile")) | Q(profile__in=refused.values("profile"))
    )
    hidden = (rows.filter(is_agreed).order_by().values_list("profile", "type") for rows in (records, of_all))
    concerns = Concern.objects.filter(is_agreed, within("reported_at"), certification__isnull=False)
    reported = concerns.order_by().values_list("certification__type", "profile", "client")
    counts = {WeekOfActs.Kind.HIDDEN: Counter(type for _, type in set().union(*hidden)), WeekOfActs.Kind.CONCERN: {}}
    for type, rows in groupby(sorted(reported, key=itemgetter(0)), key=itemgetter(0)):
        _, profiles, clients = zip(*rows, strict=True)
        counts[WeekOfActs.Kind.CONCERN][type] = min(len(set(profiles)), len(set(clients)))
    types = CertificationType.objects.values_list("pk", flat=True)
    return [
        WeekOfActs(week=week, type_id=type, kind=kind, count=found.get(type, 0))
        for kind, found in counts.items()
        for type in types
    ]
