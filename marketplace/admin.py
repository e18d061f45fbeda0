"""The admin: the site's own sign-in guards it, and outside debug staff need a second factor."""

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin
from django.shortcuts import redirect


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
            return inner(request, *args, **kwargs)

        return guarded

    def logout(self, request, extra_context=None):
        return super().logout(request, extra_context) if request.method == "POST" else redirect("account_logout")

    def login(self, request, extra_context=None):
        return secure_admin_login(super().login)(request, extra_context)
