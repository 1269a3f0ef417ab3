from __future__ import annotations

from django.urls import path

from .views import resource

urlpatterns = [
    path("dav/", resource, name="dav"),
    path("dav/<path:path>", resource, name="dav_resource"),
]
