"""Tells webhooks that their client reached a goal, or lost it again.

Payments, certificates, rules and goals decide it, and owners who hide something, and days that pass. So the goals are
put to the count as their page does, and the answers are compared with what was told before.
"""

from certifications.sharing.viewers import place_of
from integrations.models import EventType, ToldGoal
from integrations.webhooks.emitting import deliver, listening, tell_each
from profiles.models import Client
from rollout.audience import is_in_audience
from rollout.models import RolloutPolicy
from spend import sums
from spend.goals import Pace
from spend.models import Goal
from spend.views.asked import Asked
from spend.views.goals import GoalRow, goal_rows

TYPE = EventType.GOAL_CROSSED


def tell() -> int:
    """Tell all webhooks that listen. Returns of how many goals."""
    return tell_each(TYPE, _tell)


def _tell(client: Client, policy: RolloutPolicy) -> int:
    """Tell of each goal of this fiscal year and the last one that was reached or lost since it was told of last."""
    if not is_in_audience(place_of(client), policy):
        return 0  # it has no page of its goals, so nothing of them is told
    told = set(ToldGoal.objects.filter(goal__client=client).values_list("goal", flat=True))
    crossed = [row.goal for row in _rows(client, policy) if (row.made.pace == Pace.REACHED) != (row.goal.pk in told)]
    ToldGoal.objects.filter(goal__in=[goal for goal in crossed if goal.pk in told]).delete()
    ToldGoal.objects.bulk_create(ToldGoal(goal=goal) for goal in crossed if goal.pk not in told)
    data = [{"goal": goal.pk, "year": goal.fiscal_year} for goal in crossed]
    deliver(listening(TYPE, policy).filter(client=client), TYPE, *data)
    return len(crossed)


def _rows(client: Client, policy: RolloutPolicy) -> list[GoalRow]:
    """Return how far the client is with its goals. Those of the last year can still be reached by a late import."""
    this_year = Asked.of_client(client.pk).year
    goals = Goal.objects.filter(client=client, fiscal_year__in=[this_year - 1, this_year])
    years = goals.order_by("fiscal_year").values_list("fiscal_year", flat=True).distinct()
    rows = []
    for asked in [Asked.of_client(client.pk, year) for year in years]:
        overview = sums.current(asked.client, asked.period, rules=asked.rules, policy=policy)
        rows += goal_rows(asked, overview.totals)
    return rows
