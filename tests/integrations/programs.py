"""A program of a client, which calls the API with a token."""

from typing import Any

from django.test import Client as Browser

from profiles.models import Client, ClientMembership, User
from sourcing import terms
from tests.factories import AccessTokenFactory, ClientMembershipFactory
from tests.site import person


class Program:
    """A program with a token of its own, which acts as `user`, for their one client or for `acting_for`."""

    def __init__(self, user: User, acting_for: Client | None = None, **token: Any) -> None:
        self.user, self.client = user, acting_for or user.clients.get()
        self.secret = f"dcm_live_{user.pk:064x}"
        self.token = AccessTokenFactory(client=self.client, made_by=user, secret=self.secret, **token)
        self._browser = Browser()

    def send(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """Return the response. `path` is an address of the API, whole or below its version."""
        path = path.removeprefix("http://127.0.0.1:8000")
        path = path if path.startswith("/api/") else f"/api/v1{path}"
        headers = {"authorization": f"Bearer {self.secret}"} | headers
        return (
            self._browser.generic(method, path, headers=headers)
            if data is None
            else self._browser.generic(method, path, data, "application/json", headers=headers)
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def results(self, path: str) -> list[dict[str, Any]]:
        """Return the results of every page of a list."""
        found = []
        address: str | None = path
        while address:
            response = self.get(address)
            assert response.status_code == 200, response.content
            page = response.json()
            found += page["results"]
            address = page["next"]
        return found


def admin_of(plan: str = "enterprise", *, accepts: bool = True, **client: Any) -> User:
    """Return an admin of a new client, which accepted the terms."""
    fields = {f"client__{name}": value for name, value in client.items()}
    membership = ClientMembershipFactory(user=person(), role=ClientMembership.Role.ADMIN, client__plan=plan, **fields)
    if accepts:
        terms.accept(membership.client_id, purpose="To keep our supplier database.", by=membership.user)
    return membership.user


def client_of(user: User) -> Client:
    return user.clients.get()
