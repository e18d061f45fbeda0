"""Two members of staff who may decide about the policy."""

import pytest

from rollout.models import RolloutPolicy
from tests.rollout.policies import permitted, post_change
from tests.site import sign_in


@pytest.fixture
def ada():
    return permitted()


@pytest.fixture
def ben():
    return permitted()


@pytest.fixture
def propose(client, ada):
    """Post a change to the administration's form, and from the page that checks it, as Ada.

    Fields that are not given stay as in the policy in force.
    """

    def post(**fields):
        sign_in(client, ada)
        newest = RolloutPolicy.objects.confirmed().first()
        policy = newest or RolloutPolicy()
        data = {
            "plans": policy.plans,
            "holdout_percent": policy.holdout_percent,
            "paused_types": policy.paused_types,
            "pauses_on_alarm": "on",
            "reason": "The numbers of October.",
            "seen": newest.pk if newest else "",
        }
        return post_change(client, data | fields)

    return post
