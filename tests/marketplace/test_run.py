"""`make run` and `make serve`, and what they say when something is in the way."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from devtools.embedded_postgres import server
from devtools.management.commands import run
from marketplace.management.commands import serve
from tests.factories import UserFactory

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]


def environment(**changes):
    """This process's, without what would choose another database or server."""
    chosen = {"DEBUG", "DATABASE_URL", "DATA_DIR", "PORT", "SECRET_KEY", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in chosen} | changes


def manage(*arguments, **changes):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=environment(**changes), capture_output=True, text=True, timeout=60, check=False
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def wait_for(url, process):
    deadline = time.monotonic() + 600  # on a busy machine it loads the demo for minutes
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - our own address
                return response.status
        except urllib.error.URLError:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.1)


def eventually(is_so):
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def called(monkeypatch, settings):
    """The commands that `run` calls, which do nothing here."""
    settings.DEBUG = True
    calls = []
    monkeypatch.setattr(run, "call_command", lambda *arguments, **options: calls.append(arguments))
    monkeypatch.setattr(run.signal, "signal", lambda *arguments: None)
    monkeypatch.setenv("PORT", free_port())
    monkeypatch.delenv(run.DJANGO_AUTORELOAD_ENV, raising=False)
    monkeypatch.setenv("DJANGO_RUNSERVER_HIDE_WARNING", "true")  # so that it is put back
    return calls


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_run_serves_the_site_and_leaves_no_process_behind(tmp_path_factory, stop):
    data = tmp_path_factory.getbasetemp() / "run"  # the second finds what the first left
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        cwd=PROJECT,
        env=environment(DEBUG="true", DATA_DIR=str(data), PORT=port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert wait_for(f"http://127.0.0.1:{port}/", process) == 200
            if stop == signal.SIGINT:
                os.killpg(process.pid, stop)  # a terminal sends it to all
            else:
                process.send_signal(stop)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()

    assert f"The marketplace is on http://127.0.0.1:{port}/" in said
    assert "freelancer@demo.test" in said
    eventually(lambda: not is_running(process.pid))
    eventually(lambda: not server._has_keeper(data / "postgres"))
    eventually(lambda: not (data / "postgres" / "data" / "postmaster.pid").exists())


@pytest.mark.django_db
def test_run_prepares_the_database_and_loads_the_demo_once(called, capsys):
    call_command("run")
    first = called.copy()
    called.clear()
    UserFactory(email="freelancer@demo.test")
    call_command("run")

    serving = ("runserver", f"127.0.0.1:{os.environ['PORT']}")
    assert first == [("migrate",), ("load_catalogue",), ("demo",), serving]
    assert called == [("migrate",), ("load_catalogue",), serving]
    assert "Sign in with the password “demo” as:\n  freelancer@demo.test" in capsys.readouterr().out


def test_run_prepares_nothing_again_when_it_reloads(called, monkeypatch):
    monkeypatch.setenv(run.DJANGO_AUTORELOAD_ENV, "true")

    call_command("run")

    assert called == [("runserver", f"127.0.0.1:{os.environ['PORT']}")]


def test_run_says_that_the_port_is_taken(called):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        os.environ["PORT"] = str(port)

        with pytest.raises(
            CommandError, match=rf"^Port {port} is taken or not allowed\. Choose another: PORT=\d+ make"
        ):
            call_command("run")


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_run_says_that_the_port_makes_no_sense(called, monkeypatch, port):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(CommandError, match=f"^PORT is {port}: choose a number between 1 and 65535"):
        call_command("run")


def test_run_is_for_development(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match=r"^`run` is for development: set DEBUG=true, or use `make serve`"):
        call_command("run")


def test_run_says_that_the_database_is_not_reachable():
    result = manage("run", DEBUG="true", PORT=free_port(), DATABASE_URL="postgres://nobody@127.0.0.1:1/none")

    assert result.returncode == 1
    assert result.stderr.startswith("CommandError: The database cannot be reached. Start it, or correct or unset DATA")
    assert "Traceback" not in result.stderr


def test_run_says_why_the_embedded_database_does_not_start(tmp_path):
    (tmp_path / "postgres").write_text("")

    result = manage("run", DEBUG="true", PORT=free_port(), DATA_DIR=str(tmp_path))

    assert result.returncode == 1
    assert result.stderr.startswith(f"CommandError: The embedded PostgreSQL cannot run in {tmp_path / 'postgres'}: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["run", "serve", "check"])
def test_without_debug_what_is_missing_is_named_and_nothing_starts(command):
    result = manage(command, DEBUG="false")

    assert (result.returncode, result.stdout) == (1, "")
    assert (
        result.stderr == "With DEBUG off, set SECRET_KEY, DATABASE_URL, ALLOWED_HOSTS, SITE_URL in the environment.\n"
    )


def test_serve_becomes_the_production_server(monkeypatch, settings):
    settings.DEBUG = False
    started = []
    monkeypatch.setattr(serve.os, "execv", lambda path, command: started.append(command))
    monkeypatch.setattr(serve.os, "cpu_count", lambda: 3)
    monkeypatch.delenv("WORKERS", raising=False)

    call_command("serve")

    (command,) = started
    assert Path(command[0]).is_file()
    assert command[1:3] == ["--interface", "wsgi"]
    assert command[command.index("--workers") + 1] == "3"
    assert command[command.index("--blocking-threads") + 1] == "1"
    assert command[-1] == "marketplace.wsgi:application"


def test_serve_is_for_production(settings):
    settings.DEBUG = True

    with pytest.raises(CommandError, match=r"^`serve` is for production: set DEBUG=false, or use `make run`"):
        call_command("serve")


def test_make_says_which_python_is_needed(tmp_path):
    shutil.copy(PROJECT / "Makefile", tmp_path)
    shutil.copytree(PROJECT / "requirements", tmp_path / "requirements")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ["sh", "cksum", "cut"]:
        (programs / name).symlink_to(shutil.which(name))
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").chmod(0o755)

    result = subprocess.run(
        [shutil.which("make") or "make", "run"],
        cwd=tmp_path,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert result.returncode == 2
    assert result.stderr.splitlines()[0] == (
        "Python 3.12 or newer is needed and was not found: install it and try again."
    )
