"""What programs ask. They are answered by `care.middleware` already; here the addresses have their names."""

from django.urls import path

from . import health, metrics

app_name = "care"

urlpatterns = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
]
