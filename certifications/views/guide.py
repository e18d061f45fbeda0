"""What the badge is, who sees it, and how businesses get certified: what the catalogue knows, with where it is from."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from certifications import public_numbers
from certifications.models import Certificate, CertificationType, CertifyingBody, Step
from certifications.models.catalogue import today
from rollout.audience import audience_words


@login_not_required
@require_safe
def guide(request) -> HttpResponse:
    """What everybody may know of the section, and which certificate fits which business."""
    certificates = _certificates()
    types = CertificationType.objects.filter(is_offered=True)
    policy = request.policy
    context = {
        "audience": audience_words(policy.audience),
        "is_stopped": policy.is_paused,
        "published": public_numbers.published(),
        "holds_out": bool(policy.holdout_percent),
        "steps": Step,
        "types": [(type, [body for body, _ in _by_body(certificates, type)]) for type in types],
        "implying_none": _by_body(certificates, None),
    }
    return render(request, "certifications/guide.html", context)


@login_not_required
@require_safe
def type_guide(request, key) -> HttpResponse:
    """How to get the certificates of one type."""
    type = get_object_or_404(CertificationType, key=key, is_offered=True)
    bodies = CertifyingBody.objects.valid_on(today())
    context = {
        "type": type,
        "types": CertificationType.objects.filter(is_offered=True),
        "groups": _by_body(_certificates(), type),
        "unnamed": bodies.filter(certificates__names_body=True).distinct().prefetch_related("facts"),
    }
    return render(request, "certifications/type_guide.html", context)


def _certificates():
    """Those issued today by a body that the catalogue names."""
    bodies = CertifyingBody.objects.valid_on(today())
    named = Certificate.objects.valid_on(today()).filter(body__in=bodies, names_body=False)
    return named.select_related("body").prefetch_related("facts", "body__facts")


def _by_body(certificates, type) -> list:
    """Those of `certificates` that are of `type`, as (body, its certificates) in their order."""
    groups = {}
    for certificate in certificates:
        if certificate.type_id == (type and type.pk):
            groups.setdefault(certificate.body_id, (certificate.body, []))[1].append(certificate)
    return list(groups.values())
