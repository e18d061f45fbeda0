import pytest

from profiles.models import ClientMembership
from sourcing import terms
from tests.factories import ClientFactory, ClientMembershipFactory
from tests.integrations.loopback import NETWORK
from tests.integrations.people import domain
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


@pytest.fixture
def own_network(settings):
    """Let the site ask servers on this machine."""
    settings.OUTWARD_NETWORKS = [NETWORK]


@pytest.fixture
def bright(db):
    """A client with a verified domain."""
    bright = ClientFactory(name="Bright Foods", slug="bright")
    domain(bright, "bright.example")
    return bright


@pytest.fixture
def cleo(bright):
    """The client's admin."""
    user = person(email="cleo@bright.example", name="Cleo Chase")
    ClientMembershipFactory(user=user, client=bright, role=ClientMembership.Role.ADMIN)
    return user
