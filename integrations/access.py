"""Decides who manages how a client's people come and go: its admins, whatever the client may be shown."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase

from profiles.viewer import SignedInRequest
from sourcing import access


def for_admins(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Call `view` if the viewer is an admin of the active client they act for, whatever its plan; 403 for a member."""

    @access.for_members
    @wraps(view)
    def wrapped(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.viewer.acts_for.is_admin:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped
