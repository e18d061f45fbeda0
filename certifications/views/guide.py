"""How businesses get certified: what the catalogue knows, with where it is from."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certifications.models import Certificate, CertificationType, CertifyingBody
from certifications.models.catalogue import today


@login_not_required
@require_safe
def guide(request):
    """All types, or the one of `?type=`; one that is not offered, or unknown, shows all."""
    types = list(CertificationType.objects.filter(is_offered=True))
    chosen = next((type for type in types if type.key == request.GET.get("type")), None)
    bodies = CertifyingBody.objects.valid_on(today())
    certificates = (
        Certificate.objects.valid_on(today())
        .filter(body__in=bodies, names_body=False)
        .select_related("body")
        .prefetch_related("facts", "body__facts")
    )
    context = {
        "types": types,
        "chosen": chosen,
        "sections": [(type, _by_body(certificates, type)) for type in ([chosen] if chosen else types)],
        "implying_none": _by_body(certificates, None),
        "unnamed": bodies.filter(certificates__names_body=True).distinct().prefetch_related("facts"),
    }
    return render(request, "certifications/guide.html", context)


def _by_body(certificates, type):
    """Those of `certificates` that are of `type`, as (body, its certificates) in their order."""
    groups = {}
    for certificate in certificates:
        if certificate.type_id == (type and type.pk):
            groups.setdefault(certificate.body_id, (certificate.body, []))[1].append(certificate)
    return list(groups.values())
