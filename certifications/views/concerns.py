"""Reporting a concern about certifications that one was shown, and the receipt of it."""

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certifications import concerns
from certifications.models import Certification, Concern
from certifications.sharing import seen_by
from common import drafts
from common.forms import mark_conditional
from profiles.models import Profile


class ConcernForm(forms.ModelForm):
    """A concern about one of the certifications `seen`, or about all of them."""

    class Meta:
        model = Concern
        fields = ["certification", "kind", "text"]
        labels = {"certification": "Which one?", "kind": "What is it about?", "text": "In your words"}
        help_texts = {"text": "What you saw, and where it can be checked. Nobody but the marketplace's staff reads it."}
        widgets = {"kind": forms.RadioSelect, "text": forms.Textarea(attrs={"rows": 6})}
        error_messages = {
            "kind": {"required": "Choose what it is about."},
            "text": {"required": "Say in your words what you saw."},
        }

    def __init__(self, *args, seen, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        certification = self.fields["certification"]
        certification.queryset, certification.required = seen, False
        certification.empty_label = "All of them, or the page as a whole"
        certification.label_from_instance = lambda record: record.label
        mark_conditional(certification)
        self.fields["kind"].choices = Concern.Kind.choices


@require_http_methods(["GET", "HEAD", "POST"])
def concern(request, kind, slug) -> HttpResponse:
    """For a client to which the rule shows a certification of the profile; to all others, 404."""
    profile = get_object_or_404(Profile.objects.visible_to(request.viewer), kind=kind, slug=slug)
    seen = (
        Certification.objects.visible_to(request.viewer, request.policy)
        .filter(profile=profile)
        .current()
        .with_step()
        .for_display()
    )
    if request.viewer.edits(profile) or request.viewer.reads_certifications or not seen.exists():
        raise Http404
    seen_by.note(profile, request.viewer, request)  # the form names what is seen
    form = drafts.form(
        request,
        ConcernForm,
        seen=seen,
        instance=Concern(profile=profile, reporter=request.user, client_id=_client(request)),
    )
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="concern", user=request.user):
            form.add_error(
                None, "You have sent several reports within the hour. What you wrote is kept here: try later."
            )
        else:
            saved = concerns.report(form.save(commit=False))
            messages.success(request, "Thank you. Your report is with us, and a receipt is on its way by e-mail.")
            return redirect(saved)
    return render(request, "certifications/concern.html", {"profile": profile, "form": form})


def _client(request):
    return request.viewer.client.pk if request.viewer.client else None


@require_safe
def receipts(request) -> HttpResponse:
    """What one has reported, newest first."""
    own = Concern.objects.filter(reporter=request.user).select_related("profile")
    return render(request, "certifications/concerns.html", {"concerns": own})


@require_safe
def receipt(request, reference) -> HttpResponse:
    own = Concern.objects.filter(reporter=request.user).select_related("profile")
    return render(
        request, "certifications/concern_receipt.html", {"concern": get_object_or_404(own, reference=reference)}
    )
