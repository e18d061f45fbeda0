from django.conf import settings
from django.contrib import admin
from django.urls import include, path, register_converter

from marketplace import views
from profiles.converters import ProfileKind
from profiles.views.signup import SignupView

register_converter(ProfileKind, "kind")

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/signup/", SignupView.as_view(), name="account_signup"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("common.urls")),
    path("", include("impact.urls")),
    path("", include("sourcing.urls")),
    path("", include("verification.urls")),  # first: "outcomes" is no type of certification
    path("", include("certifications.urls")),
    path("", include("profiles.urls")),
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
