"""Files of a search or a shortlist: asking for one, watching it being made, and having it."""

from allauth.core import ratelimit
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from common.keys import key_of
from rollout.audience import is_in_audience
from rollout.middleware import SignedInPolicyRequest
from sourcing import access, addresses, exports
from sourcing.exports.rows import MOST
from sourcing.forms.exports import ExportForm
from sourcing.forms.search import SourcingForm
from sourcing.models import Export, Shortlist

PER_PAGE = 30


@access.with_own_work
@require_safe
def index(request: SignedInPolicyRequest) -> HttpResponse:
    """The log: a member's own, for an admin of the client everyone's. Files are only given out while it may search."""
    found = Export.objects.filter(client=request.viewer.acts_for.pk)
    if not request.viewer.acts_for.is_admin:
        found = found.filter(user=request.user)
    page = Paginator(found.select_related("user").defer("records"), PER_PAGE).get_page(request.GET.get("page"))
    gives_files = is_in_audience(request.viewer.client, request.policy)
    return render(request, "sourcing/exports.html", {"page": page, "gives_files": gives_files})


@access.with_terms
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInPolicyRequest) -> HttpResponse:
    """Ask for a file of what the address names: a shortlist, or a search."""
    viewer = request.viewer
    export = Export(client_id=viewer.acts_for.pk, user=request.user)
    key = request.GET.get("shortlist", "")
    if key:
        shortlist = get_object_or_404(Shortlist.objects.of(viewer).kept(), pk=key_of(key))
        selected = None
        if "entry" in request.GET:
            ticked = shortlist.entries.kept().filter(pk__in=map(key_of, request.GET.getlist("entry")))
            selected = ticked.values_list("pk", flat=True)
        exports.set_shortlist(export, shortlist, entries=selected)
        back = reverse("sourcing:shortlist", args=[shortlist.pk])
    else:
        query = addresses.kept(request.GET, keeps_news=True)
        searched = SourcingForm(QueryDict(query), viewer=viewer, policy=request.policy)
        back = addresses.search_url(query)
        if searched.errors:  # told there: a file of it would say that all was searched for
            return redirect(back)
        exports.set_search(export, searched)
    form = drafts.form(request, ExportForm, instance=export)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="export", user=request.user):
            form.add_error(None, "You've created too many exports in the last hour. Try again later.")
        else:
            return redirect(exports.ask(form.save(commit=False), viewer, request.policy))
    return render(request, "sourcing/export_new.html", {"form": form, "export": export, "back": back, "most": MOST})


def _own(request: SignedInPolicyRequest, pk: int) -> Export:
    return get_object_or_404(Export, pk=pk, client=request.viewer.acts_for.pk, user=request.user)


@access.with_terms
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """Show the progress of an export, then its file. A POST makes it again if the file is outdated."""
    own = _own(request, pk)
    if request.method == "POST":
        if own.is_there and not exports.is_still_true(own, request.viewer, request.policy):
            exports.make_anew(own)
        return redirect(own)
    return render(request, "sourcing/export.html", {"export": own, "most": MOST})


@access.with_terms
@require_safe
def file(request: SignedInPolicyRequest, pk: int) -> HttpResponseBase:
    """Respond with the file if it is still true, else with a page that offers to make it again."""
    own = _own(request, pk)
    if not own.is_there:
        messages.info(request, "This file is no longer available. Files are available for 24 hours. Create a new one.")
        return redirect(own)
    if not exports.is_still_true(own, request.viewer, request.policy):
        return render(request, "sourcing/export.html", {"export": own, "is_stale": True})
    try:
        return FileResponse(own.file.open(), as_attachment=True, filename=own.file_name)
    except FileNotFoundError:  # removed just now
        return redirect(own)
