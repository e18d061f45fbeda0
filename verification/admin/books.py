"""The part that the administration's pages share on which staff upload a table of the marketplace's books."""

import csv
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from common.back_office import ReadOnlyAdmin
from common.uploads import UploadField
from profiles.models import User
from verification.registers.reading.books import BadFile, Book

MOST_UPLOADED = 10_000_000


class UploadForm(forms.Form):
    """A file of a book. `command`: what reads one of any size."""

    file = UploadField(most=MOST_UPLOADED, help_text="CSV or XLSX, up to 10 MB.")

    def __init__(self, *args: Any, command: str) -> None:
        super().__init__(*args)
        self.fields["file"].error_messages["too_large"] = (
            f"The file must be 10 MB or smaller. Split it, or read it with “manage.py {command}”."
        )


class ColumnHelp(NamedTuple):
    """A column of a book: its name, what it holds, and its cell in the row that shows how one looks."""

    name: str
    words: str
    example: str


class BookFileAdmin(ReadOnlyAdmin):
    """Files of a book. Adding one reads it at once; the same rows again change nothing."""

    list_select_related = ("uploaded_by",)
    add_words: ClassVar[str]  # the title of the page, and the button that leads to it
    book: ClassVar[Book]
    read: ClassVar[Callable[..., Any]]  # reads an open file and returns what is stored of it. Raises BadFile
    replaced: ClassVar[str]  # the name of its count of rows that replaced a known one, as shown
    most_rows: ClassVar[int]
    permission: ClassVar[str]  # to upload
    explained: ClassVar[str]  # what becomes of rows
    column_help: ClassVar[Sequence[ColumnHelp]]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(self.permission)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", "uploaded_at", "uploaded_by", "added", self.replaced, "unchanged", "refused")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.get_list_display(request), "notes_told", "left_out")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def get_urls(self) -> list[URLPattern]:
        sample = self.admin_site.admin_view(require_safe(self.sample_view))
        return [path("sample/", sample, name=f"{self.opts.model_name}_sample"), *super().get_urls()]

    def sample_view(self, request: HttpRequest) -> HttpResponse:
        """Respond with a file to fill in: the titles of the columns, and a row that shows how one looks."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        name = f"{self.opts.verbose_name_plural}-sample.csv".replace(" ", "-")
        response = HttpResponse(
            "\ufeff", content_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )
        writer = csv.writer(response)
        writer.writerow(column.name for column in self.column_help)
        writer.writerow(column.example for column in self.column_help)
        return response

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = UploadForm(*sent, command=self.book.command)
        if request.method == "POST" and form.is_valid() and (stored := self._read(request, form)):
            address = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return redirect(reverse(address, args=[stored.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": self.add_words,
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "verb": "Upload",
            "explained": (
                f"{self.explained} All visible sheets are read. A file can have up to {self.most_rows:,} rows."
            ),
            "columns": self.column_help,
            "sample_url": reverse(f"admin:{self.opts.model_name}_sample"),
        }
        return render(request, "admin/upload.html", context)

    def _read(self, request: HttpRequest, form: UploadForm) -> Any:
        """Read the uploaded file, and say what became of its rows. Return None if it cannot be read as a whole."""
        upload = form.cleaned_data["file"]
        try:
            read = self.read(upload.file, name=upload.name, by=cast(User, request.user), most_rows=self.most_rows)
        except BadFile as error:
            form.add_error("file", str(error))
            return None
        counts = {"added": read.added, self.replaced: getattr(read, self.replaced), "unchanged": read.unchanged}
        skipped = f"{read.refused:,} row{' was' if read.refused == 1 else 's were'} skipped. See why below."
        if any(counts.values()):
            words = ", ".join(f"{count:,} {name}" for name, count in counts.items())
            self.message_user(request, f"{words}.", messages.SUCCESS)
        else:
            skipped = f"Nothing was saved. {skipped}"
        for note in read.notes:
            self.message_user(request, note, messages.WARNING)
        if read.refused:
            self.message_user(request, skipped, messages.WARNING if any(counts.values()) else messages.ERROR)
        return read

    @admin.display(description="notes")
    def notes_told(self, file: Any) -> str:
        return "\n".join(file.notes) or "None"

    @admin.display(description="skipped rows")
    def left_out(self, file: Any) -> str:
        lines = [f"{place}: {problem}" for place, problem in file.problems]
        if more := file.refused - len(lines):
            lines.append(f"And {more:,} more. Correct these rows first, then upload the file again.")
        return "\n".join(lines) or "None"
