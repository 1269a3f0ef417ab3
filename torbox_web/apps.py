from django.contrib.staticfiles.apps import StaticFilesConfig


class Static(StaticFilesConfig):
    """Static files without the htmx extensions nobody loads: their bare imports cannot be hashed."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "ext"]

    def ready(self) -> None:
        super().ready()
        from . import checks  # noqa: F401 - registers the system checks
