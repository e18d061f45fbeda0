"""The nightly sums: from the product's own rows to a few hundred numbers a week, all that the monitor reads."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from certifications.models import Certification, CertificationType, Concern, Consent, RolloutPolicy
from certifications.sharing import consents
from impact.measures import A_WEEK, MEASURES
from impact.models import Tally, WeekOfActs
from impact.statistics import Sums
from profiles.models import Client

WEEK = timedelta(days=7)
# The first text about counting that speaks of the monitor: who agreed to an older one is not counted.
FIRST_TEXT = "2026-11-24"


def monday(day):
    return day - timedelta(days=day.weekday())


def last_week():
    """The Monday of the last week that is over, in UTC."""
    return monday(timezone.now().date()) - WEEK


class Draw(NamedTuple):
    """Who is compared since when: the first policy of those in a row with the same plans and share held out."""

    policy: RolloutPolicy
    since: object  # datetime.date, a Monday


def draw():
    """The Draw of the policy in force, or None as long as nobody is held out. What changes it starts anew."""
    found = None
    for policy in RolloutPolicy.objects.in_force():
        if not policy.holdout_percent or (found and not policy.draws_as(found)):
            break
        found = policy
    if found is None:
        return None
    first = found.since.date()
    return Draw(found, monday(first) if first.weekday() == 0 else monday(first) + WEEK)


def counted():
    """(profile, type) of the records that count: shown to somebody but for the roll-out, their owner agreed."""
    versions = list(consents.TEXTS[Consent.Purpose.COUNT])
    told = versions[versions.index(FIRST_TEXT) :]
    count = Consent.objects.filter(purpose=Consent.Purpose.COUNT, is_given=True, version__in=told)
    agreed = count.filter(profile=OuterRef("profile"))
    records = Certification.objects.holding_but_for("stopped", "type_stopped").filter(Exists(agreed))
    return records.order_by().values_list("profile", "type")


# One row for each client that did anything with those counted: what it did, since the draw and in the last week.
ACTS = """
WITH client AS MATERIALIZED (
    SELECT * FROM unnest(%(clients)s::bigint[], %(plans)s::text[], %(held)s::boolean[], %(weeks)s::float[])
        AS client (client_id, plan, is_held_out, weeks)
), record AS MATERIALIZED (
    SELECT DISTINCT profile_id, type_id FROM ({counted}) AS listed (profile_id, type_id)
), counted AS MATERIALIZED (
    SELECT profile_id, type_id FROM record UNION ALL SELECT DISTINCT profile_id, NULL::bigint FROM record
), act AS (
    SELECT client_id, profile_id, 'invitations' AS measure, 0 AS x, 1 AS y, (sent_at AT TIME ZONE 'UTC')::date AS day
    FROM sourcing_talkinvitation
    UNION ALL
    SELECT client_id, profile_id, CASE answer WHEN 'accepted' THEN 'acceptances' ELSE 'declines' END, 0, 1,
        (answered_at AT TIME ZONE 'UTC')::date
    FROM sourcing_talkinvitation WHERE answer <> ''
    UNION ALL
    SELECT client_id, profile_id, 'contracts', 0, 1, started_on FROM impact_contract
    UNION ALL
    SELECT client_id, profile_id, 'spend', 0, spend, started_on FROM impact_contract
    UNION ALL
    SELECT client_id, profile_id, 'ended_early', 1, is_ended_early::int, ended_on
    FROM impact_contract WHERE ended_on IS NOT NULL
    UNION ALL
    SELECT client_id, profile_id, 'ratings', 1, rating, coalesce(ended_on, started_on)
    FROM impact_contract WHERE rating IS NOT NULL
), total AS (
    SELECT client_id, type_id, measure, sum(x)::float AS x, sum(y)::float AS y,
        coalesce(sum(x) FILTER (WHERE day >= %(week)s), 0)::float AS week_x,
        coalesce(sum(y) FILTER (WHERE day >= %(week)s), 0)::float AS week_y
    FROM act JOIN counted USING (profile_id)
    WHERE day >= %(since)s AND day < %(until)s
    GROUP BY client_id, type_id, measure
)
SELECT plan, is_held_out, type_id, measure, sum(x), sum(y), sum(x * x), sum(x * y), sum(y * y),
    sum(weeks * y), sum(week_x), sum(week_y)
FROM total JOIN client USING (client_id)
GROUP BY plan, is_held_out, type_id, measure
"""
# There are many more views than of anything else: those of the one week are counted, and by profile first.
VIEWS = """
WITH client AS MATERIALIZED (
    SELECT * FROM unnest(%(clients)s::bigint[], %(plans)s::text[], %(held)s::boolean[], %(weeks)s::float[])
        AS client (client_id, plan, is_held_out, weeks)
), record AS MATERIALIZED (
    SELECT DISTINCT profile_id, type_id FROM ({counted}) AS listed (profile_id, type_id)
), view AS MATERIALIZED (
    SELECT profile_id, plan, is_held_out, count(*) AS views
    FROM certifications_clientview JOIN client USING (client_id)
    WHERE day >= %(week)s AND day < %(until)s
    GROUP BY profile_id, plan, is_held_out
)
SELECT plan, is_held_out, type_id, sum(views)
FROM view JOIN (
    SELECT profile_id, type_id FROM record UNION ALL SELECT DISTINCT profile_id, NULL::bigint FROM record
) AS counted USING (profile_id)
GROUP BY plan, is_held_out, type_id
"""


def tally(week):
    """Write what is known from the draw to the end of `week` (a Monday). Twice gives the same. Returns how many rows.

    Records count by what is agreed and listed today: who took back the consent, or erased all, is in no later sum.
    """
    acts = _acts(week)
    drawn = draw()
    with transaction.atomic():
        WeekOfActs.objects.filter(week=week).delete()
        WeekOfActs.objects.bulk_create(acts)
        Tally.objects.filter(week=week).delete()
        if drawn is None or week < drawn.since:
            return len(acts)
        rows = _rows(week, drawn)
        Tally.objects.bulk_create(rows)
    return len(acts) + len(rows)


def _rows(week, drawn):
    until = week + WEEK
    groups, values = _groups(drawn, until)
    records = counted()
    sql, parameters = records.query.sql_with_params()
    # One kind of placeholder for all: the rule's get names.
    named = {f"p{number}": value for number, value in enumerate(parameters)}
    before, *after = sql.split("%s")
    inner = before + "".join(f"%({name})s{text}" for name, text in zip(named, after, strict=True))
    values |= named | {"since": drawn.since, "until": until, "week": week}
    with connection.cursor() as cursor:
        cursor.execute(ACTS.format(counted=inner), values)
        acts = {row[:4]: row[4:] for row in cursor.fetchall()}
        cursor.execute(VIEWS.format(counted=inner), values)
        views = {row[:3]: row[3] for row in cursor.fetchall()}
    by_type = dict(records.values_list("type").annotate(count=Count("profile", distinct=True)))
    profiles = by_type | {None: records.aggregate(count=Count("profile", distinct=True))["count"]}
    types = [None, *CertificationType.objects.values_list("pk", flat=True)]
    rows = []
    for (plan, held), weeks in groups.items():
        for type in types:
            for measure in MEASURES:
                x, y, xx, xy, yy, weeks_y, week_x, week_y = acts.get((plan, held, type, measure), [0] * 8)
                if measure in A_WEEK:
                    x, xx, xy, week_x = weeks.x, weeks.xx, weeks_y, weeks.n
                rows.append(
                    Tally(
                        week=week, since=drawn.since, plan=plan, is_held_out=held, type_id=type, measure=measure,
                        profiles=profiles.get(type, 0), views=views.get((plan, held, type), 0),
                        n=weeks.n, x=x, y=y, xx=xx, xy=xy, yy=yy, week_x=week_x, week_y=week_y,
                    )
                )  # fmt: skip
    return rows


def _groups(drawn, until):
    """{(plan, held out): Sums of the weeks of its clients}, and the same client by client as the queries take it."""
    weeks = {(plan, held): [] for plan in drawn.policy.plans for held in (False, True)}
    values = {"clients": [], "plans": [], "held": [], "weeks": []}
    clients = Client.objects.filter(
        plan__in=drawn.policy.plans, created_at__lt=datetime.combine(until, time(), UTC)
    ).order_by("pk")
    for pk, plan, created_at in clients.values_list("pk", "plan", "created_at"):
        held = drawn.policy.holds_out(pk)
        here = max(1.0, (until - max(drawn.since, monday(created_at.date()))).days / 7)
        weeks[plan, held].append(here)
        for name, value in zip(values, (pk, plan, held, here), strict=True):
            values[name].append(value)
    return {key: Sums.of((count, 0) for count in counts) for key, counts in weeks.items()}, values


def _acts(week):
    """The week's hides, withdrawals and concerns by type: list of WeekOfActs, a row for each even if it is zero."""
    until = week + WEEK

    def within(name):
        return Q(**{f"{name}__date__gte": week, f"{name}__date__lt": until})

    hidden = Certification.objects.filter(within("hidden_at") | within("withdrawn_at"))
    concerns = Concern.objects.filter(within("reported_at"), certification__isnull=False)
    kinds = {
        WeekOfActs.Kind.HIDDEN: hidden.order_by().values_list("type").annotate(count=Count("pk")),
        WeekOfActs.Kind.CONCERN: concerns.order_by().values_list("certification__type").annotate(count=Count("pk")),
    }
    types = list(CertificationType.objects.values_list("pk", flat=True))
    rows = []
    for kind, found in kinds.items():
        counts = dict(found)
        rows += [WeekOfActs(week=week, type_id=type, kind=kind, count=counts.get(type, 0)) for type in types]
    return rows
