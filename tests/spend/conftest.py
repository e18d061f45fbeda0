import pytest

from profiles.models import ClientMembership
from sourcing import terms
from tests.factories import ClientMembershipFactory


@pytest.fixture
def lead(client):
    """A signed-in member of the Enterprise client "bright", which accepted the terms."""
    membership = ClientMembershipFactory(
        user__name="Cleo Chase", client__name="Bright Foods", client__slug="bright", role=ClientMembership.Role.ADMIN
    )
    terms.accept(membership.client_id, purpose="To report our spend.", by=membership.user)
    client.force_login(membership.user)
    return membership.user
