from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import path

from benchmarks import unlogged
from marketplace import urls
from marketplace.urls import handler400, handler403, handler404, handler500  # noqa: F401


@login_not_required
def hello(request):
    return HttpResponse("Hello")


urlpatterns = [
    path("hello/", hello),
    path("unlogged/<kind:kind>/<slug:slug>/", unlogged.profile),
    *urls.urlpatterns,
]
