"""Queries compiled once."""

import pytest
from django.db import connection
from django.db.models import F

from common.compiled import CompiledQuery, among
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


def test_a_query_is_built_once():
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


def test_constant_values_are_quoted_safely():
    odd = ProfileFactory(name="100% O'Hara\\s")
    query = CompiledQuery(lambda pk: Profile.objects.filter(pk=pk, name="100% O'Hara\\s").values_list("pk"))

    assert query.rows(odd.pk) == [(odd.pk,)]
    assert query.rows(ProfileFactory().pk) == []


def test_a_query_is_planned_once_for_all_keys():
    one, *more = [ProfileFactory().pk for _ in range(20)]
    query = CompiledQuery(lambda pk: Profile.objects.filter(among("pk", [pk])).values_list("pk"))

    for _ in range(6):
        query.rows([one])  # for one the database would rather plan it each time
    query.rows([one, *more])

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%= ANY($1%profile%'"
            " OR statement LIKE '%profile%= ANY($1%' ORDER BY prepare_time DESC LIMIT 1"
        )
        generic, custom = cursor.fetchone()
    assert custom == 0
    assert generic >= 4
