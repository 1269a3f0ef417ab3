"""The address that people enter into their programs, for those who open it in a browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ..calling import READS, line, open_to_all


def _front(request: HttpRequest) -> HttpResponse:
    """Say what this address is for. Some programs look whether anything answers here before they sign in."""
    return line(
        _(
            "Programs that know qBittorrent can connect to this address. Sign in there with your name and an API token."
        )
    )


front = open_to_all(_front, READS)
