"""The parts that the administration's pages of all apps are made of."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import connection
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import BaseInlineFormSet, ModelChoiceField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list

from common.forms import OpenedForm
from common.keys import key_of


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that staff with the permission may view, and that no one edits here."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row, or None: for staff who may not view it, it does not exist (404 instead of 403)."""
        row = super().get_object(request, object_id, from_field)
        return row if row and self.has_view_permission(request, row) else None

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class UncountedList(ChangeList):
    """A list that offers to show all rows only where it shows some. Django does always, unless it counts all."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count


class UncountedRows(BaseModelAdmin):
    """A mixin for admins of so many rows that counting all of them beside those found takes too long."""

    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return UncountedList


class ComparingFields(BaseModelAdmin):
    """A mixin for admins and inlines: of two people who edit a row at once neither loses anything, see OpenedForm."""

    form = OpenedForm

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Return the fieldsets, with the form's hidden field where the row can be changed."""
        (title, first), *others = super().get_fieldsets(request, obj)
        hidden = ["opened"] if obj and self.has_change_permission(request, obj) else []
        shown = [name for name in first["fields"] if name != "opened"]
        return [(title, {**first, "fields": [*shown, *hidden]}), *others]


# A request holds at most 500 fields, and a row takes five or more. A request that claims thousands of rows would keep
# the server busy for half a minute.
MOST_ROWS = 100


class EditedInline(ComparingFields, admin.StackedInline):
    """Rows that staff edit on the page of another row."""

    extra = 0
    max_num = MOST_ROWS

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        return super().get_formset(request, obj, absolute_max=MOST_ROWS, **kwargs)


class ComparingAdmin(ComparingFields, admin.ModelAdmin):
    """Rows that staff edit."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row. While it is being saved no one else changes it."""
        row = super().get_object(request, object_id, from_field)
        if row and request.method == "POST" and connection.in_atomic_block:
            row.refresh_from_db(from_queryset=self.model._default_manager.select_for_update())
        return row

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and form.taken_over:
            names = get_text_list(form.taken_over_labels, "and")
            self.message_user(request, f"Kept what someone else changed meanwhile: {names}.", messages.INFO)


class OpenFilter(admin.SimpleListFilter):
    """Rows that wait until someone closes them (`closed_at`), and those that were closed."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("open", "Open"), ("closed", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "open":
                return queryset.filter(closed_at=None)
            case "closed":
                return queryset.exclude(closed_at=None)
        return queryset


class HappenedFilter(admin.EmptyFieldListFilter):
    """Rows to which something has happened, by the column of its moment, and those to which it hasn't."""

    def __init__(self, field: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(field, *args, **kwargs)
        self.title = field.verbose_name.removesuffix(" at")

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        for choice in super().choices(changelist):
            words = choice["display"].replace("Not empty", "Yes").replace("Empty", "No")  # a count may follow
            yield choice | {"display": words}


class KeySelect(AutocompleteSelect):
    """Django's widget for numeric keys. The form rejects a key that no row can have; Django's own fails on it."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        # No select may be `required` whose options are fetched as they are typed.
        attrs = {key: value for key, value in (attrs or {}).items() if key != "required"}
        return super().get_context(name, value, attrs)

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list:
        return super().optgroups(name, [key for key in value if key_of(str(key))], attrs)


class Autocompletes(BaseModelAdmin):
    """A mixin for admins: their `autocomplete_fields` use KeySelect."""

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KeySelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ReadOnlyInline(admin.TabularInline):
    """Rows on a page of the administration that are edited elsewhere."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def change_link(row: Model) -> SafeString:
    """Return the name of `row`, linked to its page in the administration."""
    page = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(page, args=[row.pk]), row)
