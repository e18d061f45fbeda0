"""Pages on which owners attach documents and appeal, and the documents themselves."""

from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from certifications.models import Certification
from certifications.staff_reads import log_staff_read
from certifications.views.access import for_editors
from certifications.views.actions import record_page_of
from certifications.views.record import record_page
from common import drafts
from common.forms import OnOffForm
from common.redirects import back
from common.translation import with_names
from profiles.models import Profile
from rollout.middleware import SignedInPolicyRequest
from verification.documents import intake, keeping
from verification.documents.forms import AppealForm
from verification.models import Document
from verification.record_page import document_form
from verification.review import cases

# A browser that shows the document anyway runs nothing in it.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@for_editors
@drafts.act(record_page_of)
def attach(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    form = document_form(request, record)
    if form.is_valid() and not ratelimit.consume(request, action="document", user=request.user):
        form.add_error("document", "You've attached many files within an hour. Try again later.")
    if form.is_valid():
        try:
            document = keeping.attach(record, form.cleaned_data["document"], by=request.user)
        except intake.Refused as refused:
            form.add_error("document", str(refused))
        else:
            messages.success(request, with_names("{} attached. We'll review it and email you.", document.name))
            return back(request, record)
    return record_page(request, profile, record)


def _own(record: Certification, key: UUID) -> Document:
    return get_object_or_404(Document, certification=record, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def detach(request: SignedInPolicyRequest, profile: Profile, record: Certification, key: UUID) -> HttpResponse:
    document = Document.objects.filter(certification=record, key=key).first()
    if document is None:
        messages.info(request, "This document was already deleted.")
        return redirect(record)
    if request.method == "POST":
        keeping.detach(document)
        messages.success(request, with_names("{} deleted.", document.name))
        return redirect(record)
    context = {
        "heading": with_names("Delete {}?", document.name),
        "message": "Your certification stays as it is. This can't be undone.",
        "action": "Delete document",
        "back": record.get_absolute_url(),
        "profile_name": profile.name,
    }
    return render(request, "components/confirm.html", context)


@for_editors
@drafts.act(record_page_of, "your choice for the document isn't saved yet", "Save it")
def keep(request: SignedInPolicyRequest, profile: Profile, record: Certification, key: UUID) -> HttpResponse:
    form = OnOffForm(request.POST)
    document = _own(record, key)
    document.is_kept = form.is_valid() and form.cleaned_data["on"]
    document.save(update_fields=["is_kept"])
    kept, goes = "We'll keep {} until you delete it.", "We'll delete {} 90 days after the decision."
    messages.success(request, with_names(kept if document.is_kept else goes, document.name))
    return redirect(record)


@require_http_methods(["GET", "HEAD", "POST"])
@for_editors
def appeal(request: SignedInPolicyRequest, profile: Profile, record: Certification) -> HttpResponse:
    decision = cases.appealable(record)
    if decision is None:
        messages.info(request, "There is no decision to appeal, or the time to appeal is over.")
        return redirect(record)
    form = drafts.form(request, AppealForm)
    if form.is_valid():
        try:
            cases.appeal(record, form.cleaned_data["statement"])
        except cases.CannotAppeal:
            messages.info(request, "Nothing changed. You've already appealed.")
        else:
            messages.success(request, "We have your appeal. Someone who didn't make the first decision will review it.")
        return redirect(record)
    context = {"profile": profile, "certification": record, "decision": decision, "form": form}
    return render(request, "verification/appeal.html", context)


def _readable(request: SignedInPolicyRequest, key: UUID) -> Document:
    """Return the document if the viewer may read it, else 404. Reads by staff are logged."""
    documents = Document.objects.readable_by(request.viewer, request.policy).select_related("certification__profile")
    document = get_object_or_404(documents, key=key)
    if not request.viewer.edits(document.certification.profile):
        log_staff_read(request.user, [document.certification], request.path)
    return document


def _content(document: Document) -> bytes:
    """Return the file's bytes, or 404 if storage lacks the file, as just before an erasure commits."""
    try:
        with document.file.open() as file:
            return file.read()
    except FileNotFoundError as error:
        raise Http404 from error


def _harmless(response: HttpResponse, kind: str) -> HttpResponse:
    response["Content-Type"] = kind
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def document(request: SignedInPolicyRequest, key: UUID) -> HttpResponse:
    """Respond with the file as a download. No browser shows it under our address."""
    document = _readable(request, key)
    response = HttpResponse(_content(document))
    response["Content-Disposition"] = content_disposition_header(True, document.name)
    return _harmless(response, document.content_type)


@require_safe
def document_page(request: SignedInPolicyRequest, key: UUID, number: int) -> HttpResponse:
    """Respond with a picture of one page, which the review shows beside the record."""
    document = _readable(request, key)
    if not 1 <= number <= document.pages:
        raise Http404
    picture = intake.page_image(_content(document), document.kind, number)
    return _harmless(HttpResponse(picture), "image/jpeg")
