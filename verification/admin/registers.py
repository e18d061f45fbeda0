"""The administration of registers and their files, from the upload to putting them in force."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import ManyToManyField, Model, Q, QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from common import drafts
from common.back_office import Autocompletes, ComparingAdmin, ReadOnlyAdmin
from profiles.viewer import SignedInRequest
from verification.admin.register_forms import AgainForm, AgreeForm, MappingForm, UploadForm
from verification.models import Register, RegisterFile
from verification.registers import comparing, in_force, loading, looking_through, matching, tasks, uploads
from verification.registers.health import old_before
from verification.registers.reading import BrokenFile
from verification.registers.tasks import load_file, look_through_file


class AgeFilter(admin.SimpleListFilter):
    """Registers whose data is old, or that have none."""

    title = "age"
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("old", "Older than 6 months, or no file")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        is_old = Q(current=None) | Q(current__as_of__lt=old_before())
        return queryset.filter(is_old) if self.value() == "old" else queryset


class WaitsFilter(admin.SimpleListFilter):
    """Files on which staff have to go on."""

    title = "next step"
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "Waiting for us")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(state__in=RegisterFile.WAITS) if self.value() == "yes" else queryset


@admin.register(Register)
class RegisterAdmin(Autocompletes, ComparingAdmin):
    list_display = ("name", "body", "agency", "state_of", "rows", "is_trusted")
    list_filter = (AgeFilter, "is_trusted", "body")
    list_select_related = ("body", "current")
    search_fields = ("name__has_part", "key", "agency__has_part")
    autocomplete_fields = ("body",)
    prepopulated_fields = {"key": ("name",)}
    fields = ("name", "key", "body", "agency", "types", "is_trusted", "files")
    filter_horizontal = ()
    readonly_fields = ("files",)

    def get_readonly_fields(self, request: HttpRequest, obj: Register | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Register | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else self.prepopulated_fields

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField | None:
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Register | None = None) -> bool:
        """Return False for a register with matches: deleting it would lose what was matched."""
        return super().has_delete_permission(request, obj) and not (obj and obj.matches.exists())

    @admin.display(description="data as of", ordering="current__as_of")
    def state_of(self, register: Register) -> date | str:
        return register.current.as_of if register.current else "No file yet"

    @admin.display(description="rows")
    def rows(self, register: Register) -> int:
        return register.current.rows_stored if register.current else 0

    @admin.display(description="files")
    def files(self, register: Register) -> str:
        if register.pk is None:
            return "Save the register first."
        url = reverse("admin:verification_registerfile_changelist")
        add = reverse("admin:verification_registerfile_add")
        return format_html(
            '<a href="{}?register__id__exact={}">All files</a> · <a href="{}?register={}">Upload a newer file</a>',
            url, register.pk, add, register.pk,
        )  # fmt: skip


@admin.register(RegisterFile)
class RegisterFileAdmin(ReadOnlyAdmin):
    """Files of registers. Adding one uploads it; its page shows the survey, then the progress."""

    add_words = "Upload a register file"
    list_display = ("name", "register", "as_of", "state", "rows_stored", "rows_skipped", "uploaded_at")
    list_filter = (WaitsFilter, "state", "register")
    list_select_related = ("register",)
    search_fields = ("name__has_part", "register__name__has_part")

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("verification.import_register")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_import_permission(request)

    def get_urls(self) -> list[URLPattern]:
        acts = [
            ("map", self.map_view),
            ("again", self.again_view),
            ("restart", self.restart_view),
            ("correct", self.correct_view),
            ("force", self.force_view),
            ("discard", self.discard_view),
            ("take_back", self.take_back_view),
        ]
        act = drafts.act(lambda pk: reverse("admin:verification_registerfile_change", args=[pk]))
        urls = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(act(view)), name=f"registerfile_{name}")
            for name, view in acts
        ]
        report = self.admin_site.admin_view(require_safe(self.report_view))
        return [*urls, path("<int:pk>/report/", report, name="registerfile_report"), *super().get_urls()]

    def _context(self, request: HttpRequest, title: str, **context: Any) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request), "title": title, "opts": self.opts, "media": self.media, **context
        }  # fmt: skip

    def add_view(
        self, request: SignedInRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        initial = {"register": request.GET.get("register", ""), "as_of": timezone.localdate()}
        form = UploadForm(*posted, initial=initial)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            upload = said["file"]
            file = uploads.receive(said["register"], upload, name=upload.name, as_of=said["as_of"], by=request.user)
            look_through_file.enqueue(file.pk)
            return redirect(file.admin_url)
        context = self._context(
            request,
            "Upload a register file",
            form=form,
            verb="Upload",
            explained="We scan the file first. Nothing changes before you map its columns and see what it changes.",
        )
        return render(request, "admin/upload.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        file = self.get_object(request, object_id)
        if file is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined] # Django's
        return self._page(request, file)

    def _page(
        self,
        request: HttpRequest,
        file: RegisterFile,
        mapping: MappingForm | None = None,
        again: AgainForm | None = None,
        agree: AgreeForm | None = None,
    ) -> HttpResponse:
        states = RegisterFile.State
        may_import = self.has_import_permission(request)
        is_ready = file.state == states.READY and may_import
        is_stored = file.state == states.STORED
        reservations = comparing.reservations(file.comparison) if is_stored else []
        context = self._context(
            request,
            f"{file.register}: {file.name}",
            file=file,
            may_import=may_import,
            form=(mapping or MappingForm(file=file)) if is_ready else None,
            again=(again or AgainForm(file=file)) if is_ready else None,
            comparison=file.comparison if is_stored else None,
            reservations=reservations,
            agree=(agree or AgreeForm(reservations=reservations)) if is_stored and may_import else None,
            percent=round(100 * file.share_read),
            is_current=file.register.current_id == file.pk,
            can_be_taken_back=may_import and in_force.can_be_taken_back(file),
            matched=matching.given_by(file).values("certification").distinct(),
        )
        return render(request, "admin/verification/register_file.html", context)

    def _file(self, request: HttpRequest, pk: int) -> RegisterFile:
        """Return the file for staff who may load it, else 404."""
        if not self.has_import_permission(request) or not self.has_view_permission(request):
            raise Http404
        return get_object_or_404(RegisterFile.objects.select_related("register__current", "before"), pk=pk)

    def map_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        file = self._file(request, pk)
        if file.state != RegisterFile.State.READY:
            messages.info(request, "The columns of this file are mapped already.")
            return redirect(file.admin_url)
        form = MappingForm(request.POST, file=file)
        if not form.is_valid():
            return self._page(request, file, mapping=form)
        try:
            if form.has_other_codes:
                looking_through.look_again(file, mapping=form.mapping())
                look_through_file.enqueue(file.pk)
                messages.info(
                    request,
                    "You chose other columns of codes or flags. Select what they stand for, then load the file.",
                )
            else:
                looking_through.start(file, form.mapping())
                load_file.enqueue(file.pk)
        except RegisterFile.NotPossible:
            messages.info(request, "Someone else has started to load this file.")
        return redirect(file.admin_url)

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        file = self._file(request, pk)
        if file.state == RegisterFile.State.READY:
            form = AgainForm(request.POST, file=file)
            if form.is_valid():
                try:
                    looking_through.look_again(file, **form.cleaned_data)
                    look_through_file.enqueue(file.pk)
                except BrokenFile as broken:
                    form.add_error("header_line", str(broken))
                except RegisterFile.NotPossible:
                    messages.info(request, "Someone else changed this file just now.")
            if not form.is_valid():
                return self._page(request, file, again=form)
        return redirect(file.admin_url)

    def force_view(self, request: SignedInRequest, pk: int) -> HttpResponse:
        file = self._file(request, pk)
        if file.state != RegisterFile.State.STORED:
            messages.info(request, "This file is no longer waiting.")
            return redirect(file.admin_url)
        form = AgreeForm(request.POST, reservations=comparing.reservations(file.comparison))
        if not form.is_valid():
            return self._page(request, file, agree=form)
        try:
            self._put_in_force(request, file, agreed=bool(form.cleaned_data.get("agreed")))
        except loading.Outdated as outdated:
            messages.error(request, str(outdated))
        except (in_force.NeedsYes, RegisterFile.NotPossible):
            messages.info(request, "Someone else changed this file just now.")
        return redirect(file.admin_url)

    def _put_in_force(self, request: SignedInRequest, file: RegisterFile, *, agreed: bool) -> None:
        """Put a file in force, or compare it again if its comparison is outdated."""
        try:
            in_force.put_in_force(file, by=request.user, agreed=agreed)
            messages.success(request, "This file is in use now.")
        except in_force.Changed:
            in_force.compare_again(file)
            messages.warning(
                request, "The file in use has changed, so we are comparing again. Check the numbers once more."
            )
        load_file.enqueue(file.pk)

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._act(request, pk, in_force.correct, "Change the columns, then load the file again.")

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._act(request, pk, in_force.discard, "Discarded. This file won't be used.")

    def take_back_view(self, request: SignedInRequest, pk: int) -> HttpResponse:
        file = self._file(request, pk)
        try:
            before = in_force.take_back(file, by=request.user)
        except RegisterFile.NotPossible:
            messages.info(request, "This file is not in use anymore, or the file before it is gone.")
            return redirect(file.admin_url)
        if before is None:
            messages.success(request, "Done. This register has no file in use now.")
            return redirect(file.admin_url)
        load_file.enqueue(before.pk)
        messages.success(request, "The earlier file is in use again, with all of its matches.")
        return redirect(before.admin_url)

    def _act(self, request: HttpRequest, pk: int, act: Callable[[RegisterFile], None], done: str) -> HttpResponse:
        file = self._file(request, pk)
        try:
            act(file)
            messages.success(request, done)
        except RegisterFile.NotPossible:
            messages.info(request, "Someone else changed this file just now.")
        return redirect(file.admin_url)

    def restart_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        file = self._file(request, pk)
        if file.has_stopped and tasks.restart(file):
            messages.success(request, "Restarted.")
        else:
            messages.info(request, "This file is being worked on.")
        return redirect(file.admin_url)

    def report_view(self, request: HttpRequest, pk: int) -> FileResponse:
        file = self._file(request, pk)
        if not file.report:
            raise Http404
        return FileResponse(file.report.open(), as_attachment=True, filename=f"skipped-rows-{file.pk}.csv")
