from django.urls import path

from integrations.api.document import openapi
from integrations.api.site import api

urlpatterns = [path("openapi.json", openapi, name="openapi"), path("", api.urls)]
