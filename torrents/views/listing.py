"""The list, its live updates, and one torrent."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import replace_url, trigger_client_event

from accounts.http import MemberRequest
from accounts.models import TorBoxAccount

from .. import polling, tasks
from ..forms import AddForm
from ..freshness import freshness
from ..listing import PAGE_SIZE, TorrentListing
from ..models import Torrent
from ..services import refreshing, reporting
from ..services.pruning import REMOVED_KEPT
from .coming_back import list_url


@require_GET
@vary_on_headers("HX-Request")
def list_(request: MemberRequest) -> HttpResponse:
    listing = TorrentListing(request.user, request.GET)
    refreshing.look(listing.accounts, moving=listing.moving)
    for account in listing.accounts:
        if account.refreshed_at is None and not account.needs_key:
            tasks.hint(tasks.refresh_account, account.pk)
    _tell_reports(request)
    if request.htmx:  # the search, which replaces the list
        return replace_url(render(request, "torrents/_found.html", _context(listing)), listing.url)
    addable = TorBoxAccount.objects.addable_by(request.user).with_sharing()
    context = _context(listing) | {"form": AddForm(addable), "can_add": bool(addable), "nav": "torrents"}
    return render(request, "torrents/list.html", context)


@require_GET
def changes(request: MemberRequest) -> HttpResponse:
    """204 while nothing is newer than `since`, else the whole list again, to be morphed in place."""
    since = request.GET.get("since")
    if polling.is_unchanged(request.user, since):
        return HttpResponse(status=204)
    listing = TorrentListing(request.user, request.GET)
    refreshing.look(listing.accounts, moving=listing.moving)
    if listing.cursor == since:
        return HttpResponse(status=204)
    _tell_reports(request)
    return render(request, "torrents/_changes.html", _context(listing))


@require_POST
def refresh(request: MemberRequest) -> HttpResponse:
    """Ask TorBox for everything anew, past its cache; at most every few seconds for each account."""
    for account in TorBoxAccount.objects.visible_to(request.user):
        wait = refreshing.refresh_now(account)
        if wait > 0:
            messages.info(request, f"{account.label} was read just now. Again in {int(wait) + 1} s.")
    if not request.htmx:
        return redirect(list_url(request))
    context = _context(TorrentListing(request.user, request.GET)) | {"oob": True}
    return trigger_client_event(render(request, "torrents/_freshness.html", context), "list-changed")


@require_POST
def refresh_one(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask TorBox about this one by its id, past its cache."""
    torrent = visible_torrent(request, pk)
    refreshing.refresh_one(torrent, somebody_waits=True)
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "list-changed")
    return redirect(torrent)


@require_GET
def deleted(request: MemberRequest) -> HttpResponse:
    """What was deleted lately, to be added again from what we kept."""
    rows = Torrent.objects.on_visible_accounts(request.user).removed().for_display(request.user)
    page = Paginator(rows.order_by("-removed_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "days": REMOVED_KEPT.days,
        "nav": "torrents",
        "previous_url": f"?page={page.number - 1}" if page.has_previous() else "",
        "next_url": f"?page={page.number + 1}" if page.has_next() else "",
    }
    return render(request, "torrents/deleted.html", context)


def visible_torrent(request: MemberRequest, pk: int) -> Torrent:
    """The torrent if the person may see it; anything else does not exist."""
    return get_object_or_404(Torrent.objects.visible_to(request.user).for_display(request.user), pk=pk)


def _tell_reports(request: MemberRequest) -> None:
    for went_well, sentence in reporting.reports(request.user):
        (messages.success if went_well else messages.warning)(request, sentence)


def _context(listing: TorrentListing) -> dict[str, object]:
    return {
        "listing": listing,
        "accounts": listing.accounts,
        "freshness": freshness(listing.accounts, moving=listing.moving, worker_at=listing.worker_at),
    }
