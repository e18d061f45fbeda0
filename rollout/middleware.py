"""The policy in force as an attribute of the request."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from profiles.viewer import SignedInRequest, ViewerRequest
from rollout.models import RolloutPolicy


class PolicyRequest(ViewerRequest):
    """A request with the policy in force."""

    policy: RolloutPolicy


class SignedInPolicyRequest(PolicyRequest, SignedInRequest):
    """A request of a signed-in person, with the policy in force."""


def middleware(
    get_response: Callable[[PolicyRequest], HttpResponseBase],
) -> Callable[[PolicyRequest], HttpResponseBase]:
    """Give each request its `policy`. It is read when first used and stays the same until the request ends."""

    def attach(request: PolicyRequest) -> HttpResponseBase:
        request.policy = SimpleLazyObject(RolloutPolicy.in_force)
        return get_response(request)

    return attach
