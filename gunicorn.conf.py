"""What gunicorn does however it is started; where it listens and with how many workers is on its command line."""

from __future__ import annotations

from typing import Any

# The app is loaded once, before the workers are made: they share its memory, and start at once.
preload_app = True

# gunicorn would take the scheme, and even the path and SCRIPT_NAME, from headers of whoever comes from this machine.
# Here torbox_web/proxies.py alone decides whom to believe.
forwarded_allow_ips = ""
forwarder_headers = ""


def when_ready(server: Any) -> None:
    """What the first visitor of each worker would otherwise wait for, and each would hold by itself."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    for name in ("torrents/list.html", "torrents/_changes.html", "account/login.html"):
        get_template(name)


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    from torbox_web import memory

    memory.give_back()
