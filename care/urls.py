"""The Status page, and the URLs for programs, which `care.middleware` handles first."""

from django.urls import path

from . import health, metrics
from .status import views as status

app_name = "care"

urlpatterns = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("status/", status.status, name="status"),
    path("metrics", metrics.metrics, name="metrics"),
]
