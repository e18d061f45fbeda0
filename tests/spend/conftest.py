import pytest

from profiles.models import Client, ClientMembership, Profile
from sourcing import terms
from spend.models import SavedRules
from tests.factories import ClientFactory, ClientMembershipFactory, ProfileFactory
from tests.site import person
from tests.spend.test_issuing import issue
from tests.spend.test_report import certified, pay


@pytest.fixture
def lead(client):
    """A signed-in member of the Enterprise client "bright", which accepted the terms."""
    membership = ClientMembershipFactory(
        user__name="Cleo Chase", client__name="Bright Foods", client__slug="bright", role=ClientMembership.Role.ADMIN
    )
    terms.accept(membership.client_id, purpose="To report our spend.", by=membership.user)
    client.force_login(membership.user)
    return membership.user


@pytest.fixture
def house():
    """The house fixture of the oracles, in the database."""
    ClientFactory(slug="bright")
    profiles = {slug: ProfileFactory(slug=slug) for slug in ("ann", "bea", "cay", "dee")}
    certified("woman", profiles["ann"], "2025-01-01", "2025-12-31")
    certified("minority", profiles["ann"], "2025-01-01", "2025-12-31")
    certified("veteran", profiles["bea"], "2024-01-01", "2029-01-01", step=0)
    certified("lgbt", profiles["dee"], "2026-02-01", "2029-01-31", known_at="2026-03-01")
    pay(
        ("A1", "ann", "2025-08-10", "work", "1000.00", ""),
        ("A2", "ann", "2025-12-31", "work", "500.00", ""),
        ("A3", "ann", "2026-01-01", "work", "200.00", ""),
        ("A4", "ann", "2026-01-15", "refund", "-100.00", "A1"),
        ("B1", "bea", "2025-09-01", "work", "300.00", ""),
        ("C1", "cay", "2025-10-01", "work", "4000.00", ""),
        ("D1", "dee", "2026-02-15", "work", "700.00", ""),
        ("F1", "", "2025-08-10", "platform_fee", "650.00", ""),
        ("T1", "", "2025-08-10", "tax", "90.00", ""),
    )


@pytest.fixture
def books(house, client):
    """A signed-in member of the client of the house fixture, whose fiscal year begins in July."""
    bright = Client.objects.get(slug="bright")
    bright.name, bright.plan = "Bright Foods", "enterprise"
    bright.save()
    user = ClientMembershipFactory(user=person(name="Cleo Chase"), client=bright).user
    terms.accept(bright.pk, purpose="To report our spend.", by=user)
    SavedRules.objects.create(client=bright, fiscal_year_start=7, saved_by=user)
    client.force_login(user)
    return bright


@pytest.fixture
def issued(books):
    """Report 1 of that client, about its fiscal year, with an amount that splits unevenly under three types."""
    certified("veteran", Profile.objects.get(slug="ann"), "2025-01-01", "2025-12-31")
    pay(("S1", "ann", "2025-08-12", "work", "0.05", ""))
    return issue(books)
