"""Emails about tokens that expire soon: each once, and none about what doesn't work."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from common.mail.outbox import send_waiting
from integrations import ending
from integrations.models import AccessToken, DirectoryToken
from profiles.models import ClientMembership
from tests.factories import AccessTokenFactory, ClientMembershipFactory

pytestmark = pytest.mark.django_db


def sent():
    """Post what is due, and return to whom emails went."""
    ending.post_due()
    ending.post_due()
    mail.outbox.clear()
    send_waiting.call()
    return sorted(message.to[0] for message in mail.outbox)


def token(*, days, made=60, **fields):
    now = timezone.now()
    return AccessTokenFactory(
        created_at=now - timedelta(days=made), expires_at=now + timedelta(days=days, minutes=-1), **fields
    )


def test_the_maker_is_told_two_weeks_and_three_days_before_each_once():
    ends = token(days=14, name="Nightly sync")
    token(days=15)
    maker = ends.made_by.email

    assert sent() == [maker]
    [message] = mail.outbox
    assert "Nightly sync" in message.subject
    assert f"The access token Nightly sync of {ends.client} expires on" in " ".join(message.body.split())
    assert sent() == []
    AccessToken.objects.filter(pk=ends.pk).update(expires_at=timezone.now() + timedelta(days=3))
    assert sent() == [maker]
    assert sent() == []


def test_after_a_pause_of_the_scheduler_only_the_last_email_is_sent():
    ends = token(days=2)

    assert sent() == [ends.made_by.email]


def test_no_one_is_told_of_a_token_that_does_not_work_or_was_made_for_a_few_days():
    token(days=3, made=0)
    token(days=3, revoked_at=timezone.now())
    token(days=-1)
    ClientMembership.objects.filter(user=token(days=3).made_by).update(role=ClientMembership.Role.MEMBER)
    ends = token(days=3)
    ending.post_due()
    AccessToken.objects.filter(pk=ends.pk).update(revoked_at=timezone.now())  # while the email waits

    assert sent() == []


def test_admins_are_told_of_the_token_of_their_directory():
    admins = [ClientMembershipFactory(role=ClientMembership.Role.ADMIN)]
    admins.append(ClientMembershipFactory(role=ClientMembership.Role.ADMIN, client=admins[0].client))
    ClientMembershipFactory(client=admins[0].client)
    made, _ = DirectoryToken.make(admins[0].client_id, by=admins[0].user)
    now = timezone.now()
    DirectoryToken.objects.filter(pk=made.pk).update(
        created_at=now - timedelta(days=360), expires_at=now + timedelta(days=3)
    )

    assert sent() == sorted(membership.user.email for membership in admins)
    assert "directory's token" in mail.outbox[0].subject
