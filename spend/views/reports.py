"""Reports of a client: drafts, issued ones, and what is downloaded of them."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from common import drafts
from rollout.middleware import SignedInPolicyRequest
from rollout.models import RolloutPolicy
from sourcing import access
from sourcing.exports import files
from sourcing.exports.columns import moment
from sourcing.exports.files import Sheet
from spend import issuing, report
from spend.forms.reports import IssueForm, PeriodForm, ReasonForm, periods, taken
from spend.issuing import ChangedMeanwhileError, ImportRunsError, Signer
from spend.models import AuditPack, IssuedReport, ReportDraft
from spend.packs import changed, giving, making, signing, tables
from spend.packs.giving import Download
from spend.packs.tables import Behind, Content, Table
from spend.saying import STATEMENT
from spend.since import since
from spend.sums import Figures
from spend.views.asked import Asked, payments_url, report_of
from spend.views.reported import reported_url

METHODS = ["GET", "HEAD", "POST"]


@access.with_terms
@require_safe
def index(request: SignedInPolicyRequest) -> HttpResponse:
    client = request.viewer.acts_for.pk
    context = {
        "drafts": ReportDraft.objects.filter(client=client).select_related("replaces"),
        "issued": IssuedReport.objects.filter(client=client).select_related("replaced_by"),
    }
    return render(request, "spend/reports.html", context)


@access.with_terms
@require_http_methods(METHODS)
@transaction.atomic
def new(request: SignedInPolicyRequest) -> HttpResponse:
    """Begin a draft. If one or an issued report has this period, lead there."""
    if request.method == "POST":
        issuing.lock(request.viewer.acts_for.pk)
    asked = Asked.of(request)
    client = asked.client
    today = timezone.now().date()
    offered = periods(client, asked.rules, today)
    form = drafts.form(request, PeriodForm, offered=offered, taken=taken(client), today=today)
    if request.method == "POST" and form.is_valid():
        period = form.chosen._asdict()
        standing = IssuedReport.objects.filter(client=client, replaced_by=None, **period).first()
        if standing:
            messages.info(request, "A report for this period was issued already. You can replace it.")
            return redirect(standing)
        draft, _ = ReportDraft.objects.get_or_create(client=client, **period, defaults={"begun_by": request.user})
        return redirect(draft)
    return render(request, "spend/report_new.html", {"form": form, "offered": offered})


@access.with_terms
@require_http_methods(METHODS)
def draft(request: SignedInPolicyRequest, key: UUID) -> HttpResponse:
    """Show what a draft says now. A POST issues it."""
    own = ReportDraft.objects.select_related("client", "replaces").filter(client=request.viewer.acts_for.pk, key=key)
    found = own.first()
    if found is None:
        return redirect(get_object_or_404(IssuedReport, client=request.viewer.acts_for.pk, draft=key))
    now = timezone.now()
    is_over = found.ends_on < now.date()
    form = drafts.form(request, IssueForm, statement=STATEMENT, initial={"signer_name": request.user.name})
    if request.method == "POST" and is_over and form.is_valid():
        signer = Signer(form.cleaned_data["signer_name"], form.cleaned_data["signer_title"])
        try:
            return redirect(issuing.issue(found, signer=signer, by=request.user, policy=request.policy))
        except IssuedReport.DoesNotExist as error:
            raise Http404 from error
        except ImportRunsError:
            form.add_error(None, "Payments are being imported. Issue the report when that is done, in a few minutes.")
        except ChangedMeanwhileError:
            form.add_error(None, "Something changed while the report was made. Look at it again, then issue it.")
    figures = issuing.figures(found, request.policy)
    link = partial(_payments_of_draft, found)
    context = {
        "asked": Asked.of(request),
        "draft": found,
        "form": form,
        "is_over": is_over,
        "changes": _since(found.replaces, figures, request.policy) if found.replaces else None,
        **making.figures_context(figures, tables.of_sums(figures), link),
    }
    return render(request, "spend/report_draft.html", context)


def _payments_of_draft(draft: ReportDraft, behind: Behind) -> str:
    """Return the address of the payments behind a number of a draft, as they count now."""
    filters = {name: value for name, value in behind.items() if name != "quarter"}
    quarters = {quarter.starts_on.isoformat(): quarter for quarter in draft.period.quarters()}
    return payments_url(quarters.get(behind.get("quarter", ""), draft.period), **filters)


@access.with_terms
@drafts.act(lambda key: reverse("spend:draft", args=[key]), "the draft isn't discarded yet", "Discard the draft")
def discard(request: SignedInPolicyRequest, key: UUID) -> HttpResponse:
    ReportDraft.objects.filter(client=request.viewer.acts_for.pk, key=key).delete()
    messages.success(request, "The draft was discarded.")
    return redirect("spend:reports")


@access.with_terms
@require_safe
def issued(request: SignedInPolicyRequest, number: int) -> HttpResponse:
    found = report_of(request, number)
    content = Content.of(found, request.policy)
    context = making.context(content, partial(reported_url, found)) | {"files": making.all_tables(content)}
    return render(request, "spend/report.html", context)


def _changes(found: IssuedReport, policy: RolloutPolicy) -> Table | None:
    """Return what changed since a report that stands, as a table. None if it is in another currency now."""
    draft = ReportDraft(client=found.client, starts_on=found.starts_on, ends_on=found.ends_on)
    return _since(found, issuing.figures(draft, policy), policy)


def _since(found: IssuedReport, figures: Figures, policy: RolloutPolicy) -> Table | None:
    """Return what changed since a report, which says `figures` now."""
    cutoff = figures.sums.cutoff
    held = report.held_by_payees(found.client, cutoff, policy)
    changes = since(found, held=held, rules=figures.rules, cutoff=cutoff)
    if changes is None:
        return None
    return changed.table(
        changes,
        before=f"Report {found.number}",
        after="Now",
        names={**found.names_of_types, **figures.names},
        currency=figures.rules.currency,
    )


@access.with_terms
@require_safe
def changes(request: SignedInPolicyRequest, number: int) -> HttpResponse:
    """Show what a report would say otherwise now. Of one that was replaced, the next report says it."""
    found = report_of(request, number)
    if found.is_superseded:
        return redirect(found.replaced_by)
    return render(request, "spend/report_changes.html", {"issued": found, "table": _changes(found, request.policy)})


@access.with_terms
@require_safe
def changes_file(request: SignedInPolicyRequest, number: int, suffix: str) -> HttpResponseBase:
    """Respond with what a report would say otherwise now, as a file."""
    found = report_of(request, number)
    if found.is_superseded:
        return redirect(found.replaced_by)
    table = _changes(found, request.policy)
    if table is None or suffix not in files.CONTENT_TYPES:
        raise Http404
    about = {"Report": str(found), "As of": moment(timezone.now()), "What it is": table.note}
    sheet = Sheet(table.title, table.columns, table.cells, about)
    return _response(giving.written(sheet, f"report-{number}-changes", suffix))


def _response(file: Download) -> FileResponse:
    return FileResponse(file.content, as_attachment=True, filename=file.name, content_type=file.type)


@access.with_terms
@require_http_methods(METHODS)
@transaction.atomic
def supersede(request: SignedInPolicyRequest, number: int) -> HttpResponse:
    """Start the draft that will replace a report, with the reason. If there is one already, lead there."""
    if request.method == "POST":
        issuing.lock(request.viewer.acts_for.pk)
    found = report_of(request, number)
    if found.is_superseded:
        return redirect(found)
    if begun := ReportDraft.objects.filter(replaces=found).first():
        messages.info(request, f"The next report was begun already. Its reason: {begun.reason}")
        return redirect(begun)
    draft = ReportDraft(
        client=found.client, starts_on=found.starts_on, ends_on=found.ends_on, replaces=found, begun_by=request.user
    )
    form = drafts.form(request, ReasonForm, instance=draft)
    if request.method == "POST" and form.is_valid():
        return redirect(form.save())
    return render(request, "spend/report_supersede.html", {"form": form, "issued": found})


@access.with_terms
@require_safe
def table(request: SignedInPolicyRequest, number: int, name: str, suffix: str) -> HttpResponseBase:
    """Respond with a table of a report as a file. Nothing is given by a HEAD."""
    issued = report_of(request, number)
    content = Content.of(issued, request.policy)
    try:
        file = giving.table(content, name, suffix, viewer=request.viewer, is_read=request.method == "GET")
    except files.TooManyRowsError:
        messages.error(request, "A spreadsheet cannot hold so many rows. Download the CSV.")
        return redirect(issued)
    if file is None:
        raise Http404
    return _response(file)


@access.with_terms
@require_http_methods(METHODS)
def pack(request: SignedInPolicyRequest, number: int) -> HttpResponse:
    """Show how far the audit pack of a report is, then its file. A POST makes it, or makes it anew."""
    found = report_of(request, number)
    can_sign = signing.private_key() is not None
    if request.method == "POST" and can_sign:
        making.ask(found)
        return redirect("spend:pack", number)
    made = AuditPack.objects.filter(report=found).first()
    return render(request, "spend/pack.html", {"issued": found, "pack": made, "can_sign": can_sign})


@access.with_terms
@require_safe
def pack_file(request: SignedInPolicyRequest, number: int) -> HttpResponseBase:
    """Respond with the audit pack if it is there and names only whom the report may still name."""
    found = report_of(request, number)
    made = AuditPack.objects.select_related("report__client").filter(report=found).first()
    if made is None or not made.is_there:
        return redirect("spend:pack", number)
    content = Content.of(found, request.policy)
    if making.names(content) != made.names:
        messages.info(request, "This pack is out of date. Create it again.")
        return redirect("spend:pack", number)
    if request.method == "GET":
        giving.note(content, request.viewer)
    try:
        return FileResponse(made.file.open(), as_attachment=True, filename=f"audit-pack-report-{number}.zip")
    except FileNotFoundError:  # removed just now
        return redirect("spend:pack", number)


@login_not_required
@require_safe
def signing_key(request: HttpRequest) -> HttpResponse:
    """Respond with the public keys that check the signatures of audit packs, the one in use first."""
    keys = signing.published_keys()
    if not keys:
        raise Http404
    return HttpResponse(keys, content_type="application/x-pem-file")
