"""What the administration's pages of every app are made with."""

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.urls import reverse
from django.utils.html import format_html

from common.keys import key_of


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shown to staff who may view it, and written by nobody here."""

    def get_object(self, request, object_id, from_field=None):
        """The row, or None: to staff who may not view it, it does not exist rather than being refused."""
        row = super().get_object(request, object_id, from_field)
        return row if row and self.has_view_permission(request, row) else None

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class KeySelect(AutocompleteSelect):
    """Django's, for keys that are numbers: what no row can have is answered by the form, where Django's fails."""

    def get_context(self, name, value, attrs):
        # No select may be `required` whose options are fetched as they are typed.
        attrs = {key: value for key, value in (attrs or {}).items() if key != "required"}
        return super().get_context(name, value, attrs)

    def optgroups(self, name, value, attrs=None):
        return super().optgroups(name, [key for key in value if key_of(str(key))], attrs)


class Autocompletes:
    """An admin whose `autocomplete_fields` use KeySelect."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KeySelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ReadOnlyInline(admin.TabularInline):
    """Rows that are looked after elsewhere."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


def change_link(row):
    """`row`'s name, linked to its page here."""
    page = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(page, args=[row.pk]), row)
