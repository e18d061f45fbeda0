"""The policy in force, as a request has it."""

from django.utils.functional import SimpleLazyObject

from profiles.viewer import ViewerRequest
from rollout.models import RolloutPolicy


class PolicyRequest(ViewerRequest):
    """A request with the policy in force."""

    policy: RolloutPolicy


def middleware(get_response):
    """Gives each request its `policy`: read when first asked for, and the same to the request's end."""

    def attach(request):
        request.policy = SimpleLazyObject(RolloutPolicy.in_force)
        return get_response(request)

    return attach
