"""The admin: the site's own sign-in guards it, and outside debug staff need a second factor."""

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import ValidationError
from django.db.models.constants import LOOKUP_SEP
from django.shortcuts import redirect

# The lookups that a list's filters and dates use. Django takes every other one, too, and fails on many of them: on a
# broken pattern, or a function that this database does not have.
LOOKUPS = {"exact", "in", "isnull", "isempty", "gte", "lt", "year", "month", "day"}


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
            if not all(_can_be_asked(name, values) for name, values in request.GET.lists()):
                return redirect(f"{request.path}?{ERROR_FLAG}=1")  # as Django answers a filter that it cannot read
            return inner(request, *args, **kwargs)

        return guarded

    def logout(self, request, extra_context=None):
        return super().logout(request, extra_context) if request.method == "POST" else redirect("account_logout")

    def login(self, request, extra_context=None):
        return secure_admin_login(super().login)(request, extra_context)


def _can_be_asked(name, values):
    """Whether a list can be asked for by a parameter of an address."""
    _, is_lookup, lookup = name.rpartition(LOOKUP_SEP)
    return (not is_lookup or lookup in LOOKUPS) and "\0" not in "".join(values)


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
