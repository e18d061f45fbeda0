from django.urls import include, path

from verification.views import documents, outcomes

app_name = "verification"

record_patterns = [
    path("documents/", documents.attach, name="attach"),
    path("documents/<uuid:key>/delete/", documents.detach, name="detach"),
    path("documents/<uuid:key>/keep/", documents.keep, name="keep"),
    path("appeal/", documents.appeal, name="appeal"),
]
urlpatterns = [
    path("help/certifications/outcomes/", outcomes.outcomes, name="outcomes"),
    path("documents/<uuid:key>/", documents.document, name="document"),
    path("documents/<uuid:key>/pages/<int:number>/", documents.document_page, name="document_page"),
    path("<kind:kind>/<slug:slug>/certifications/<int:pk>/", include(record_patterns)),
]
