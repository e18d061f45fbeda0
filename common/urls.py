from django.urls import path

from common import views

urlpatterns = [
    path("drafts/<uuid:key>/", views.draft, name="draft"),
    path("drafts/<uuid:key>/discard/", views.discard, name="draft_discard"),
]
