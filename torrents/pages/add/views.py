"""Preview and add torrents from a paste, an upload, a share, or a link."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.http import MemberRequest
from accounts.models import TorBoxAccount
from torbox import magnet_scanner, magnets
from torrents.services.actions import choosing, looking_up, paste_scans, placing, previewing, torrent_links
from torrents.tags_in_use import tags_in_use

from .form import AddForm
from .preview import PreviewPage, filled_row, outcome
from .target_text import offer


@require_POST
def preview(request: MemberRequest) -> HttpResponse:
    """Show what an add would do. The field `link` is one whole link from a browser (static/js/handed-link.js)."""
    if "link" in request.POST:
        return _preview(
            request, AddForm(_accounts(request), _data(magnet_scanner.whole_links(request.POST["link"])))
        )
    return _preview(request, AddForm(_accounts(request), request.POST, request.FILES))


@require_safe
def preview_line(request: MemberRequest, info_hash: str) -> HttpResponse:
    """Return a row of the preview, looked up on the BitTorrent network. 204 leaves the row unchanged."""
    accounts = TorBoxAccount.objects.visible_to(request.user)
    named = request.GET.get("account", "")
    account = accounts.filter(pk=named).first() if named.isdecimal() and len(named) < 19 else accounts.first()
    try:
        magnet = magnets.parse(info_hash)
    except magnets.InvalidMagnet:
        account = None
    if account is None:
        raise Http404
    known = looking_up.fill_in(account, magnet.info_hash)
    if known is None:
        return HttpResponse(status=204)
    row = filled_row(magnet.info_hash, request.GET.get("name", "")[:200], known)
    return render(request, "torrents/_preview_row.html", {"row": row})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Add torrents. A link with `?url=` or `?text=` only shows the preview."""
    if request.method != "POST":
        return _linked(request)
    form = AddForm(_accounts(request), request.POST, request.FILES)
    if not form.is_valid():
        template = "torrents/_preview.html" if request.htmx else "torrents/add.html"
        context = {"form": form, "known_tags": _known_tags(request), "nav": "torrents"}
        return render(request, template, context, status=422)
    found = _understood(request, form)
    placed = placing.place(
        person=request.user,
        found=found,
        options_for=form.options_for,
        named=form.named,
        promised=form.promised,
        uncached=form.uncached,
    )
    if placed.result is None:
        return _nowhere_to_add(request)
    for level, sentence in outcome(placed.result, placed.plan, found):
        messages.add_message(request, level, sentence)
    return _added(request)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: MemberRequest) -> HttpResponse:
    """Show the preview of what a phone shares with the installed app. Without a CSRF token, nothing is added."""
    if request.method != "POST":
        return redirect("torrents:add")
    url = magnet_scanner.whole_links(request.POST.get("url", ""))
    text = "\n".join(filter(None, (request.POST.get("text", ""), url)))
    return _preview(request, AddForm(_accounts(request), _data(text), request.FILES))


def _linked(request: MemberRequest) -> HttpResponse:
    text = _handed_over(request)
    if text.strip():
        return _preview(request, AddForm(_accounts(request), _data(text)))
    context = {"form": AddForm(_accounts(request)), "known_tags": _known_tags(request), "nav": "torrents"}
    return render(request, "torrents/add.html", context)


def _handed_over(request: MemberRequest) -> str:
    """Return the text in the query. Some programs put a magnet into `url` without escaping its `&` and `?`."""
    query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace").decode("utf-8", "replace")
    _, raw, rest = query.partition("url=magnet:?")
    text = f"magnet:?{rest}" if raw else request.GET.get("url", "")
    return magnet_scanner.whole_links(text) or request.GET.get("text", "")


def _preview(request: MemberRequest, form: AddForm) -> HttpResponse:
    found = _understood(request, form)
    asked = (form.named or choosing.first_to_ask(form.accounts)) if form.is_valid() else None
    shown = previewing.preview(person=request.user, account=asked, found=found)
    all_cached = bool(shown.new) and all(line.cached for line in shown.new)
    target = choosing.target(
        person=request.user,
        accounts=form.accounts,
        hashes=[line.new_torrent.magnet.info_hash for line in shown.new],
        named=form.named,
        all_cached=all_cached,
    )
    template = "torrents/_preview.html" if request.htmx else "torrents/preview.html"
    context = {
        "preview": PreviewPage(shown, form, target),
        "target": target,
        "offer": offer(target),
        "form": form,
        "known_tags": _known_tags(request),
        "nav": "torrents",
    }
    return render(request, template, context)


def _added(request: MemberRequest) -> HttpResponse:
    """Return to the list. On the list itself, clear the form and reload the list."""
    if not request.htmx:
        return redirect("torrents:list")
    if (request.htmx.current_url_abs_path or "/").split("?")[0] != reverse("torrents:list"):
        return HttpResponseClientRedirect(reverse("torrents:list"))
    context = {"form": AddForm(_accounts(request)), "can_add": True}
    return trigger_client_event(render(request, "torrents/_added.html", context), "list-changed")


def _accounts(request: MemberRequest) -> list[TorBoxAccount]:
    return list(TorBoxAccount.objects.addable_by(request.user).with_sharing())


def _known_tags(request: MemberRequest) -> list[str]:
    return [tag for tag, _uses in tags_in_use(request.user)]


def _data(text: str) -> MultiValueDict[str, object]:
    """Return the form data of a pasted `text` with default options."""
    return MultiValueDict({"text": [text]})


def _nowhere_to_add(request: MemberRequest) -> HttpResponse:
    if request.user.is_guest:
        messages.error(
            request,
            _("Nothing was added. Guests can only view and download torrents that are shared with them."),
        )
        return redirect("torrents:list")
    messages.error(request, _("Nothing was added. Connect a TorBox account first."))
    return redirect("accounts:connect")


def _understood(request: MemberRequest, form: AddForm) -> previewing.FoundTorrents:
    if not form.is_valid():
        return previewing.FoundTorrents()
    fetch = partial(torrent_links.fetch_links, request.user, known=form.fetched) if form.accounts else None
    scan = paste_scans.scan(request.user, form.cleaned_data["text"])
    return previewing.understand(scan, form.all_files, form.without, fetch)
