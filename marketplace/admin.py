"""The admin: the site's own sign-in guards it, and outside debug staff need a second factor."""

from datetime import MAXYEAR

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import ValidationError
from django.db.models.constants import LOOKUP_SEP
from django.shortcuts import redirect

from common.keys import key_of

# The lookups that a list's filters, its dates and links to it use. Django takes every other one, too, and fails on many
# of them: on a broken pattern, or a function that this database does not have.
PARTS_OF_DAYS = {"year", "month", "day"}
LOOKUPS = {"exact", "in", "isnull", "isempty", "gte", "lt"} | PARTS_OF_DAYS


class AdminSite(admin.AdminSite):
    site_header = "Marketplace administration"
    site_title = "Marketplace administration"
    index_title = "What do you want to look after?"

    def admin_view(self, view, cacheable=False):
        """As Django's, and sends staff without a second factor to set one up before anything is shown."""
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if not settings.DEBUG and self.has_permission(request) and not is_mfa_enabled(request.user):
                return redirect("mfa_activate_totp")
            model_admin = getattr(request.resolver_match.func, "model_admin", None)
            if request.method == "POST" and model_admin:
                _leave_out_impossible_keys(request, model_admin.opts.pk)
            if not all(_can_be_asked(model_admin, request, *asked) for asked in request.GET.lists()):
                return redirect(f"{request.path}?{ERROR_FLAG}=1")  # as Django answers a filter that it cannot read
            return inner(request, *args, **kwargs)

        return guarded

    def logout(self, request, extra_context=None):
        return super().logout(request, extra_context) if request.method == "POST" else redirect("account_logout")

    def login(self, request, extra_context=None):
        return secure_admin_login(super().login)(request, extra_context)


def _can_be_asked(model_admin, request, name, values):
    """Whether a page can be asked for by a parameter of its address."""
    path, is_lookup, lookup = name.rpartition(LOOKUP_SEP)
    if "\0" in "".join(values) or (is_lookup and lookup not in LOOKUPS):
        return False
    if lookup in PARTS_OF_DAYS and not all(0 < key_of(value) < MAXYEAR for value in values):
        return False
    is_list = model_admin and (request.resolver_match.url_name or "").endswith("_changelist")
    return not is_list or _is_offered(path if is_lookup else name, model_admin, request)


def _is_offered(path, model_admin, request):
    """Whether a list offers what an address asks it by: a filter, its dates, or the row that its own rows belong to.

    Django takes every column as well, and hands what is to be compared with one (a list, a number that fits in no
    column) to the database, which fails. What is no column is left to Django.
    """
    if path.split(LOOKUP_SEP)[0] not in {"pk", *(field.name for field in model_admin.opts.get_fields())}:
        return True
    filters = [found[0] if isinstance(found, tuple) else found for found in model_admin.get_list_filter(request)]
    names = {getattr(found, "parameter_name", found) for found in filters}
    owners = {field.name for field in model_admin.opts.concrete_fields if field.is_relation}
    return path.removesuffix(f"{LOOKUP_SEP}id") in names | owners | {model_admin.date_hierarchy}


def _leave_out_impossible_keys(request, key_field):
    """Keep of the rows that are chosen those whose key a row can have: Django's query fails on any other."""
    chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
    possible = [key for key in chosen if _is_possible(key, key_field)]
    if possible != chosen:
        request.POST = request.POST.copy()
        request.POST.setlist(ACTION_CHECKBOX_NAME, possible)


def _is_possible(key, key_field):
    try:
        key_field.clean(key, None)
    except ValidationError:
        return False
    return True
