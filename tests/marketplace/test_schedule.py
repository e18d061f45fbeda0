"""Scheduled work: what is due when, and that one scheduler of several does it."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.db import connection

from common.models import ScheduledJob
from deploy.drills import databases
from marketplace import schedule
from marketplace.settings import TASKS

ALL = ["due", "prune_db_task_results", "clearsessions", "tally", "rebuild_listing"]


def at(hour, minute=0):
    return datetime(2026, 11, 27, hour, minute, tzinfo=UTC)


def names(now):
    return [job.name for job in schedule.due(now)]


def have_run(when, jobs=ALL):
    for name in jobs:
        ScheduledJob.objects.update_or_create(name=name, defaults={"started_at": when})


def test_each_job_is_a_command_that_takes_what_it_is_given(settings):
    settings.TASKS = TASKS
    for job in schedule.JOBS:
        command = load_command_class(get_commands()[job.name], job.name)
        command.create_parser("manage.py", job.name).parse_args(list(job.command[1:]))


@pytest.mark.django_db
def test_every_job_is_due_at_first():
    assert names(at(12)) == ALL


@pytest.mark.django_db
def test_a_job_that_ran_is_due_again_at_its_next_time():
    have_run(at(4, 30))

    assert names(at(4, 59)) == []
    assert names(at(5)) == ["due"]
    have_run(at(23, 30))
    assert names(at(23, 59)) == []
    have_run(at(0, 30), ["due"])
    assert names(at(0, 40)) == []


@pytest.mark.django_db
def test_after_a_gap_each_job_runs_once():
    have_run(datetime(2026, 11, 20, tzinfo=UTC))
    assert names(at(2, 30)) == ALL

    have_run(at(2, 40))

    assert names(at(2, 50)) == []


@contextmanager
def scheduler(server, log):
    environment = os.environ | {
        "DATABASE_URL": f"postgres://postgres@{server.address}/{databases.DATABASE}",
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "DEBUG": "true",
        "DATA_DIR": str(log.parent),
        "LOG_LEVEL": "INFO",
    }
    command = [sys.executable, "manage.py", "scheduler"]
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output, start_new_session=True
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def eventually(is_so):
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def make_due(server, name):
    server.ask("UPDATE common_scheduledjob SET started_at = started_at - interval '2 days' WHERE name = %s", [name])


def is_done(server, name):
    return server.ask(
        "SELECT succeeded_at > now() - interval '1 hour' FROM common_scheduledjob WHERE name = %s",
        [name],
    )


def leads(log):
    return "The scheduler leads." in log.read_text()


def done(log):
    """What a scheduler started, in order."""
    return re.findall(r"marketplace\.schedule: (\w+) starts\.", log.read_text())


@pytest.fixture
def server(tmp_path):
    """A database server on which only expired sessions are due to be deleted."""
    server = databases.copy_of(connection.settings_dict, tmp_path / "server")
    for name in ALL:
        server.ask("INSERT INTO common_scheduledjob (name, started_at) VALUES (%s, now() + interval '1 hour')", [name])
    make_due(server, "clearsessions")
    yield server
    server.stop()


@pytest.mark.slow
@pytest.mark.django_db
def test_one_of_two_schedulers_works_and_the_other_takes_over(server, tmp_path):
    first_log, second_log = tmp_path / "first", tmp_path / "second"
    with scheduler(server, first_log) as first:
        eventually(lambda: leads(first_log))
        with scheduler(server, second_log) as second:
            eventually(lambda: is_done(server, "clearsessions"))
            time.sleep(1.5)  # longer than a scheduler waits before it tries to lead
            assert (done(first_log), done(second_log), leads(second_log)) == (["clearsessions"], [], False)

            os.killpg(first.pid, signal.SIGKILL)
            make_due(server, "tally")
            eventually(lambda: leads(second_log) and done(second_log) == ["tally"])
            second.send_signal(signal.SIGTERM)
            assert second.wait(timeout=60) == 0

    assert not is_done(server, "tally")  # stopped midway: whoever leads next begins it anew


@pytest.mark.slow
@pytest.mark.django_db
def test_a_scheduler_that_loses_its_connection_leads_no_more_and_tries_again(server, tmp_path):
    log = tmp_path / "log"
    with scheduler(server, log) as process:
        eventually(lambda: is_done(server, "clearsessions"))

        server.stop()
        eventually(lambda: "The scheduler lost its connection to the database: " in log.read_text())
        server.start()
        eventually(lambda: log.read_text().count("The scheduler leads.") == 2)

        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert done(log) == ["clearsessions"]
