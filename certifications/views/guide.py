"""The guide: what the badge is, who sees it, and how businesses get certified, with facts from the catalogue."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certifications import public_numbers
from certifications.models import Certificate, CertificationType, CertifyingBody, Step
from certifications.models.catalogue import today
from common import databases
from rollout.audience import audience_words
from rollout.middleware import PolicyRequest


@login_not_required
@require_safe
def guide(request: PolicyRequest) -> HttpResponse:
    """Explain the section to everyone, and show which certificate fits which business."""
    certificates = _certificates()
    types = _types()
    policy = request.policy
    context = {
        "audience": audience_words(policy.audience),
        "is_stopped": policy.is_paused,
        "published": public_numbers.published(),
        "holds_out": bool(policy.holdout_percent),
        "steps": Step,
        "types": [(type, [issued.body for issued in _by_body(certificates, type)]) for type in types],
        "implying_none": _by_body(certificates, None),
    }
    return render(request, "certifications/guide.html", context)


@login_not_required
@require_safe
def type_guide(request: PolicyRequest, key: str) -> HttpResponse:
    """Explain how to get the certificates of one type."""
    type = get_object_or_404(_types(), key=key)
    context = {
        "type": type,
        "types": _types(),
        "groups": _by_body(_certificates(), type),
        "unnamed": _bodies().filter(certificates__names_body=True).distinct().prefetch_related("facts"),
    }
    return render(request, "certifications/type_guide.html", context)


class Issued(NamedTuple):
    """A body and the certificates of one type that it issues."""

    body: CertifyingBody
    certificates: list[Certificate]


def _types() -> QuerySet[CertificationType]:
    """Return the types that the marketplace offers."""
    return CertificationType.objects.using(databases.for_reading()).filter(is_offered=True)


def _bodies() -> QuerySet[CertifyingBody]:
    """Return the bodies that certify today."""
    return CertifyingBody.objects.using(databases.for_reading()).valid_on(today())


def _certificates() -> QuerySet[Certificate]:
    """Return the certificates that a body named in the catalogue issues today."""
    certificates = Certificate.objects.using(databases.for_reading()).valid_on(today())
    named = certificates.filter(body__in=_bodies(), names_body=False)
    return named.select_related("body").prefetch_related("facts", "body__facts")


def _by_body(certificates: Iterable[Certificate], type: CertificationType | None) -> list[Issued]:
    """Return the `certificates` of `type`, or without a type, by body in their order."""
    groups: dict[int, Issued] = {}
    for certificate in certificates:
        if certificate.type_id == (type and type.pk):
            groups.setdefault(certificate.body_id, Issued(certificate.body, [])).certificates.append(certificate)
    return list(groups.values())
