from django.contrib.staticfiles.apps import StaticFilesConfig


class Static(StaticFilesConfig):
    """Static files without htmx's unused extensions, whose bare imports can't be hashed."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "ext"]

    def ready(self) -> None:
        super().ready()
        from . import checks  # noqa: F401 - registers the system checks
