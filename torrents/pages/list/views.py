"""The list, its live updates, and the deleted torrents."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import replace_url, trigger_client_event

from accounts import services as accounts
from accounts.http import MemberRequest
from accounts.models import TorBoxAccount
from accounts.toasts import usage_offer
from localization.formats import duration
from torrents import queueing
from torrents.access import visible_torrent
from torrents.formatting import name_in_text
from torrents.models import Torrent
from torrents.operations import KEEP
from torrents.reasons import Reason
from torrents.services.actions import batch_results
from torrents.services.actions.batch_results import BatchResult
from torrents.services.sync import refreshing
from torrents.services.upkeep.pruning import REMOVED_KEPT

from ..add.form import OfferedAccounts
from ..return_url import list_url
from ..url_cache import detail_url
from . import poll, row_actions
from .bulk_text import result_text
from .filter_row import filter_row
from .freshness import freshness
from .page import PAGE_SIZE, TorrentListing

ROWS_GO_HERE = b"<!--rows-->"  # names and searches are escaped, so none of them can be this


@require_safe
@vary_on_headers("HX-Request")
def list_(request: MemberRequest) -> HttpResponse:
    """Show the list, or only the parts of it that a search changes."""
    listing = TorrentListing.opened(request.user, request.GET)
    refreshing.look(listing.accounts, moving=listing.moving)
    for account in listing.accounts:
        if account.refreshed_at is None and not account.needs_key:
            queueing.enqueue_on_commit("refresh_account", account.pk)
    _report_batches(request)
    if request.htmx:  # the search, which replaces the list
        return replace_url(_rendered(request, "torrents/_found.html", listing), listing.url)
    offered = OfferedAccounts.of(listing.addable)
    more = {"offered": offered, "can_add": bool(offered.names), "nav": "torrents"}
    return _rendered(request, "torrents/list.html", listing, **more)


@require_safe
def changes(request: MemberRequest) -> HttpResponse:
    """Return 204 if nothing is newer than `since`, else the whole list, to be morphed in place."""
    since = request.GET.get("since")
    if poll.is_unchanged(request.user, since):
        return HttpResponse(status=204)
    listing = TorrentListing(request.user, request.GET)
    refreshing.look(listing.accounts, moving=listing.moving)
    if listing.cursor == since:
        return HttpResponse(status=204)
    _report_batches(request)
    return _rendered(request, "torrents/_changes.html", listing)


@require_POST
def show_speed(request: MemberRequest) -> HttpResponse:
    """Show or hide the column with speeds, as `shown` says, on every list of this person."""
    accounts.show_speed(request.user, shown=bool(request.POST.get("shown")))
    return redirect(list_url(request))


@require_safe
def menu(request: MemberRequest, pk: int) -> HttpResponse:
    """Return the items of a torrent's menu. A row gets them when it is about to show them."""
    return HttpResponse(row_actions.items(visible_torrent(request, pk), request.user))


@require_POST
def refresh(request: MemberRequest) -> HttpResponse:
    """Refresh every account past TorBox's cache, each at most every few seconds."""
    for account in TorBoxAccount.objects.visible_to(request.user):
        wait = refreshing.refresh_now(account)
        if wait > 0:
            words = _("%(account)s was just refreshed. Try again in %(time)s.")
            name = name_in_text(account.label)
            messages.info(request, words % {"account": name, "time": duration(int(wait) + 1)})
    if not request.htmx:
        return redirect(list_url(request))
    context = _context(TorrentListing(request.user, request.GET)) | {"oob": True}
    return trigger_client_event(render(request, "torrents/_freshness.html", context), "list-changed")


@require_POST
def refresh_one(request: MemberRequest, pk: int) -> HttpResponse:
    """Refresh one torrent by its id, past TorBox's cache."""
    torrent = visible_torrent(request, pk)
    refreshing.refresh_one(torrent, somebody_waits=True)
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "list-changed")
    return redirect(detail_url(torrent))


@require_safe
def deleted(request: MemberRequest) -> HttpResponse:
    """List recently deleted torrents, which can be added again."""
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


def _report_batches(request: MemberRequest) -> None:
    for result in batch_results.unreported(request.user):
        level = messages.WARNING if result.failed else messages.SUCCESS
        messages.add_message(request, level, result_text(result), extra_tags=_usage_offer(request, result))


def _usage_offer(request: MemberRequest, result: BatchResult) -> str:
    """Return the extra tag that links to AirLock's gauge if TorBox didn't keep torrents of the user's own account."""
    refused = result.operation == KEEP and any(why.reason == Reason.REFUSED for why in result.failures)
    if not refused or len(result.accounts) != 1:
        return ""
    account = TorBoxAccount.objects.filter(pk=result.accounts[0], owner=request.user).first()
    return usage_offer(reverse("torrents:usage", args=[account.pk])) if account else ""


def _rendered(request: MemberRequest, template: str, listing: TorrentListing, **more: object) -> HttpResponse:
    """Render a page with the list, and put in its rows as bytes.

    One emoji in a name makes every character of a text take four bytes, and templates copy their text several times.
    """
    shown = {"filter_row": filter_row(listing)} | more
    response = render(request, template, _context(listing) | shown)
    response.content = response.content.replace(ROWS_GO_HERE, listing.rows_markup, 1)
    return response


def _context(listing: TorrentListing) -> dict[str, object]:
    return {
        "listing": listing,
        "accounts": listing.accounts,
        "freshness": freshness(listing.accounts, moving=listing.moving, worker_at=listing.worker_at),
    }
