"""Settings from the environment, and secrets from files that it names."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from marketplace.environment import Env, Environment


@pytest.fixture
def env():
    class Fresh(Env):
        ENVIRON = Environment(cache=False)

    return Fresh()


def test_a_secret_is_read_from_the_file_that_is_named(env, tmp_path, monkeypatch):
    secret = tmp_path / "database"
    secret.write_text("postgres://site:p%40ss@db1:5432,db2:5432/marketplace\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(secret))
    monkeypatch.setenv("DATABASE_URL", "postgres://other/one")

    database = env.db("DATABASE_URL")

    assert (database["NAME"], database["PASSWORD"], database["HOST"], database["PORT"]) == (
        "marketplace",
        "p@ss",
        "db1,db2",
        "5432,5432",
    )


def test_a_setting_without_a_file_is_read_from_the_environment(env, monkeypatch):
    monkeypatch.setenv("SOME_LIST", "one,two")

    assert env.list("SOME_LIST") == ["one", "two"]
    assert env.str("NOWHERE", default="else") == "else"


def test_a_file_that_cannot_be_read_is_named(env, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "missing"))

    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY_FILE names a file that cannot be read: .*missing"):
        env("SECRET_KEY")
