"""Measurements for Prometheus: of requests, which all workers count, and of the database, read when they are asked for.

Imported only where METRICS_ADDRESS is set. No label names a person: routes have names, addresses are not told.
"""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.db.models import Count, Min
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from common.databases import REPLICA
from common.mail import outbox
from common.models import Mail, ScheduledJob
from marketplace.observing import Answered, answered
from marketplace.schedule import JOBS

SECONDS = Histogram(
    "marketplace_request_seconds",
    "How long requests took, by route.",
    ["method", "route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RESPONSES = Counter("marketplace_responses", "Responses by route and status.", ["route", "status"])
DENIED = Counter(
    "marketplace_denied_reads", "Reads of what the visibility rule or a permission does not allow.", ["route"]
)
# The routes that start from the rule: there, what does not exist and what may not be seen both answer 404.
DECIDED_BY_THE_RULE = ("certifications:", "verification:", "sourcing:", "spend:")


@answered.register
def count(told: Answered) -> None:
    SECONDS.labels(told.method, told.route).observe(told.seconds)
    RESPONSES.labels(told.route, told.status).inc()
    if told.status in (403, 404) and told.method in ("GET", "HEAD") and told.route.startswith(DECIDED_BY_THE_RULE):
        DENIED.labels(told.route).inc()


def of_all_workers() -> CollectorRegistry:
    """Return what the process that answers Prometheus tells: the workers' counts, and the database's state."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
    registry.register(State(then=connections.close_all))  # asked so rarely that no connection is kept
    return registry


class State(Collector):
    """What the database says about work that waits, jobs, email and the standby. Without it: that it is gone."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then = then  # called when all is read

    def collect(self) -> Iterator[Metric]:
        is_up = True
        try:
            yield from (gauge for read in (_tasks, _jobs, _emails, _standby) for gauge in read())
        except (DatabaseError, InterfaceError):
            is_up = False
        finally:
            self.then()
        yield _gauge("database_up", "1 if the primary answers.", is_up)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"marketplace_{name}", about, value=float(value))


def _tasks() -> Iterator[Metric]:
    waiting = DBTaskResult.objects.ready().aggregate(count=Count("pk"), oldest=Min("enqueued_at"))
    yield _gauge("tasks_waiting", "Tasks that a worker could start now.", waiting["count"])
    age = (timezone.now() - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0
    yield _gauge("oldest_task_seconds", "How long the oldest of them has waited.", age)


def _jobs() -> Iterator[Metric]:
    succeeded = GaugeMetricFamily(
        "marketplace_job_succeeded_timestamp_seconds", "When a job last succeeded; 0 if never.", labels=["job"]
    )
    failing = GaugeMetricFamily("marketplace_job_failing", "1 if a job's last run failed.", labels=["job"])
    rows = ScheduledJob.objects.in_bulk()
    for job in JOBS:
        row = rows.get(job.name)
        at = row.succeeded_at if row else None
        succeeded.add_metric([job.name], at.timestamp() if at else 0)
        failing.add_metric([job.name], bool(row and (at is None or at < row.started_at)))
    yield from (succeeded, failing)


def _emails() -> Iterator[Metric]:
    counts = outbox.counts()
    yield _gauge("emails_waiting", "Emails that are to be sent, now or later.", Mail.objects.waiting().count())
    yield _gauge("emails_held", "Emails that were tried and wait for the mail server.", counts["waiting"])
    yield _gauge("emails_refused_in_a_day", "Emails that a mail server refused permanently.", counts["refused"])


LAG = """
SELECT pg_is_in_recovery(), CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
ELSE coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0) END
"""


def _standby() -> Iterator[Metric]:
    """The state of the standby, if the settings name one."""
    if REPLICA not in connections:
        return
    try:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(LAG)
            is_standby, lag = cursor.fetchone()
    except (DatabaseError, InterfaceError):
        is_standby, lag = False, 0
    yield _gauge("standby_in_use", "1 if REPLICA_URL leads to a standby, 0 if to the primary or nowhere.", is_standby)
    yield _gauge("replication_lag_seconds", "How far that standby is behind.", lag if is_standby else 0)
