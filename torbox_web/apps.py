from django.contrib.staticfiles.apps import StaticFilesConfig


class Static(StaticFilesConfig):
    """Static files without what pages don't load: htmx's extensions, its next version, and its readable source.

    The bare imports of the extensions can't be hashed, and compressing the rest takes most of the time of a start.
    """

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "ext", "htm*-4*.js", "htmx-2.js"]

    def ready(self) -> None:
        super().ready()
        from . import checks  # noqa: F401 - registers the system checks
