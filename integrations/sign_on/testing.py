"""A round trip to a client's provider that signs no one in, and shows an admin of the client what came back."""

from typing import Any, NamedTuple

from integrations.models import IdentityProvider
from integrations.sign_on.admitting import Refused, admit
from integrations.sign_on.claims import Claims
from profiles.models import User
from profiles.viewer import Viewer, ViewerRequest

SESSION_KEY = "sign_on_test"


class Tested(NamedTuple):
    """What came back, and what would happen at a sign-in."""

    subject: str
    email: str
    name: str
    verdict: str
    is_admitted: bool


def is_admin(viewer: Viewer, client_pk: int) -> bool:
    """Return whether `viewer` is an admin of that client, who may test its provider."""
    return any(place.pk == client_pk and place.is_admin for place in viewer.client_memberships)


def note(request: ViewerRequest, found: IdentityProvider, claims: Claims, *, linked: User | None) -> None:
    """Keep in the session what came back, for an admin of the client alone."""
    if not is_admin(request.viewer, found.client_id):
        return
    try:
        # As if no one were signed in here: the person tested need not be the admin.
        admitted = admit(found, claims, linked=linked, here=None)
    except Refused as refused:
        tested = Tested(claims.subject, claims.email, claims.name, refused.refusal.label, False)
    else:
        words = "They would be signed in." if admitted.user else "They would be added as a member and signed in."
        tested = Tested(claims.subject, claims.email, claims.name, words, True)
    request.session[SESSION_KEY] = tested._asdict()


def tested(request: ViewerRequest) -> Tested | None:
    """Return what the last round trip in this session brought."""
    kept: dict[str, Any] | None = request.session.get(SESSION_KEY)
    return Tested(**kept) if kept else None
