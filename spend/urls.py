from django.urls import include, path

from spend.views import overview

app_name = "spend"

patterns = [
    path("", overview.overview, name="overview"),
]
urlpatterns = [path("spend/", include(patterns))]
