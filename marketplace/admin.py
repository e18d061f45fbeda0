"""The administration: the site's own sign-in guards it, and outside DEBUG staff need a second factor."""

from collections.abc import Callable
from datetime import MAXYEAR
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import ValidationError
from django.db.models import Field
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import ResolverMatch

from common.keys import key_of
from marketplace import start_page, time_zones

# The lookups that a list's filters, its dates and links to it use. Django takes every other one, too, and fails on many
# of them: on a broken pattern, or a function that this database does not have.
PARTS_OF_DAYS = {"year", "month", "day"}
LOOKUPS = {"exact", "in", "isnull", "isempty", "gte", "lt"} | PARTS_OF_DAYS


class AdminSite(admin.AdminSite):
    site_header = "Marketplace administration"
    site_title = "Marketplace administration"
    index_title = "Start page"
    site_url = "/"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the menu by subject; for one app, Django's own list of it."""
        apps = super().get_app_list(request, app_label)
        return apps if app_label else start_page.by_subject(request, apps)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return Django's context, and in words the zone in which times are told."""
        return {**super().each_context(request), "zone": time_zones.words()}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Show what waits for this person, and the menus."""
        return super().index(request, {**(extra_context or {}), "work": start_page.work(request)})

    def admin_view(
        self, view: Callable[..., HttpResponseBase], cacheable: bool = False
    ) -> Callable[..., HttpResponseBase]:
        """Guard a page as Django does. Staff without a second factor set one up before anything is shown."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not settings.DEBUG and self.has_permission(request) and not is_mfa_enabled(request.user):
                return redirect("mfa_activate_totp")
            model_admin = getattr(_match(request).func, "model_admin", None)
            if request.method == "POST" and model_admin:
                _leave_out_impossible_keys(request, model_admin.opts.pk)
            if not all(_can_be_asked(model_admin, request, *asked) for asked in request.GET.lists()):
                return redirect(f"{request.path}?{ERROR_FLAG}=1")  # as Django answers a filter that it cannot read
            return inner(request, *args, **kwargs)

        return guarded

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        return super().logout(request, extra_context) if request.method == "POST" else redirect("account_logout")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        return secure_admin_login(super().login)(request, extra_context)


def _match(request: HttpRequest) -> ResolverMatch:
    return cast(ResolverMatch, request.resolver_match)  # set before a view is called


def _can_be_asked(model_admin: ModelAdmin | None, request: HttpRequest, name: str, values: list[str]) -> bool:
    """Return True if a page accepts a parameter of its address."""
    path, is_lookup, lookup = name.rpartition(LOOKUP_SEP)
    if "\0" in "".join(values) or (is_lookup and lookup not in LOOKUPS):
        return False
    if lookup in PARTS_OF_DAYS and not all(0 < key_of(value) < MAXYEAR for value in values):
        return False
    if model_admin is None or not (_match(request).url_name or "").endswith("_changelist"):
        return True
    return _is_offered(path if is_lookup else name, model_admin, request)


def _is_offered(path: str, model_admin: ModelAdmin, request: HttpRequest) -> bool:
    """Return True if a list offers this lookup: a filter, its dates, or the row that its own rows belong to.

    Django also accepts every column, and passes the value (a list, a number that fits in no column) to the database,
    which fails. A name that is not a column is left to Django.
    """
    if path.split(LOOKUP_SEP)[0] not in {"pk", *(field.name for field in model_admin.opts.get_fields())}:
        return True
    filters = [found[0] if isinstance(found, tuple) else found for found in model_admin.get_list_filter(request)]
    names = {getattr(found, "parameter_name", found) for found in filters}
    owners = {field.name for field in model_admin.opts.concrete_fields if field.is_relation}
    return path.removesuffix(f"{LOOKUP_SEP}id") in names | owners | {model_admin.date_hierarchy}


def _leave_out_impossible_keys(request: HttpRequest, key_field: Field) -> None:
    """Keep only the selected rows whose key can exist: Django's query fails on any other."""
    chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
    possible = [key for key in chosen if _is_possible(key, key_field)]
    if possible != chosen:
        request.POST = request.POST.copy()
        request.POST.setlist(ACTION_CHECKBOX_NAME, possible)


def _is_possible(key: str, key_field: Field) -> bool:
    try:
        key_field.clean(key, None)
    except ValidationError:
        return False
    return True
