"""The webhooks of a client, for its admins: where its system listens, the secret, and the log of what was sent."""

import json
from http import HTTPStatus
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from integrations.access import for_admins_having
from integrations.models import Delivery, EventType, Webhook
from integrations.webhooks import sending
from integrations.webhooks.emitting import deliver
from integrations.webhooks.events import EVENTS
from integrations.webhooks.forms import LogForm, WebhookForm
from profiles.models import Client
from rollout.audience import is_in_audience
from rollout.middleware import SignedInPolicyRequest
from sourcing import access

PER_PAGE = 50


def _own(request: SignedInPolicyRequest) -> QuerySet[Webhook]:
    return Webhook.objects.filter(client=request.viewer.acts_for.pk)


def _page(pk: int) -> str:
    return reverse("integrations:webhook", args=[pk])


def _delivery_page(pk: int, key: UUID) -> str:
    return reverse("integrations:delivery", args=[pk, key])


@for_admins_having(Webhook)
@require_safe
def index(request: SignedInPolicyRequest) -> HttpResponse:
    last = Delivery.objects.filter(webhook=OuterRef("pk"))
    found = _own(request).annotate(last_state=Subquery(last.values("state")[:1]))
    context = {"webhooks": found, "most": Webhook.MOST, "State": Delivery.State}
    return render(request, "integrations/webhooks.html", context)


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def new(request: SignedInPolicyRequest) -> HttpResponse:
    client = request.viewer.acts_for
    webhook = Webhook(client_id=client.pk, added_by=request.user)
    form = drafts.form(request, WebhookForm, instance=webhook)
    if request.method == "POST" and form.is_valid():
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        if _own(request).count() >= Webhook.MOST:
            form.add_error(None, f"Your organization has {Webhook.MOST} webhooks. Delete one first.")
        else:
            webhook.set_secret()
            form.save()
            messages.success(request, "Webhook added. Copy its secret to your system, and send a test.")
            return redirect(webhook)
    context = {"form": form, "is_new": True, "back": reverse("integrations:webhooks")}
    return render(request, "integrations/webhook_edit.html", context)


@access.for_admins
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def edit(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    own = _own(request)
    webhook = get_object_or_404(own.select_for_update(no_key=True) if request.method == "POST" else own, pk=pk)
    form = drafts.form(request, WebhookForm, instance=webhook)
    if request.method == "POST" and form.is_valid():
        Webhook.objects.filter(pk=pk).update(**form.cleaned_data)
        messages.success(request, "Webhook changed.")
        return redirect(webhook)
    context = {"form": form, "is_new": False, "back": webhook.get_absolute_url()}
    return render(request, "integrations/webhook_edit.html", context)


@for_admins_having(Webhook)
@require_safe
def webhook(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """Show a webhook, what can be done with it, and the log of what was sent to it."""
    found = get_object_or_404(_own(request).select_related("added_by"), pk=pk)
    form = LogForm(request.GET)
    form.full_clean()
    log = found.deliveries.all()
    if show := form.cleaned_data["show"]:
        log = log.filter(state=show)
    context = {
        "webhook": found,
        "events": [event for event in EVENTS if event.type in found.events],
        "form": form,
        "show": show,
        "page": Paginator(log.with_attempts(), PER_PAGE).get_page(request.GET.get("page")),
        "days": Delivery.KEPT_FOR.days,
    }
    return render(request, "integrations/webhook.html", context)


@access.for_admins
@reauthentication_required
@require_safe
def secret(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """Show the secret to someone who gave their password or a code a moment ago."""
    context = {"webhook": get_object_or_404(_own(request), pk=pk)}
    return render(request, "integrations/webhook_secret.html", context)


@access.for_admins
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def rotate(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """Ask whether to replace the secret, and replace it."""
    found = get_object_or_404(_own(request), pk=pk)
    if request.method == "POST":
        if found.rotate():
            signs = " Both secrets sign for 24 hours." if found.can_sign else ""
            messages.success(request, f"Secret rotated.{signs}")
        return redirect("integrations:webhook_secret", pk)
    message = "You'll get a new secret."
    if found.can_sign:
        message += " For 24 hours we sign with both, so your system misses nothing meanwhile."
    if found.is_rotating:
        message += " The secret that you replaced last stops working right away."
    context = {
        "heading": "Rotate the secret?",
        "message": message,
        "action": "Rotate secret",
        "back": found.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


@access.for_admins
@drafts.act(_page, "no test was sent yet", "Send a test")
@transaction.atomic
def test(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_own(request), pk=pk)
    if found.off_at:
        messages.error(request, "This webhook is off. Turn it on first.")
        return redirect(found)
    [delivery] = deliver([found], EventType.TEST, {"webhook": found.pk})
    messages.success(request, "Test on its way. Reload this page to see what your system answered.")
    return redirect(delivery)


@for_admins_having(Webhook)
@drafts.act(_page, "the webhook is still on", "Turn off")
@transaction.atomic
def turn_off(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_own(request), pk=pk)
    found.turn_off(Webhook.Off.ADMIN)
    messages.success(request, "Webhook turned off. Events that happen now are not kept for it.")
    return redirect(found)


@access.for_admins
@drafts.act(_page, "the webhook is still off", "Turn on")
def turn_on(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_own(request), pk=pk)
    found.turn_on()
    messages.success(request, "Webhook turned on. It is told of events from now on.")
    return redirect(found)


@for_admins_having(Webhook)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """Ask whether to delete a webhook, and delete it with its log."""
    found = get_object_or_404(_own(request), pk=pk)
    if request.method == "POST":
        found.delete()
        messages.success(request, "Webhook deleted.")
        has_list = is_in_audience(request.viewer.client, request.policy) or _own(request).exists()
        return redirect("integrations:webhooks" if has_list else "integrations:sign_on")
    context = {
        "heading": "Delete this webhook?",
        "message": f"{found}. Its secret and its log are deleted too. This can't be undone.",
        "action": "Delete webhook",
        "back": found.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


def _delivery(request: SignedInPolicyRequest, pk: int, key: UUID) -> Delivery:
    found = Delivery.objects.filter(webhook__in=_own(request), webhook=pk)
    return get_object_or_404(found.select_related("webhook"), key=key)


@for_admins_having(Webhook)
@require_safe
def delivery(request: SignedInPolicyRequest, pk: int, key: UUID) -> HttpResponse:
    """Show what was sent, and each attempt."""
    found = _delivery(request, pk, key)
    context = {
        "delivery": found,
        "body": json.dumps(json.loads(sending.body_of(found)), indent=2),
        "attempts": [(attempt, _phrase(attempt.status)) for attempt in found.attempts.all()],
        "is_due": found.next_try_at is not None and found.next_try_at <= timezone.now(),
    }
    return render(request, "integrations/delivery.html", context)


def _phrase(status: int | None) -> str:
    """Return the name of a status of HTTP, or "" if there is none."""
    names = {member.value: member.phrase for member in HTTPStatus}
    return names.get(status, "") if status else ""


@access.for_admins
@drafts.act(_delivery_page, "the event wasn't sent again yet", "Resend")
def resend(request: SignedInPolicyRequest, pk: int, key: UUID) -> HttpResponse:
    found = _delivery(request, pk, key)
    if sending.send_again(found):
        messages.success(request, "Event on its way again. Reload this page to see what your system answered.")
    else:
        messages.error(request, "This webhook is off. Turn it on first.")
    return redirect(found)
