"""The drills run what deploy/ ships, and find what a drill is for: writes that are lost and pages that fail."""

import re
import threading

import pytest
import yaml
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from deploy.drills import __main__ as drills
from deploy.drills.load import Answer, Load, Member, Sent
from deploy.drills.release import next_release
from deploy.drills.site import Process, Site, proxy_configuration
from deploy.drills.uploads import Fate, Owners, while_away
from devtools.expand_and_contract import objections_to

PROXY = (settings.BASE_DIR / "deploy" / "haproxy" / "haproxy.cfg").read_text()
PATRONI = yaml.safe_load((settings.BASE_DIR / "deploy" / "patroni" / "patroni.yml").read_text())


@pytest.fixture
def load():
    """The load of two people, of whom no one has begun."""
    return Load(1, [Member("", "/one/", "/one/1/", 1), Member("", "/two/", "/two/2/", 2)])


def test_the_proxy_of_a_drill_is_the_one_that_is_shipped_but_for_addresses_and_tls():
    drilled = proxy_configuration(8443, [9001, 9002])

    assert "bind 127.0.0.1:8443" in drilled
    assert re.findall(r"\n    server (\S+) (\S+)", drilled) == [("app1", "127.0.0.1:9001"), ("app2", "127.0.0.1:9002")]
    kept = set(drilled.splitlines()) & set(PROXY.splitlines())
    assert len(set(PROXY.splitlines()) - kept) == 7  # two addresses, TLS, three servers, and how many may connect


def test_patroni_gives_up_before_another_may_lead():
    rules = PATRONI["bootstrap"]["dcs"]

    assert rules["loop_wait"] + 2 * rules["retry_timeout"] <= rules["ttl"]
    assert rules["synchronous_mode"]


@pytest.mark.parametrize(("title", "lost"), [("Work 4", 1), ("Work 5", 0), ("Work 6", 0)])
def test_a_confirmed_write_that_the_database_does_not_hold_is_lost(title, lost, load):
    load.visitors[0].confirmed = 5

    assert load.lost({1: title, 2: "Work 0"}) == lost


def test_requests_without_an_answer_and_those_that_failed_are_counted(load):
    load.visitors[0].sent += [Sent(1.0, 0.1, "GET", 200), Sent(2.0, 0.1, "GET", 0)]
    load.visitors[1].sent += [Sent(5.5, 0.1, "POST", 503), Sent(8.0, 0.1, "GET", 404)]

    assert load.failed() == 2
    assert load.pause() == 7.0
    assert load.statuses() == {200: 1, 0: 1, 503: 1, 404: 1}


def test_a_person_who_is_not_answered_goes_on_and_confirms_nothing(load):
    [visitor, _] = load.visitors
    is_over = threading.Event()
    thread = threading.Thread(target=visitor.run, args=[is_over])
    thread.start()
    while len(visitor.sent) < 4:
        thread.join(0.01)
    is_over.set()
    thread.join()

    assert {sent.status for sent in visitor.sent} == {0}
    assert (visitor.tried, visitor.confirmed) == (0, 0)


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (Answer(200, "<bdi>certificate 1.png</bdi> attached."), Fate.KEPT),
        (Answer(200, "We can&#x27;t check files for viruses right now."), Fate.REFUSED),
        (Answer(503, "Please try again."), Fate.UNAVAILABLE),
        (Answer(200, "Another page."), Fate.UNCLEAR),
        (Answer(500), Fate.UNCLEAR),
    ],
)
def test_what_became_of_a_document_is_read_from_the_page(answer, fate, tmp_path, monkeypatch):
    owners = Owners([Member("", "/one/", "/one/1/", 1)], Site(tmp_path, []))
    monkeypatch.setattr("deploy.drills.load.Visitor.send", lambda *_, **typed: answer)

    assert owners.attach() == fate
    assert owners.kept == (["certificate 1.png"] if fate == Fate.KEPT else [])


def test_the_next_release_of_a_drill_has_migrations_that_are_safe(tmp_path, settings, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    next_release(tmp_path)
    settings.MIGRATION_MODULES = {"profiles": "next_release.migrations"}

    loader = MigrationLoader(None)

    [last] = loader.graph.leaf_nodes("profiles")
    assert last == ("profiles", "9002_index")
    for name in ("9001_column", "9002_index"):
        before = loader.project_state(("profiles", name), at_end=False)
        assert list(objections_to(loader.get_migration("profiles", name), before)) == []


def test_a_service_is_killed_and_then_hangs(monkeypatch):
    monkeypatch.setattr("deploy.drills.uploads.time.sleep", lambda seconds: None)
    service = _Service()

    away = while_away(service, service.attempt)

    assert away.fates == [Fate.UNAVAILABLE, Fate.REFUSED]
    assert service.state == Fate.KEPT


class _Service(Process):
    """A service of which an attempt finds in what state it is."""

    def __init__(self):
        self.state = Fate.KEPT

    def attempt(self):
        return self.state

    def kill(self):
        self.state = Fate.UNAVAILABLE

    def freeze(self):
        self.state = Fate.REFUSED

    def start(self):
        self.state = Fate.KEPT

    thaw = start


def test_unknown_drills_are_named_and_all_are_listed(capsys):
    assert drills.main(["failover", "flood"]) == 1

    said = capsys.readouterr()
    assert said.err == "There is no drill called flood.\n"
    assert [line.split()[0] for line in said.out.splitlines()] == list(drills.DRILLS)


@pytest.mark.parametrize("name", drills.DRILLS)
def test_each_drill_is_described_with_its_figures(name):
    table = (settings.BASE_DIR / "docs" / "operations.md").read_text().partition("### Drills")[2]

    assert f"\n| `{name}` |" in table
