"""The administration's lists: their cost does not grow with their length."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.site import Site

pytestmark = pytest.mark.django_db


def test_every_list_takes_as_many_queries_for_many_rows_as_for_few(client):
    site = Site()
    site.add_certifications()
    client.force_login(site.root)
    lists = [reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m in admin.site._registry]
    assert len(lists) >= 10
    client.get(lists[0])  # what is read once a process

    few = {path: queries(client, path) for path in lists}
    for _ in range(3):
        Site().add_certifications()
    many = {path: queries(client, path) for path in lists}

    assert many == few


def queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)
