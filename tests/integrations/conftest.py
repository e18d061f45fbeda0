import pytest

from profiles.models import ClientMembership
from sourcing import terms
from tests.factories import ClientMembershipFactory
from tests.site import person, sign_in


@pytest.fixture
def admin(client):
    """A signed-in admin of the Enterprise client "Bright Foods", which accepted the terms."""
    membership = ClientMembershipFactory(
        user=person(name="Cleo Chase"), client__name="Bright Foods", role=ClientMembership.Role.ADMIN
    )
    terms.accept(membership.client_id, purpose="To keep our supplier database.", by=membership.user)
    sign_in(client, membership.user, again=True)
    return membership
