"""What makes the site an app of the device: manifest, service worker, and the page that it shows without a network."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

GREEN, PAPER = "#0b7a5b", "#f6f5f1"


@login_not_required
@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """Name, icons, and where text, links and .torrent files go that a phone shares."""
    facts = {
        "id": reverse("torrents:list"),
        "name": "TorBox Web",
        "short_name": "TorBox",
        "description": "Paste magnets, watch one list, download with one click.",
        "start_url": reverse("torrents:list"),
        "scope": reverse("torrents:list"),
        "display": "standalone",
        "theme_color": GREEN,
        "background_color": PAPER,
        "icons": [_icon(192), _icon(512), _icon(512, "maskable-", "maskable")],
        "shortcuts": [{"name": "Add torrents", "url": reverse("torrents:add")}],
        "share_target": _share_target(),
    }
    return JsonResponse(facts, content_type="application/manifest+json")


@login_not_required
@never_cache
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The cache is named after the static files, so that a new version starts with a new one."""
    version = getattr(staticfiles_storage, "manifest_hash", "")
    context = {"version": version, "static_url": settings.STATIC_URL}
    return render(request, "service-worker.js", context, content_type="text/javascript")


@login_not_required
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the service worker; the same for everybody, so it knows nobody."""
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
