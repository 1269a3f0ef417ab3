from __future__ import annotations

from django.urls import path

from .views import resource

app_name = "dav"
urlpatterns = [
    path("", resource, name="top"),
    path("<path:path>", resource, name="resource"),
]
