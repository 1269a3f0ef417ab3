from .queue.malloc import be_frugal

be_frugal()

from .celery import app as celery_app  # noqa: E402 - be_frugal() has to run before these imports

__all__ = ["celery_app"]
