"""Registers what integrations adds to the apps below it. Django imports this file when it starts."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.urls import reverse

from certifications.data import about, erasure
from integrations.models import AccessToken, EventType, Given
from integrations.scim.access import give_waiting
from integrations.sign_on.admitting import must_use, provider_of
from integrations.webhooks.emitting import emit
from profiles import members, passwords
from profiles.models import ClientMembership, Profile, User
from sourcing.exports import making
from sourcing.models import Export
from spend import issuing, payments
from spend.models import IssuedReport, Payment, PaymentFile


@issuing.report_issued.register
def report_ready(report: IssuedReport) -> None:
    """Tell the client's webhooks that a report was issued, and of the one that it replaces."""
    emit(EventType.REPORT_READY, {"report": report.number}, clients=[report.client_id])
    if report.replaces:
        data = {"report": report.replaces.number, "superseded_by": report.number}
        emit(EventType.REPORT_SUPERSEDED, data, clients=[report.client_id])


@making.export_ready.register
def export_ready(export: Export) -> None:
    emit(EventType.EXPORT_READY, {"export": export.pk}, clients=[export.client_id])


@payments.import_finished.register
def import_finished(file: PaymentFile) -> None:
    """Tell the clients of which the file had new or corrected payments."""
    clients = Payment.objects.filter(file=file).values_list("client", flat=True)
    emit(EventType.IMPORT_FINISHED, {"import": file.pk}, clients=clients)


@members.membership_ended.register
def member_deprovisioned(membership: members.PlaceMembership) -> None:
    if isinstance(membership, ClientMembership):
        # They stop by themselves. Without this they would work again if the person came back.
        AccessToken.objects.of(membership.client_id).filter(made_by=membership.user_id).revoke(by=None)
        emit(EventType.MEMBER_DEPROVISIONED, {"member": membership.pk}, clients=[membership.client_id])


# An erasure leaves a client's key of a certification that the client's system still has, with nothing about it, so that
# the system is told to delete it.
about.more_models.register(lambda: [Given])


@erasure.before_erasure.register
def forget(profile: Profile) -> None:
    """Take the certifications of `profile` out of what clients were given."""
    Given.objects.filter(certification__profile=profile).update(certification=None)


@passwords.other_ways.register
def organization(user: User) -> passwords.OtherWay | None:
    """Return the way through the identity provider of the person's organization."""
    found = provider_of(user)
    if found is None:
        return None
    return passwords.OtherWay(
        words="Sign in with your organization",
        url=reverse("sign_on_leave", args=[found.client.slug]),
        again_url=reverse("sign_on_again"),
        is_required=must_use(found, user),
    )


def _confirmed(email_address: EmailAddress, **_: Any) -> None:
    """A directory may wait for it: it gives access by confirmed addresses only."""
    give_waiting(email_address.email)


email_confirmed.connect(_confirmed, dispatch_uid="directory")
