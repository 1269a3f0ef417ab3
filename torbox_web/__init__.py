from .memory import be_frugal

be_frugal()

from .celery import app as celery_app  # noqa: E402 - what it imports should be frugal already

__all__ = ["celery_app"]
