"""The tools: look up a torrent, check the cache, and control all torrents."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

import torbox
from accounts.http import MemberRequest
from accounts.models import TorBoxAccount
from accounts.names import normalized
from accounts.reauthentication import reauthentication_required_then
from localization.bidi import isolated_text
from localization.formats import number
from torbox import magnet_scanner, magnets, torrentfiles
from torbox.sanitize import is_blank
from torrents.folding import path_key
from torrents.formatting import short_hash
from torrents.operations import DELETE, FOR_ALL
from torrents.services.actions import cache_check, controlling, looking_up
from torrents.skip_reason_text import skip_sentence

from ..list.bulk import undo_url
from .everything_text import result_sentence
from .forms import CheckForm, LookupForm

MAX_REASONS = 20
NO_ACCOUNT = _("Connect a TorBox account first. TorBox only answers requests with an API key.")
NO_ANSWER = _("TorBox isn’t responding. Try again in a moment.")
KEY_REJECTED = _("TorBox rejected the API key of this account. Its owner can enter a new one.")
THROTTLED = _("Too many requests to TorBox. Wait a minute and try again.")
REFUSED = _("TorBox refused this request.")
UNREADABLE = _("TorBox sent a response we can’t read. Try again in a moment.")


@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: MemberRequest) -> HttpResponse:
    """Look up a torrent. A link with `?hash=`, such as that of a preview row, does so at once."""
    data = request.POST if request.method == "POST" else request.GET if "hash" in request.GET else None
    form = LookupForm(data, request.FILES if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "info": None, "problem": "", "add_text": ""}
    if form.is_bound and form.is_valid():
        context |= _looked_up(request, form)
    status = 422 if form.is_bound and not form.is_valid() else 200
    template = "torrents/_lookup.html" if request.htmx else "torrents/lookup.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: MemberRequest) -> HttpResponse:
    form = CheckForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "results": [], "sentence": "", "raw": ""}
    if form.is_bound and form.is_valid():
        context |= _checked(request, form)
    return render(
        request, "torrents/check.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _deletes_everything(request: MemberRequest) -> bool:
    return request.method == "POST" and request.POST.get("operation") == DELETE


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required_then("torrents:everything", when=_deletes_everything)
def everything(request: MemberRequest) -> HttpResponse:
    """Carry out an operation on all torrents of an account that the person manages."""
    accounts = TorBoxAccount.objects.manageable_by(request.user)
    named = request.POST.get("account") or request.GET.get("account", "")
    account = get_object_or_404(accounts, pk=_key(named)) if named else accounts.first()
    if account is None:
        messages.info(request, NO_ACCOUNT)
        return redirect("accounts:connect")
    operation = request.POST.get("operation", "")
    if request.method == "POST" and operation in {one.key for one in FOR_ALL}:
        return _control_everything(request, account, operation)
    context = {"operations": FOR_ALL, "account": account, "accounts": accounts}
    return render(request, "torrents/everything.html", context)


def _looked_up(request: MemberRequest, form: LookupForm) -> dict[str, Any]:
    account = TorBoxAccount.objects.visible_to(request.user).first()
    if account is None:
        return {"problem": NO_ACCOUNT}
    options = {key: form.cleaned_data[key] for key in ("timeout", "use_cache_lookup", "peers_only")}
    try:
        magnet, data = _source(form)
        info = looking_up.look_up(account, info_hash=magnet.info_hash, torrent_file=data, **options)
    except torrentfiles.InvalidTorrentFile as error:
        return {"problem": skip_sentence(error.reason, error.params)}
    except looking_up.TooManyLookups:
        return {"problem": THROTTLED}
    except torbox.NotFound:
        return {"problem": _not_found(options["timeout"])}
    except torbox.TorBoxError as error:
        return {"problem": _problem(error)}
    return {"info": info, "files": _in_order(info.files), "add_text": magnet.uri}


def _not_found(seconds: int) -> str:
    return ngettext(
        "No one on the BitTorrent network responded within %(count)s second. A longer search may find the torrent.",
        "No one on the BitTorrent network responded within %(count)s seconds. A longer search may find the torrent.",
        seconds,
    ) % {"count": number(seconds)}


def _problem(error: torbox.TorBoxError) -> str | Promise:
    """Return why TorBox gave no result, in its own words if it sent any."""
    if isinstance(error, torbox.RateLimited):
        return THROTTLED
    if error.detail:
        return gettext("TorBox responded: “%(detail)s”") % {"detail": error.detail}
    if isinstance(error, torbox.AuthError):
        return KEY_REJECTED
    if isinstance(error, torbox.Malformed):
        return UNREADABLE
    return NO_ANSWER if isinstance(error, torbox.Unavailable) else REFUSED


def _source(form: LookupForm) -> tuple[magnets.Magnet, bytes | None]:
    if form.cleaned_data["hash"]:
        return form.cleaned_data["hash"], None
    data = form.cleaned_data["file"].read(torrentfiles.MAX_TORRENT_FILE + 1)
    meta = torrentfiles.parse(data)
    return meta.magnet, meta.data


def _checked(request: MemberRequest, form: CheckForm) -> dict[str, Any]:
    account = TorBoxAccount.objects.visible_to(request.user).first()
    if account is None:
        return {"sentence": NO_ACCOUNT}
    scan = magnet_scanner.scan(form.cleaned_data["text"])
    whole = {item.magnet.info_hash: item.magnet for item in scan.found}
    found = dict(islice(whole.items(), cache_check.MAX_HASHES))
    list_files, answer = form.cleaned_data["list_files"], form.cleaned_data["answer"]
    try:
        cached = cache_check.check(account, found, list_files=list_files, answer=answer)
    except torbox.TorBoxError as error:
        return {"sentence": _problem(error)}
    return {
        "results": [
            _result(info_hash, magnet.name, cached.get(info_hash)) for info_hash, magnet in found.items()
        ],
        "sentence": _counted(len(cached), len(found)),
        "not_checked": [*_left_out(len(whole)), *_not_checked(scan)],
        "raw": cache_check.as_json(cached, list_files=list_files, answer=answer),
    }


def _counted(cached: int, found: int) -> str:
    return ngettext(
        "Cached: %(cached)s of %(count)s torrent", "Cached: %(cached)s of %(count)s torrents", found
    ) % {"cached": number(cached), "count": number(found)}


def _left_out(count: int) -> list[str]:
    """Return a sentence about the torrents beyond those that one request asks for, or none."""
    words = gettext("We checked the first %(limit)s torrents. Paste the rest afterward.")
    return [words % {"limit": number(cache_check.MAX_HASHES)}] if count > cache_check.MAX_HASHES else []


def _not_checked(scan: magnet_scanner.Scan) -> list[str]:
    """Return why some lines of the paste were not checked."""
    link_words = gettext(
        "Line %(line)s is a link to a .torrent file. Only magnet links and hashes can be checked."
    )
    links = [link_words % {"line": number(link.line)} for link in scan.links]
    skipped = [skip_sentence(text.reason, text.params, text.line) for text in scan.skipped]
    return [*skipped, *links][:MAX_REASONS]


def _result(info_hash: str, name: str, hit: torbox.CachedTorrent | None) -> dict[str, Any]:
    return {
        "title": hit.name if hit and hit.name else name if not is_blank(name) else short_hash(info_hash),
        "info_hash": info_hash,
        "chip_label": _("Cached, instant") if hit else _("Not cached"),
        "chip_tone": "ready" if hit else "quiet",
        "size": hit.size if hit else 0,
        "files": _in_order(hit.files) if hit else [],
    }


def _in_order(files: Iterable[torbox.FileEntry]) -> list[torbox.FileEntry]:
    return sorted(files, key=lambda file: path_key(file.path))


def _control_everything(request: MemberRequest, account: TorBoxAccount, operation: str) -> HttpResponse:
    typed = normalized(request.POST.get("confirm", "").strip())
    if operation == DELETE and typed != normalized(account.label):
        words = gettext("Nothing was deleted. Type “%(account)s” to confirm.")
        messages.error(request, words % {"account": isolated_text(account.label)})
        return redirect("torrents:everything")
    result = controlling.control_everything(person=request.user, account=account, operation=operation)
    level = messages.WARNING if result.silent else messages.SUCCESS
    undo = "" if result.silent else undo_url(result.removed_at)
    sentence = result_sentence(operation, account, result)
    messages.add_message(request, level, sentence, extra_tags=undo)
    return redirect("torrents:list")


def _key(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
