"""Every address of the administration answers whatever it is asked by: no list, row, action or form fails."""

import itertools
import random

import pytest
from django.contrib import admin
from django.forms import inlineformset_factory
from django.urls import reverse

from tests.hostile import Hostile, encoded
from tests.site import Site

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

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


def test_an_autocomplete_may_be_asked_by_anything(hostile):
    asked = {
        "app_label": b"profiles",
        "model_name": b"clientmembership",
        "field_name": b"user",
        "term": b"a",
        "page": b"1",
    }
    assert hostile.send("GET", reverse("admin:autocomplete"), query=encoded(asked.items())) == 200

    for name in asked:
        for value in (b"", b"%00", DIGITS, b"-1", b"id", b"%22a%20'%20%5C", b"auth.user"):
            hostile.send("GET", reverse("admin:autocomplete"), query=encoded((asked | {name: value}).items()))
        left = [(key, value) for key, value in asked.items() if key != name]
        hostile.send("GET", reverse("admin:autocomplete"), query=encoded(left))

    assert hostile.failures == []


ACTS = [
    [("action", b"no_such"), ("_selected_action", b"1")],
    [("action", b"%00"), ("_selected_action", b"1"), ("index", b"0")],
    [("index", DIGITS), ("select_across", b"%00")],
    [("index", b"-1"), ("select_across", DIGITS), ("_selected_action", DIGITS)],
    [("index", b"abc"), ("select_across", b"1"), ("_selected_action", b"%00")],
    [("_selected_action", b"-1"), ("_selected_action", b"%ff"), ("select_across", b"abc")],
    [("_selected_action", b"0"), ("select_across", b"1"), ("post", b"%00")],
    [("_save", b"1"), ("form-TOTAL_FORMS", DIGITS), ("form-0-id", DIGITS)],
]


def test_a_list_may_be_sent_anything(hostile):
    odd = itertools.cycle(ACTS)
    for model, model_admin in admin.site._registry.items():
        acts = ["delete_selected", *(model_admin.actions or [])]
        for act, sent in zip(itertools.cycle(acts), itertools.islice(odd, 3), strict=False):
            pairs = sent if "action" in dict(sent) else [("action", getattr(act, "__name__", act).encode()), *sent]
            hostile.send("POST", address(model, "changelist"), body=encoded(pairs), follows=False)

    assert hostile.failures == []


COUNTS = [
    {},
    {"TOTAL_FORMS": b"abc", "INITIAL_FORMS": b"0"},
    {"TOTAL_FORMS": DIGITS, "INITIAL_FORMS": DIGITS},
    {"TOTAL_FORMS": b"-1", "INITIAL_FORMS": b"-1"},
    {"TOTAL_FORMS": b"9", "INITIAL_FORMS": b"0", "MIN_NUM_FORMS": b"x"},
    {"TOTAL_FORMS": b"1", "INITIAL_FORMS": b"1"},
    {"TOTAL_FORMS": b"1", "INITIAL_FORMS": b"1", "0-id": DIGITS},
    {"TOTAL_FORMS": b"1", "INITIAL_FORMS": b"1", "0-id": b"%00", "0-DELETE": b"%00"},
    {"TOTAL_FORMS": b"1", "INITIAL_FORMS": b"0", "0-id": b"-1", "0-user": DIGITS, "0-client": DIGITS},
]


def test_the_rows_of_a_form_may_be_damaged(hostile):
    tried = 0
    for model, model_admin in admin.site._registry.items():
        if not model_admin.inlines:
            continue
        formsets = [inlineformset_factory(model, inline.model, fields=()) for inline in model_admin.inlines]
        prefixes = [formset.get_default_prefix() for formset in formsets]
        for page in (address(model, "add"), address(model, "change", model._default_manager.first().pk)):
            for counts in COUNTS:
                pairs = [(f"{prefix}-{name}", value) for prefix in prefixes for name, value in counts.items()]
                hostile.send("POST", page, body=encoded(pairs), follows=False)
                tried += 1

    assert tried > 30
    assert hostile.failures == []
