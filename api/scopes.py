"""What a token may do. It never may do more than the person it belongs to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class Scope(models.TextChoices):
    """A part of what a token may do."""

    # Translators: what an API token may do, in a list: “Read, add”.
    READ = "read", pgettext_lazy("API token", "Read")
    # Translators: what an API token may do, in a list: “Read, add”.
    ADD = "add", pgettext_lazy("API token", "Add")
    # Translators: what an API token may do: pause, tag, and delete torrents.
    MANAGE = "manage", pgettext_lazy("API token", "Manage")
    # Translators: what an API token may do: get download links.
    LINKS = "links", pgettext_lazy("API token", "Links")
    QBITTORRENT = "qbittorrent", "qBittorrent"


class Protocol(models.TextChoices):
    """A way in for programs. API_PROTOCOLS says which are on."""

    REST = "rest", pgettext_lazy("API", "REST API")
    QBITTORRENT = "qbittorrent", "qBittorrent"
    WEBDAV = "webdav", pgettext_lazy("API", "WebDAV, read-only")
