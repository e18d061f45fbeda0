"""Whatever the administration is sent in place of rows or filters, it answers."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from tests.site import Site, sign_in

pytestmark = pytest.mark.django_db

IMPOSSIBLE = ["abc", "", "²", "1.5", "9223372036854775808", "9" * 5_000, "None"]


@pytest.mark.slow
def test_chosen_rows_with_keys_that_no_row_can_have_are_left_out_of_every_list(client):
    site = Site()
    sign_in(client, site.root, again=True)
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    ]
    assert len(lists) > 20

    for address in lists:
        for data in ({}, {"post": "yes"}):
            sent = {"action": "delete_selected", "_selected_action": IMPOSSIBLE, **data}
            response = client.post(address, sent)
            assert response.status_code in {200, 302, 403}, address


def test_an_action_still_applies_to_the_rows_that_allow_it(client):
    site = Site()
    sign_in(client, site.root, again=True)
    kept, gone = Group.objects.create(name="Kept"), Group.objects.create(name="Gone")
    sent = {"action": "delete_selected", "_selected_action": ["abc", gone.pk, "9" * 30], "post": "yes"}

    client.post(reverse("admin:auth_group_changelist"), sent)

    assert list(Group.objects.filter(pk__in=[kept.pk, gone.pk])) == [kept]


@pytest.mark.parametrize(
    "query",
    [
        "id__range=1",
        "id__regex=(",
        "id__iregex=%5B",
        "id__exact=abc",
        "plan=%00",
        "plan__exact=a%00",
        "name__unaccent=a",
        "name__unaccent__icontains=a",
        "name__trigram_similar=a",
        "name__trigram_word_similar=a",
        "created_at__week=x",
        "id__nosuch=1",
    ],
)
def test_a_filter_that_cannot_be_read_leads_to_the_whole_list(query, client):
    site = Site()
    sign_in(client, site.root, again=True)
    address = reverse("admin:profiles_client_changelist")

    response = client.get(f"{address}?{query}", follow=True)

    assert response.redirect_chain == [(f"{address}?e=1", 302)]
    assert "Bright Foods" in response.text


@pytest.mark.parametrize(
    "name", ["certifications_certification", "certifications_staffread", "profiles_user", "sourcing_export"]
)
def test_a_list_offers_all_rows_only_where_it_shows_some(name, client):
    site = Site()
    site.add_certifications()
    sign_in(client, site.root, again=True)
    address = reverse(f"admin:{name}_changelist")

    assert "Show all" not in client.get(address).text
    assert "Show all" in client.get(f"{address}?q=nothing+like+this").text
