"""How businesses get certified: what the catalogue knows, with where it is from."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certifications.models import Certificate, CertificationType, CertifyingBody
from certifications.models.catalogue import today


@login_not_required
@require_safe
def guide(request):
    valid = Certificate.objects.valid_on(today()).filter(body__in=CertifyingBody.objects.valid_on(today()))
    named = valid.filter(names_body=False).select_related("body").prefetch_related("facts", "body__facts")
    types = CertificationType.objects.filter(is_offered=True).prefetch_related(
        Prefetch("certificates", named, to_attr="explained")
    )
    return render(request, "certifications/guide.html", {"types": types, "implying_none": named.filter(type=None)})
