import pytest

from profiles.models import ClientMembership
from sourcing import terms
from tests.factories import ClientMembershipFactory
from tests.site import client_person, person


@pytest.fixture
def cleo():
    """An admin of an Enterprise client that accepted the terms."""
    membership = ClientMembershipFactory(
        user=person(name="Cleo Chase"), client__name="Bright Foods", role=ClientMembership.Role.ADMIN
    )
    terms.accept(membership.client_id, purpose="To invite small businesses.", by=membership.user)
    return membership.user


@pytest.fixture
def bo(cleo):
    """A colleague of hers."""
    return ClientMembershipFactory(user=person(name="Bo Brand"), client=cleo.clients.get()).user


@pytest.fixture
def member(client):
    """A signed-in member of a Business client that accepted the terms."""
    user = client_person("business")
    terms.accept(user.clients.get().pk, purpose="To invite small businesses.", by=user)
    client.force_login(user)
    return user
