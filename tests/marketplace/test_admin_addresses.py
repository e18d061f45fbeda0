"""Every address of the administration answers whatever it is asked by: no list, row, action or form fails."""

import itertools
import random

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.hostile import Hostile, encoded
from tests.site import Site

pytestmark = pytest.mark.django_db

DIGITS = b"9" * 5_000
ODD = [b"abc", DIGITS, b"%7B1,%5B("]
# What a list is asked by, beside its filters.
ASKED = [
    b"_popup=&_to_field=id&_source_model=auth.x&_facets=&all=&e=1&q=%22a%20'%20%5C&o=-99.x.%2B1..&p=1e9",
    b"_changelist_filters=%25&_facets=x&q=" + DIGITS + b"&o=-" + DIGITS + b"&p=" + DIGITS,
    b"_to_field=password",
    b"_to_field=" + DIGITS,
    b"_popup=%00",
    b"no_such=1",
    b"__exact=1",
    b"pk=" + DIGITS,
    b"id__in=1,abc,",
]
KEYS = [
    "0", "-1", "1" + "0" * 30, "9" * 5_000, "%00", "a%00", "abc", "%E2%80%AE", "%F0%9F%98%80", "_2F", "_5F_", "_zz",
    "1.5", "1_000", "٣", "%ff",
]  # fmt: skip


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def filtered_by(model_admin):
    """The names by which a list's filters ask."""
    for chosen in model_admin.list_filter:
        path = getattr(chosen, "parameter_name", chosen[0] if isinstance(chosen, tuple) else chosen)
        yield from (path, f"{path}__id__exact", f"{path}__gte", f"{path}__isempty")


@pytest.fixture
def hostile():
    site = Site()
    site.add_certifications()
    return Hostile(site.root, random.Random(17))


def test_a_list_may_be_asked_by_anything(hostile):
    asked, odd = itertools.cycle(ASKED), itertools.cycle(ODD)
    for model, model_admin in admin.site._registry.items():
        for query in list(itertools.islice(asked, 4)) + [
            encoded([(name, next(odd))]) for name in filtered_by(model_admin)
        ]:
            hostile.send("GET", address(model, "changelist"), query=query, follows=False)

    assert hostile.failures == []


def test_a_list_may_be_asked_by_any_column(hostile):
    odd = itertools.cycle([("", b"%7B1,%5B("), ("__exact", DIGITS), ("__in", b"1e999999,"), ("__year", b"10000")])
    for model in admin.site._registry:
        for field in model._meta.concrete_fields:
            lookup, value = next(odd)
            query = encoded([(f"{field.name}{lookup}", value)])
            hostile.send("GET", address(model, "changelist"), query=query, follows=False)

    assert hostile.failures == []


def test_dates_beyond_the_calendar_may_be_asked_for(hostile):
    for model, model_admin in admin.site._registry.items():
        if model_admin.date_hierarchy:
            for year, month, day in [
                (9999, 12, 31),
                (1, 1, 1),
                (0, 0, 0),
                (2026, 2, 30),
                ("9" * 40, 1, 1),
                (9999, 12, ""),
            ]:
                parts = {"year": year, "month": month, "day": day}
                pairs = [(f"{model_admin.date_hierarchy}__{name}", str(part).encode()) for name, part in parts.items()]
                for count in (1, 2, 3):
                    hostile.send("GET", address(model, "changelist"), query=encoded(pairs[:count]), follows=False)

    assert hostile.sent > 30
    assert hostile.failures == []


def test_a_row_may_be_asked_for_by_any_key(hostile):
    odd = itertools.cycle(KEYS)
    for model, model_admin in admin.site._registry.items():
        pages = [pattern for pattern in model_admin.urls if pattern.name and pattern.pattern.converters]
        assert len(pages) >= 3
        for pattern in pages:
            for key in itertools.islice(odd, 3):
                page = str(pattern.pattern).replace("<path:object_id>", "<int:pk>")
                path = address(model, "changelist") + page.replace("<int:pk>", key)
                hostile.send("GET", path, follows=False)

    assert hostile.failures == []


def test_a_chosen_row_may_be_anything(hostile):
    """Through the fields whose choices are fetched as they are typed."""
    sent = 0
    for model, model_admin in admin.site._registry.items():
        for name in model_admin.autocomplete_fields:
            for page in (address(model, "add"), address(model, "change", model._default_manager.first().pk)):
                sent += 1
                assert hostile.send("POST", page, body=encoded([(name, DIGITS)]), follows=False) < 400
                hostile.send("GET", page, query=encoded([(name, DIGITS)]))

    assert sent > 5
    assert hostile.failures == []
