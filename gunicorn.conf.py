"""Configure gunicorn for every way of starting it. The number of workers is on its command line."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import Any

from django.conf import settings

from torbox_web.env import UNUSABLE
from torbox_web.parse import in_brackets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "torbox_web.settings")
try:
    bind = f"{in_brackets(settings.BIND)}:{settings.PORT}"
except UNUSABLE as error:
    sys.exit(str(error))  # gunicorn would print a traceback

# Load the app once, before the workers fork. They share its memory and start at once.
preload_app = True

# gunicorn would accept the scheme, and even the path and SCRIPT_NAME, from headers of any client on this machine.
# Only torbox_web/http/proxies.py decides which proxies to trust.
forwarded_allow_ips = ""
forwarder_headers = ""


def when_ready(server: Any) -> None:
    """Load URLs and templates before the workers fork, so that first visitors don't wait and workers share them."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    if "rest" in settings.API_PROTOCOLS:
        import_module("api.v1.urls")  # 14 MB, which each worker would otherwise have for itself
    for name in ("torrents/list.html", "torrents/_changes.html", "account/login.html"):
        get_template(name)


def post_worker_init(worker: Any) -> None:
    """Limit database waits for pages, and answer programs that wait for changes before the process ends.

    A Celery worker or a migration may wait for a lock.
    """
    from api.v1.waiting import ENDING
    from torbox_web.postgresql import base

    base.DatabaseWrapper.limits = base.WEB
    end = signal.getsignal(signal.SIGTERM)

    def end_with_answers(number: int, frame: Any) -> None:
        ENDING.set()
        if callable(end):
            end(number, frame)

    signal.signal(signal.SIGTERM, end_with_answers)


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    """Return freed memory to the system."""
    from torbox_web.queue import malloc

    malloc.give_back()
