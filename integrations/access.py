"""Decides who manages a client's people and systems: its admins.

How its people come and go, and the end of what lets programs in, are theirs whatever the client may be shown.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpResponseBase

from profiles.viewer import SignedInRequest
from sourcing import access

type View = Callable[..., HttpResponseBase]


def for_admins(view: View) -> View:
    """Call `view` if the viewer is an admin of the active client they act for, whatever its plan; 403 for a member."""

    @access.for_members
    @wraps(view)
    def wrapped(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.viewer.acts_for.is_admin:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


def for_admins_having(model: type[Model]) -> Callable[[View], View]:
    """As `for_admins` while the client has rows of `model`, to see and end them; else as `sourcing.access` has it."""

    def decorate(view: View) -> View:
        having, others = for_admins(view), access.for_admins(view)

        @wraps(view)
        def wrapped(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            client = request.viewer.client
            opened = having if client and has(model, client.pk) else others
            return opened(request, *args, **kwargs)

        return wrapped

    return decorate


def has(model: type[Model], client_pk: int) -> bool:
    """Return whether the client has rows of `model`."""
    return model._default_manager.filter(client=client_pk).exists()
