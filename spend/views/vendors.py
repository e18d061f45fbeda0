"""The vendor check: a client's own list comes back with what it may find of each business."""

import io
from collections.abc import Sequence
from itertools import batched
from typing import Any, NamedTuple

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from certifications.models import ClientView
from certifications.sharing import seen_by
from common import drafts
from common.uploads import UploadField
from profiles.models import Client
from profiles.viewer import Viewer
from rollout.middleware import SignedInPolicyRequest
from rollout.models import RolloutPolicy
from sourcing import access
from sourcing.exports import files
from sourcing.exports.files import FileColumn, Sheet
from spend import letters, vendors
from spend.models import VendorList
from spend.vendors import Answer
from spend.views.asked import letter_url
from verification.registers.reading import BrokenFile

MOST_LISTS = 20  # of a person
ABOUT = "Your own list. The last columns say what your organization could find of each business when it was downloaded."
TOO_MANY = "You've checked too many lists in the last hour. Try again later."


class UploadForm(forms.Form):
    """A client's own list."""

    file = UploadField(
        label="Your list",
        most=vendors.MOST_BYTES,
        help_text=f"CSV or XLSX with up to {vendors.MOST_ROWS:,} rows and a line of titles.",
        error_messages={"too_large": "The file must be 2 MB or smaller. Split it."},
    )


class ColumnsForm(forms.Form):
    """Which columns say who a vendor is."""

    name_column = forms.TypedChoiceField(label="Name of the business", coerce=int, empty_value=None, required=False)
    number_column = forms.TypedChoiceField(label="Certificate number", coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, listed: VendorList, **kwargs: Any) -> None:
        super().__init__(*args, initial={name: getattr(listed, name) for name in self.base_fields}, **kwargs)
        for name in self.base_fields:
            self.fields[name].choices = [("", "None"), *enumerate(listed.header)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        if not self.errors and set(self.cleaned_data.values()) == {None}:
            raise forms.ValidationError("Choose at least one column")
        return self.cleaned_data


class Checked(NamedTuple):
    """A row of the client's list with the answer about it."""

    cells: Sequence[str]
    answer: Answer
    letter_url: str = ""


def _own(request: SignedInPolicyRequest) -> Any:
    return VendorList.objects.filter(client=request.viewer.acts_for.pk, user=request.user)


@access.with_terms
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedInPolicyRequest) -> HttpResponse:
    """Take a list, and show those that are still kept."""
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        if _own(request).count() >= MOST_LISTS:
            form.add_error(None, f"You have {MOST_LISTS} lists. Delete one first.")
        elif not ratelimit.consume(request, action="export", user=request.user):
            form.add_error(None, TOO_MANY)
        else:
            try:
                listed = vendors.read(upload.file, name=upload.name)
            except BrokenFile as error:
                form.add_error("file", str(error))
            else:
                listed.client_id, listed.user = request.viewer.acts_for.pk, request.user
                listed.save()
                return redirect(listed)
    lists = _own(request).defer("header", "rows")
    return render(request, "spend/vendors.html", {"form": form, "lists": lists, "days": VendorList.KEPT_FOR.days})


@access.with_terms
@require_http_methods(["GET", "HEAD", "POST"])
def vendor_list(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    """Show the answers, row by row. A POST corrects which columns are read."""
    listed = get_object_or_404(_own(request), pk=pk)
    form = drafts.form(request, ColumnsForm, listed=listed)
    if request.method == "POST" and form.is_valid():
        listed.name_column, listed.number_column = form.cleaned_data["name_column"], form.cleaned_data["number_column"]
        listed.save(update_fields=["name_column", "number_column"])
        return redirect(listed)
    page = Paginator(listed.rows, vendors.BATCH).get_page(request.GET.get("page"))
    rows = _with_letters(_checked(listed, list(page.object_list), request.viewer, request.policy), request)
    if request.method == "GET":
        _note(rows, request.viewer, ClientView.Surface.SEARCH)
    context = {"listed": listed, "form": form, "page": page, "rows": rows, "is_read": _is_read(listed)}
    return render(request, "spend/vendor_list.html", context)


def _is_read(listed: VendorList) -> bool:
    return listed.name_column is not None or listed.number_column is not None


def _checked(listed: VendorList, rows: Sequence[Sequence[str]], viewer: Viewer, policy: RolloutPolicy) -> list[Checked]:
    answers = vendors.check(vendors.wanted(listed, rows), viewer, policy)
    return [Checked(row, answer) for row, answer in zip(rows, answers, strict=True)]


def _with_letters(rows: Sequence[Checked], request: SignedInPolicyRequest) -> list[Checked]:
    """Add the address of the evidence letter to each row that is about one business which has one. Two queries."""
    client = Client.objects.get(pk=request.viewer.acts_for.pk)
    alone = {row.answer.profiles[0].pk for row in rows if len(row.answer.profiles) == 1}
    known = letters.about(alone, client, request.policy)
    return [
        row._replace(letter_url=letter_url(found[0])) if len(found) == 1 and found[0].pk in known else row
        for row in rows
        for found in [row.answer.profiles]
    ]


def _note(rows: Sequence[Checked], viewer: Viewer, surface: ClientView.Surface) -> None:
    """Note in the owners' logs whose certifications the client was shown."""
    if shown := {record.profile_id for row in rows for record in row.answer.records}:
        seen_by.note_many(shown, viewer, surface=surface, filters={})


@access.with_terms
@require_safe
def file(request: SignedInPolicyRequest, pk: int, ending: str) -> HttpResponse:
    """Respond with the client's own file, and the answers in further columns."""
    listed = get_object_or_404(_own(request), pk=pk)
    if not ratelimit.consume(request, action="export", user=request.user):
        messages.error(request, TOO_MANY)
        return redirect(listed)
    rows: list[Checked] = []
    for batch in batched(listed.rows, vendors.BATCH):
        rows += _checked(listed, batch, request.viewer, request.policy)
    if request.method == "GET":
        _note(rows, request.viewer, ClientView.Surface.EXPORT)
    columns = [FileColumn(heading) for heading in (*listed.header, *vendors.HEADINGS)]
    lines = ([*row.cells, *row.answer.cells().values()] for row in rows)
    content = io.BytesIO()
    files.write(content, Sheet("Vendors", columns, lines, {"What it is": ABOUT}), ending)
    name = f"vendors-checked-{listed.pk}.{ending}"
    return HttpResponse(
        content.getvalue(),
        content_type=files.CONTENT_TYPES[ending],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@access.with_terms
@drafts.act(lambda pk: reverse("spend:vendor_list", args=[pk]), "your list isn't deleted yet", "Delete list")
def delete(request: SignedInPolicyRequest, pk: int) -> HttpResponse:
    get_object_or_404(_own(request), pk=pk).delete()
    messages.success(request, "Your list is deleted.")
    return redirect("spend:vendors")
