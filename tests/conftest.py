import gc

import hypothesis
import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from tests.flushing import deletions
from tests.schedule import Schedule, longest_first
from tests.template import migrated_database

# The same examples in every run: a change fails the tests that it breaks, and no others by chance.
hypothesis.settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("repeatable")


def pytest_itemcollected(item):
    """Mark the tests that ask the site for pages, which `make quick` leaves out: one takes as long as ten others."""
    if "client" in item.fixturenames:
        item.add_marker("page")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    longest_first(items)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """Leave what stays until the end out of garbage collections, and have fewer of them: saves a seventh of the CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Schedule(config, log)


class Browser(Client):
    """Shows a form that has to be corrected as a browser does: its answer to a POST leads to a GET of it."""

    def post(self, *args, **kwargs):
        response = super().post(*args, **kwargs)
        while response.status_code == 303 or (response.status_code == 302 and "draft=" in response["Location"]):
            response = self.get(response["Location"])
        return response


@pytest.fixture(scope="session", autouse=True)
def quick_flush():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", deletions)
        yield


@pytest.fixture
def client():
    return Browser()


@pytest.fixture
def sessions_in_memory(settings):
    """Let requests read their session without a query: for tests that make thousands, about something else."""
    settings.CACHES = settings.CACHES | {"memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.SESSION_CACHE_ALIAS = "memory"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_test_environment, django_db_modify_db_settings_parallel_suffix, django_db_keepdb, django_db_blocker
):
    """Let the database of each worker be a copy of one that is migrated already, unless its own is kept."""
    if django_db_keepdb:
        return
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_database()
