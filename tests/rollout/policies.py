"""Helpers that decide about the policy and read what became of it."""

from datetime import timedelta

import pgtrigger
from django.contrib.auth.models import Permission
from django.db.models import F
from django.utils import timezone

from rollout.models import RolloutPolicy
from tests.factories import UserFactory
from tests.in_force import visible_to
from tests.site import sign_in, staff

ADD = "/admin/rollout/rolloutpolicy/add/"
LIST = "/admin/rollout/rolloutpolicy/"
STOP = f"{LIST}stop/"
ALL = ["business", "enterprise"]  # the plans of the first policy


def permitted():
    names = ["add_rolloutpolicy", "view_rolloutpolicy"]
    return staff(*Permission.objects.filter(codename__in=names))


def sees(viewer):
    return visible_to(viewer).exists()


def state(policy):
    return RolloutPolicy.objects.with_story().get(pk=policy.pk).state


def decide(client, user, policy, action):
    sign_in(client, user)
    data = {"action": action, "_selected_action": policy.pk}
    return client.post(LIST, data, follow=True)


def post_change(client, data):
    """Post the form of a change, and send it again from the page that checks it, if it gets there."""
    page = client.post(ADD, data, follow=True)
    checked = page.context and page.context.get("checked")
    return client.post(ADD, data | {"checked": checked}, follow=True) if checked else page


def plan(days, **values):
    """Plan a policy for the Business and Enterprise plans that starts in `days`, and confirm it if it widens."""
    policy = RolloutPolicy(**values, reason="As planned.", starts_at=timezone.now() + timedelta(days=days))
    policy.propose(by=None)
    if policy.is_widening:
        policy.confirm(by=UserFactory())
    return policy


def in_words(policies):
    """Return what each of `policies` decides, without its start."""
    return [(policy.plans, policy.holdout_percent, policy.is_paused, policy.paused_types) for policy in policies]


def days_pass(days):
    """Move all proposals, confirmations and plans into the past by `days`."""
    by = timedelta(days=days)
    with pgtrigger.ignore("rollout.RolloutPolicy:never_edited"):
        RolloutPolicy.objects.update(
            starts_at=F("starts_at") - by, proposed_at=F("proposed_at") - by, confirmed_at=F("confirmed_at") - by
        )
