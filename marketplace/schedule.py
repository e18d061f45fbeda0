"""What runs at which time, and the loop that runs it in one place, however many machines have a scheduler."""

import logging
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from common.models import ScheduledJob

logger = logging.getLogger(__name__)


class Job(NamedTuple):
    """A command, run each hour, or each day at an hour of UTC. Any job may run late, twice, and be stopped midway."""

    command: tuple[str, ...]
    hour: int | None = None

    @property
    def name(self) -> str:
        return self.command[0]

    def last_due(self, now: datetime) -> datetime:
        """Return the newest moment up to `now` at which the job was to run."""
        full_hour = now.replace(minute=0, second=0, microsecond=0)
        if self.hour is None:
            return full_hour
        at = full_hour.replace(hour=self.hour)
        return at if at <= now else at - timedelta(days=1)


JOBS = (
    Job(("due",)),
    Job(("prune_db_task_results",), hour=1),
    Job(("clearsessions",), hour=1),
    Job(("tally",), hour=2),
    Job(("rebuild_listing", "--check"), hour=3),
)


def due(now: datetime) -> list[Job]:
    """Return the jobs that were not run to their end since they were last due. After a gap each of them runs once."""
    started = dict(ScheduledJob.objects.values_list("name", "started_at"))
    return [job for job in JOBS if job.name not in started or started[job.name] < job.last_due(now)]


class Scheduler:
    """Runs what is due as long as it leads. The leader is whose connection holds an advisory lock of the database.

    The database gives the lock away as soon as that connection ends, for whatever reason. A leader that loses its
    connection stops its job, which the next leader runs anew.
    """

    LOCK = "SELECT pg_try_advisory_lock(hashtext('marketplace.schedule'))"
    # The server notices within about 20 seconds that the leader's machine is gone.
    NOTICE = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 3; SET tcp_keepalives_count = 3"

    PAUSE_SECONDS = 1

    def __init__(self) -> None:
        self.is_leader = False

    def run(self) -> None:
        """Lead, or wait to lead, until this process is told to exit."""
        while True:
            try:
                if self._leads():
                    for job in due(timezone.now()):
                        self._run(job)
            except (OperationalError, InterfaceError) as error:
                logger.warning("The scheduler lost its connection to the database: %s", " ".join(str(error).split()))
                connection.close()
                self.is_leader = False
            time.sleep(self.PAUSE_SECONDS)

    def _leads(self) -> bool:
        with connection.cursor() as cursor:
            if self.is_leader:
                cursor.execute("SELECT 1")  # raises if the connection, and with it the lead, is lost
                return True
            cursor.execute(self.NOTICE)
            cursor.execute(self.LOCK)
            [self.is_leader] = cursor.fetchone()
        if self.is_leader:
            logger.info("The scheduler leads.")
        return self.is_leader

    def _run(self, job: Job) -> None:
        """Run a job in a process of its own, which ends with this one or its lead, and note when it is done."""
        started = timezone.now()
        logger.info("%s starts.", job.name)
        with subprocess.Popen([sys.executable, settings.BASE_DIR / "manage.py", *job.command]) as process:
            try:
                while process.poll() is None:
                    self._leads()
                    time.sleep(self.PAUSE_SECONDS)
            finally:
                process.terminate()
        if process.returncode < 0:  # by a signal: it is to run again
            logger.warning("%s was stopped.", job.name)
            return
        run, ended = {"started_at": started}, timezone.now()
        if process.returncode:
            logger.error("%s failed after %s.", job.name, ended - started)
        else:
            logger.info("%s ended after %s.", job.name, ended - started)
            run["succeeded_at"] = ended
        ScheduledJob.objects.update_or_create(name=job.name, defaults=run)
