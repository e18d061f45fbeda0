from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import views as sitemaps
from django.urls import include, path, register_converter

import integrations.urls
from marketplace import accounts, found, probes, views
from profiles.converters import ProfileKind
from profiles.views.signup import SignupView

register_converter(ProfileKind, "kind")

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/signup/", SignupView.as_view(), name="account_signup"),
    path("accounts/notifications/", accounts.notifications, name="notifications"),
    path("accounts/sessions/", accounts.sign_out_elsewhere, name="sign_out_elsewhere"),
    path("accounts/delete/", accounts.delete_account, name="delete_account"),
    # Not all of allauth: its pages about providers would link an account to any of them.
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/", include(integrations.urls.account_patterns)),
    path("admin/", admin.site.urls),
    path("", include("common.urls")),
    path("", include("impact.urls")),
    path("", include("sourcing.urls")),
    path("", include("spend.urls")),
    path("api/v1/", include("integrations.api.urls")),
    path("", include("integrations.urls")),
    path("", include("verification.urls")),  # first: "outcomes" is no type of certification
    path("", include("certifications.urls")),
    path("", include("profiles.urls")),
    path(".well-known/security.txt", found.security, name="security"),
    path("robots.txt", found.robots, name="robots"),
    path(
        "sitemap.xml",
        login_not_required(sitemaps.index),
        {"sitemaps": found.PARTS, "sitemap_url_name": "sitemap_part"},
        name="sitemap",
    ),
    path(
        "sitemap-<slug:section>.xml",
        login_not_required(sitemaps.sitemap),
        {"sitemaps": found.PARTS},
        name="sitemap_part",
    ),
    path("healthz", probes.alive, name="alive"),
    path("readyz", probes.ready, name="ready"),
    path("terms/", views.terms, name="terms"),
    path("privacy/", views.privacy, name="privacy"),
    path("talent/", views.directory, name="directory"),
    path("<kind:kind>/<slug:slug>/", views.profile, name="profile"),
    path("<kind:kind>/<slug:slug>/preview/", views.preview, name="preview"),
]
if settings.DEBUG:
    from devtools.demo.urls import urlpatterns as demo_urlpatterns

    urlpatterns = [*demo_urlpatterns, *urlpatterns]  # first: the sign-in page is allauth's with the demo's accounts

handler400 = "marketplace.views.bad_request"
handler403 = "marketplace.views.permission_denied"
handler404 = "marketplace.views.not_found"
handler500 = "marketplace.views.server_error"
