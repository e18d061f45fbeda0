from django.urls import path

from sourcing import views

app_name = "sourcing"

urlpatterns = [
    path("", views.search, name="search"),
    path("terms/", views.accept_terms, name="terms"),
    path("types/", views.types, name="types"),
]
