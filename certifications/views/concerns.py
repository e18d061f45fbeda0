"""Reporting a concern about certifications, and its receipt."""

from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certifications import concerns
from certifications.models import Certification, Concern
from certifications.models.record_queries import CertificationQuerySet
from certifications.sharing import seen_by
from common import drafts
from common.forms import field_of, mark_conditional
from profiles.models import Profile
from profiles.viewer import SignedInRequest
from rollout.middleware import SignedInPolicyRequest


class ConcernForm(forms.ModelForm):
    """A concern about one of the certifications in `seen`, or about all of them."""

    class Meta:
        model = Concern
        fields = ["certification", "kind", "text"]
        labels = {"certification": "Which one?", "kind": "What is it about?", "text": "In your words"}
        help_texts = {"text": "What you saw, and where we can check it. Only our staff read this."}
        widgets = {"kind": forms.RadioSelect, "text": forms.Textarea(attrs={"rows": 6})}
        error_messages = {
            "kind": {"required": "Choose what it's about"},
            "text": {"required": "Enter what you saw"},
        }

    def __init__(self, *args: Any, seen: CertificationQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        certification = field_of(self, "certification", forms.ModelChoiceField)
        certification.queryset, certification.required = seen, False
        certification.empty_label = "All of them, or the profile as a whole"
        certification.label_from_instance = lambda record: record.label
        mark_conditional(certification)
        field_of(self, "kind", forms.ChoiceField).choices = Concern.Kind.choices


@require_http_methods(["GET", "HEAD", "POST"])
def concern(request: SignedInPolicyRequest, kind: str, slug: str) -> HttpResponse:
    """Take a report from a member of a client that sees a certification of the profile. Answer others with 404."""
    profile = get_object_or_404(Profile.objects.visible_to(request.viewer), kind=kind, slug=slug)
    seen = (
        Certification.objects.visible_to(request.viewer.as_member(), request.policy)
        .filter(profile=profile)
        .current()
        .with_step()
        .for_display()
    )
    if request.viewer.edits(profile) or request.viewer.reads_certifications or not seen.exists():
        raise Http404
    seen_by.note(profile, request.viewer, request)  # the form names the certifications
    form = drafts.form(
        request,
        ConcernForm,
        seen=seen,
        instance=Concern(profile=profile, reporter=request.user, client_id=_client_pk(request)),
    )
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="concern", user=request.user):
            form.add_error(
                None, "You've sent several reports within an hour. What you wrote is still here. Try again later."
            )
        else:
            saved = concerns.report(form.save(commit=False))
            messages.success(request, "Thank you. We have your report and sent you a receipt by email.")
            return redirect(saved)
    return render(request, "certifications/concern.html", {"profile": profile, "form": form})


def _client_pk(request: SignedInRequest) -> int | None:
    return request.viewer.client.pk if request.viewer.client else None


@require_safe
def receipts(request: SignedInRequest) -> HttpResponse:
    """List the concerns that the person has reported, newest first."""
    own = Concern.objects.filter(reporter=request.user).select_related("profile")
    return render(request, "certifications/concerns.html", {"concerns": own})


@require_safe
def receipt(request: SignedInRequest, reference: UUID) -> HttpResponse:
    own = Concern.objects.filter(reporter=request.user).select_related("profile")
    return render(
        request, "certifications/concern_receipt.html", {"concern": get_object_or_404(own, reference=reference)}
    )
