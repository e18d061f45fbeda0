"""Two real database servers, a primary and its standby: what the site does when the primary is lost or lags ahead."""

import os
import subprocess
import threading
import time
from functools import partial

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.db.utils import ConnectionHandler

from certifications.models import CertificationType
from common.databases import REPLICA
from common.pauses import Pause
from deploy.drills import databases
from devtools.embedded_postgres import server
from marketplace.postgresql.base import DatabaseWrapper
from marketplace.settings import database
from tests.factories import CertificationFactory
from tests.site import client_person, person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HOLD = settings.BASE_DIR / "deploy" / "patroni" / "hold.sh"


@pytest.fixture
def leader(tmp_path):
    leader = databases.copy_of(connections["default"].settings_dict, tmp_path / "leader")
    yield leader
    leader.stop()


@pytest.fixture
def follower(tmp_path, leader):
    follower = databases.standby(tmp_path / "follower", leader)
    yield follower
    follower.stop()


def ensure(connection):
    """As Django's own, which here connects to no alias that appears during a test."""
    if connection.connection is None:
        with connection.wrap_database_errors:
            connection.connect()


@pytest.fixture
def use(monkeypatch):
    """Let an alias of the settings be the database at an address."""
    usual = connections["default"]

    def use(alias, setting, hosts, server):
        monkeypatch.setenv(setting, f"postgres://postgres@{hosts}/{databases.DATABASE}")
        config = database(setting, server=server) | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
        config["OPTIONS"]["prepare_threshold"] = 2
        monkeypatch.setitem(connections.settings, alias, ConnectionHandler({"default": config}).settings["default"])
        connections[alias] = connections.create_connection(alias)
        connections[alias].ensure_connection = partial(ensure, connections[alias])

    yield use
    for alias in connections:
        connections[alias].close()
        del connections[alias]
    connections["default"] = usual


@pytest.fixture
def site(use, leader, follower, client):
    """A browser of a site on both servers, whose worker begins each request as a server's does."""
    use("default", "DATABASE_URL", f"{follower.address},{leader.address}", "read-write")
    client.raise_request_exception = False
    request = client.request

    def begin(**environment):
        close_old_connections()
        return request(**environment)

    client.request = begin
    return client


def test_after_a_failover_the_site_finds_the_new_primary_and_everyone_is_still_signed_in(site, leader, follower):
    user = person(name="Ines Okoro")
    sign_in(site, user)
    assert site.get("/").status_code == 200
    databases.wait_for_standby(leader)

    leader.stop()
    meanwhile = [site.get("/"), site.post("/accounts/notifications/"), site.get("/talent/")]
    follower.promote()
    page = site.get("/")
    changed = site.post("/profiles/new/", {"kind": "freelancer", "name": "Ines", "country": "US", "state": "AZ"})

    assert {answer.status_code for answer in meanwhile} == {503}
    assert {answer["Retry-After"] for answer in meanwhile} == {"10"}
    assert all("<h1>" in answer.text and answer["Cache-Control"] == "no-store" for answer in meanwhile)
    assert page.status_code == 200
    assert "Sign out" in page.text
    assert changed.status_code == 302
    assert follower.ask("SELECT count(*) FROM profiles_profile") == 1


def test_a_primary_that_became_a_standby_answers_503_once_and_is_left(site, leader, follower):
    sign_in(site, person())
    form = {"kind": "freelancer", "name": "Ines", "country": "US", "state": "AZ"}
    databases.wait_for_standby(leader)

    leader.ask("ALTER SYSTEM SET default_transaction_read_only = on")
    leader.ask("SELECT pg_reload_conf()")
    refused = site.post("/profiles/new/", form)
    follower.promote()
    done = site.post("/profiles/new/", form)

    assert (refused.status_code, refused["Retry-After"]) == (503, "10")
    assert done.status_code == 302
    assert follower.ask("SELECT count(*) FROM profiles_profile") == 1


def test_a_planned_switchover_lets_requests_wait_for_the_new_primary(site, leader, follower, monkeypatch):
    monkeypatch.setattr(DatabaseWrapper, "patience_seconds", 10)
    monkeypatch.setattr(DatabaseWrapper, "_given_up", {DEFAULT_DB_ALIAS: Pause(60)})
    sign_in(site, person())
    databases.wait_for_standby(leader)
    assert site.get("/").status_code == 200
    stopped_at = []

    def switch_over():
        stopped_at.append(time.monotonic())
        leader.stop()
        follower.promote()

    where = f"--host={databases.HOST} --port={leader.port} --username=postgres --dbname={databases.DATABASE}"
    environment = os.environ | {"PATH": f"{server.binaries()}:{os.environ['PATH']}"}
    subprocess.run([HOLD, *where.split()], check=True, env=environment)
    switching = threading.Timer(0.3, switch_over)
    switching.start()
    page = site.get("/")
    answered_at = time.monotonic()
    changed = site.post("/profiles/new/", {"kind": "freelancer", "name": "Ines", "country": "US", "state": "AZ"})
    switching.join()

    assert answered_at > stopped_at[0]  # the old primary still took connections, and served no request
    assert page.status_code == 200
    assert changed.status_code == 302
    assert follower.ask("SELECT count(*) FROM profiles_profile") == 1


def test_a_wait_in_vain_is_not_repeated_by_each_request(site, leader, follower, monkeypatch):
    monkeypatch.setattr(DatabaseWrapper, "patience_seconds", 0.5)
    monkeypatch.setattr(DatabaseWrapper, "_given_up", {DEFAULT_DB_ALIAS: Pause(60)})
    leader.stop()

    began = time.monotonic()
    answers = [site.get("/talent/") for _ in range(4)]

    assert {answer.status_code for answer in answers} == {503}
    assert time.monotonic() - began < 4 * 0.5


def test_the_guide_is_read_from_the_standby_and_a_hide_counts_at_once(site, use, leader, follower):
    use(REPLICA, "REPLICA_URL", f"{follower.address},{leader.address}", "prefer-standby")
    record = CertificationFactory()
    CertificationType.objects.update(name="From before")
    sign_in(site, client_person("enterprise"))
    databases.wait_for_standby(leader)
    page = record.profile.get_absolute_url()
    shown = site.get(page).text

    follower.ask("SELECT pg_wal_replay_pause()")
    CertificationType.objects.update(name="From after")
    record.hide()

    assert "Self-reported" in shown
    assert "Self-reported" not in site.get(page).text
    guide = site.get("/help/certifications/").text
    assert ("From before" in guide, "From after" in guide) == (True, False)
    follower.stop()
    close_old_connections()
    assert "From after" in site.get("/help/certifications/").text
