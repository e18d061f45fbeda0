"""Measurements for Prometheus, and the alerts and the dashboard that are made of them."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from prometheus_client import CollectorRegistry, generate_latest

from common.models import Mail, ScheduledJob
from deploy.drills.databases import free_port
from marketplace import metrics
from marketplace.management.commands import serve
from marketplace.observing import Answered

ALERTS = settings.BASE_DIR / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = settings.BASE_DIR / "deploy" / "grafana" / "marketplace.json"
RUNBOOK = settings.BASE_DIR / "docs" / "runbook.md"


def told():
    """The measurements as Prometheus reads them."""
    registry = CollectorRegistry()
    for collector in (metrics.SECONDS, metrics.RESPONSES, metrics.DENIED, metrics.State(then=lambda: None)):
        registry.register(collector)
    return generate_latest(registry).decode()


def value(name):
    [found] = re.findall(rf"^marketplace_{re.escape(name)} (\S+)$", told(), re.M)
    return float(found)


@pytest.fixture
def counted():
    """Begin to count at zero."""
    for metric in (metrics.SECONDS, metrics.RESPONSES, metrics.DENIED):
        metric.clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("counted")
def test_a_request_is_counted_by_its_route_and_status(client):
    client.get("/talent/?q=leaksearch")
    client.get("/freelancers/leakslug/")

    assert value('responses_total{route="directory",status="200"}') == 1
    assert value('responses_total{route="profile",status="404"}') == 1
    assert value('request_seconds_count{method="GET",route="directory"}') == 1
    assert "leak" not in told()


@pytest.mark.django_db
@pytest.mark.usefixtures("counted")
def test_denied_reads_are_counted_where_the_rule_decides():
    for answer in [
        Answered("GET", "certifications:record", 404, 0.1),
        Answered("GET", "verification:document", 403, 0.1),
        Answered("POST", "certifications:record", 404, 0.1),
        Answered("GET", "certifications:record", 200, 0.1),
        Answered("GET", "profile", 404, 0.1),
    ]:
        metrics.count(answer)

    assert value('denied_reads_total{route="certifications:record"}') == 1
    assert value('denied_reads_total{route="verification:document"}') == 1
    assert told().count("marketplace_denied_reads_total{") == 2


@pytest.mark.django_db
def test_the_state_of_tasks_jobs_and_email_comes_from_the_database():
    now = timezone.now()
    task = DBTaskResult.objects.create(args_kwargs={}, task_path="a", run_after=get_date_max(), backend_name="default")
    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=now - timedelta(minutes=5))
    DBTaskResult.objects.create(
        args_kwargs={}, task_path="a", run_after=now + timedelta(hours=1), backend_name="default"
    )
    Mail.objects.create(to="a@example.test")
    Mail.objects.create(to="b@example.test", tries=2, is_held=True)
    Mail.objects.create(to="c@example.test", refused_at=now)
    ScheduledJob.objects.create(name="due", started_at=now, succeeded_at=now - timedelta(hours=1))
    ScheduledJob.objects.create(name="tally", started_at=now - timedelta(hours=1), succeeded_at=now)

    assert value("database_up") == 1
    assert value("tasks_waiting") == 1
    assert value("oldest_task_seconds") == pytest.approx(300, abs=30)
    assert value('job_failing{job="due"}') == 1
    assert value('job_failing{job="tally"}') == 0
    assert value('job_succeeded_timestamp_seconds{job="tally"}') == pytest.approx(now.timestamp())
    assert value('job_succeeded_timestamp_seconds{job="clearsessions"}') == 0
    assert (value("emails_waiting"), value("emails_held"), value("emails_refused_in_a_day")) == (2, 1, 1)


def test_without_the_database_the_metrics_say_so(monkeypatch):
    def fail():
        raise OperationalError

    monkeypatch.setattr(metrics, "_tasks", fail)

    assert value("database_up") == 0


@pytest.mark.django_db
def test_the_alerts_and_the_dashboard_name_measurements_that_exist(monkeypatch):
    monkeypatch.setattr(metrics, "REPLICA", "default")
    metrics.count(Answered("GET", "certifications:record", 404, 0.1))
    exist = set(re.findall(r"^(marketplace_\w+)", told(), re.M))
    used = set(re.findall(r"marketplace_\w+", ALERTS.read_text() + DASHBOARD.read_text()))

    assert len(used) > 10
    assert used - exist == set()


def test_every_alert_has_a_section_in_the_runbook_and_every_section_an_alert():
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    pages = {rule["alert"]: rule["labels"]["severity"] == "page" for rule in group["rules"]}
    sections = re.findall(r"^## (\w+)\n(\*Page\.\*)?", RUNBOOK.read_text(), re.M)

    assert {name: bool(is_page) for name, is_page in sections} == pages
    assert all(rule["annotations"]["summary"] and rule["expr"] for rule in group["rules"])
    assert json.loads(DASHBOARD.read_text())["panels"]


@pytest.mark.parametrize("address", ["", "9101", "127.0.0.1:", "127.0.0.1:http"])
def test_an_invalid_address_is_refused(address, settings):
    settings.METRICS_ADDRESS = address

    with pytest.raises(CommandError, match=r"^Set METRICS_ADDRESS to an internal address and a port"):
        call_command("metrics")


@pytest.mark.parametrize("address", ["", "127.0.0.1:9101"])
def test_the_server_counts_from_zero_if_an_address_is_set(address, settings, tmp_path, monkeypatch):
    settings.DEBUG, settings.METRICS_ADDRESS, settings.METRICS_DIR = False, address, tmp_path / "metrics"
    settings.METRICS_DIR.mkdir()
    (settings.METRICS_DIR / "counter_7.db").touch()
    monkeypatch.setattr(serve.os, "environ", dict(os.environ))
    monkeypatch.setattr(serve.os, "execv", lambda *command: None)

    call_command("serve")

    assert os.environ.get("PROMETHEUS_MULTIPROC_DIR") == (str(settings.METRICS_DIR) if address else None)
    assert (settings.METRICS_DIR / "counter_7.db").exists() == (not address)


def answer(url, process):
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - our own address
                return response.read().decode()
        except urllib.error.URLError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.slow
def test_the_internal_address_sums_what_two_workers_count(tmp_path):
    site, internal = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    (tmp_path / "metrics").mkdir()
    environment = os.environ | {
        "DEBUG": "true",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DATA_DIR": str(tmp_path),
        "METRICS_ADDRESS": internal,
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
    }
    granian = [f"{sys.prefix}/bin/granian", "--interface", "wsgi", "--port", site.rpartition(":")[2], "--workers", "2"]
    serving = [*granian, "marketplace.wsgi:application"]
    counting = environment | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}
    telling = [sys.executable, "manage.py", "metrics"]
    with (
        subprocess.Popen(serving, cwd=settings.BASE_DIR, env=counting) as server,
        subprocess.Popen(telling, cwd=settings.BASE_DIR, env=environment) as teller,
    ):
        try:
            for _ in range(20):
                answer(f"http://{site}/healthz", server)
            measured = answer(f"http://{internal}/metrics", teller)
        finally:
            server.terminate()
            teller.terminate()

    assert 'marketplace_responses_total{route="alive",status="200"} 20.0' in measured
    assert "marketplace_database_up 0.0" in measured
