"""Make the site installable: its manifest, its service worker, and the page shown without a network."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from localization import locales

GREEN, PAPER = "#0b7a5b", "#f6f5f1"


@login_not_required
@cache_control(no_cache=True)
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Return the names, the icons, and where a device sends the text, links, and .torrent files people share.

    Browsers request it without cookies, so its address says the language.
    """
    if request.GET.get("language") in dict(settings.LANGUAGES):
        locales.activate(request.GET["language"])
    facts = {
        "id": reverse("torrents:list"),
        "lang": locales.tag(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "name": "TorBox Web",
        "short_name": "TorBox",
        "description": _("Add magnet links to TorBox, follow your torrents, and download them."),
        "start_url": reverse("torrents:list"),
        "scope": reverse("torrents:list"),
        "display": "standalone",
        "theme_color": GREEN,
        "background_color": PAPER,
        "icons": [_icon(192), _icon(512), _icon(512, "maskable-", "maskable")],
        "shortcuts": [{"name": _("Add torrents"), "url": reverse("torrents:add")}],
        "share_target": _share_target(),
    }
    return JsonResponse(facts, content_type="application/manifest+json")


@login_not_required
@never_cache
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker. Its cache is named after the static files, so each version starts with a new one."""
    version = getattr(staticfiles_storage, "manifest_hash", "")
    context = {"version": version, "static_url": settings.STATIC_URL, "language": locales.tag()}
    return render(request, "service-worker.js", context, content_type="text/javascript")


@login_not_required
@cache_control(no_cache=True)
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Return the page that the service worker keeps. It is the same for everyone, so it names no one."""
    return HttpResponse(render_to_string("offline.html"))


def _icon(size: int, prefix: str = "", purpose: str = "any") -> dict[str, str]:
    source = static(f"img/icon-{prefix}{size}.png")
    return {"src": source, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _share_target() -> dict[str, object]:
    files = [{"name": "files", "accept": [".torrent", "application/x-bittorrent"]}]
    return {
        "action": reverse("torrents:share"),
        "method": "POST",
        "enctype": "multipart/form-data",
        "params": {"title": "title", "text": "text", "url": "url", "files": files},
    }
