"""Queries compiled once."""

import pytest
from django.db.models import F

from profiles.compiled import CompiledQuery
from profiles.models import Profile
from tests.factories import ProfileFactory

pytestmark = pytest.mark.django_db


def test_each_call_binds_its_own_key():
    first, second = ProfileFactory(), ProfileFactory()
    names = CompiledQuery(lambda pk: Profile.objects.filter(pk=pk).values_list("name"))

    assert names.rows(first.pk) == [(first.name,)]
    assert names.rows(second.pk) == [(second.name,)]
    assert names.rows(0) == []


def test_keys_are_told_apart_and_other_values_stay():
    here, there = ProfileFactory(city="Here"), ProfileFactory(city="There")
    query = CompiledQuery(
        lambda one, other: Profile.objects.filter(pk__gte=one, pk__lte=other, city="Here").values_list("pk", "city")
    )

    assert query.rows(here.pk, there.pk) == [(here.pk, "Here")]
    assert query.rows(there.pk, here.pk) == []


def test_it_is_built_once():
    calls = []

    def build(pk):
        calls.append(pk)
        return Profile.objects.filter(pk=pk).annotate(title=F("name")).values_list("title")

    query = CompiledQuery(build)
    query.rows(1)
    query.rows(2)

    assert len(calls) == 1


def test_a_key_written_into_the_sql_is_refused():
    query = CompiledQuery(lambda pk: Profile.objects.extra(where=[f"id = {pk}"]).values_list("pk"))  # noqa: S610

    with pytest.raises(ValueError, match="written into the query"):
        query.rows(1)
