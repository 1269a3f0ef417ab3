"""Look up, check the cache, control everything: the pages behind the main one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

import torbox
from accounts.http import MemberRequest
from accounts.models import TorBoxAccount
from torbox import magnets, torrentfiles

from ..formatting import short_hash
from ..forms import CheckForm, LookupForm
from ..services import checking, controlling, looking_up

NO_ACCOUNT = "Connect a TorBox account first: TorBox is asked with its key."
NOT_FOUND = "Nobody on the BitTorrent network answered within {} s. A longer search may find it."
EVERYTHING = {
    "reannounce": "Ask the trackers of every torrent for peers again.",
    "resume": "Go on with everything that is paused.",
    "pause": "Pause everything that is downloading or seeding.",
    "stop_seeding": "Free the slots that finished torrents use for seeding.",
    "delete": "Delete every torrent of this TorBox account, for everybody. This cannot be undone.",
}


@require_http_methods(["GET", "POST"])
def lookup(request: MemberRequest) -> HttpResponse:
    """A link with `?hash=` looks up at once, so that a preview line can fill in its name."""
    data = request.POST if request.method == "POST" else request.GET if "hash" in request.GET else None
    form = LookupForm(data, request.FILES if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "info": None, "problem": "", "add_text": ""}
    if form.is_bound and form.is_valid():
        context |= _looked_up(request, form)
    status = 422 if form.is_bound and not form.is_valid() else 200
    template = "torrents/_lookup.html" if request.htmx else "torrents/lookup.html"
    return render(request, template, context, status=status)


@require_http_methods(["GET", "POST"])
def check(request: MemberRequest) -> HttpResponse:
    form = CheckForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "results": [], "sentence": "", "raw": ""}
    if form.is_bound and form.is_valid():
        context |= _checked(request, form)
    return render(
        request, "torrents/check.html", context, status=422 if form.is_bound and form.errors else 200
    )


@require_http_methods(["GET", "POST"])
def everything(request: MemberRequest) -> HttpResponse:
    """TorBox's operations with its `all` option, for an account the person manages."""
    accounts = TorBoxAccount.objects.manageable_by(request.user)
    named = request.POST.get("account") or request.GET.get("account", "")
    account = get_object_or_404(accounts, pk=_number(named)) if named else accounts.first()
    if account is None:
        messages.info(request, NO_ACCOUNT)
        return redirect("accounts:connect")
    operation = request.POST.get("operation", "")
    if request.method == "POST" and operation in EVERYTHING:
        return _control_everything(request, account, operation)
    operations = [
        {
            "key": key,
            "label": f"{controlling.LABELS[key]} all",
            "text": text,
            "danger": key == controlling.DELETE,
        }
        for key, text in EVERYTHING.items()
    ]
    context = {"operations": operations, "account": account, "accounts": accounts}
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
        return {"problem": str(error)}
    except torbox.NotFound:
        return {"problem": NOT_FOUND.format(options["timeout"])}
    except torbox.RateLimited:
        return {"problem": "TorBox asks us to slow down. Try again in a minute."}
    except torbox.TorBoxError as error:
        return {"problem": error.detail or "TorBox could not be asked just now."}
    return {"info": info, "add_text": magnet.uri}


def _source(form: LookupForm) -> tuple[magnets.Magnet, bytes | None]:
    if form.cleaned_data["hash"]:
        return form.cleaned_data["hash"], None
    data = form.cleaned_data["file"].read(torrentfiles.MAX_TORRENT_FILE + 1)
    return torrentfiles.parse(data).magnet, data


def _checked(request: MemberRequest, form: CheckForm) -> dict[str, Any]:
    account = TorBoxAccount.objects.visible_to(request.user).first()
    if account is None:
        return {"sentence": NO_ACCOUNT}
    found = {item.magnet.info_hash: item.magnet for item in magnets.scan(form.cleaned_data["text"]).found}
    list_files, answer = form.cleaned_data["list_files"], form.cleaned_data["answer"]
    try:
        cached = checking.check(account, found, list_files=list_files, answer=answer)
    except torbox.TorBoxError as error:
        return {"sentence": f"TorBox could not be asked just now. {error.detail}"}
    return {
        "results": [
            _result(info_hash, magnet.name, cached.get(info_hash)) for info_hash, magnet in found.items()
        ],
        "sentence": f"{len(cached)} of {len(found)} cached.",
        "raw": checking.as_json(cached, list_files=list_files, answer=answer),
    }


def _result(info_hash: str, name: str, hit: torbox.CachedTorrent | None) -> dict[str, Any]:
    return {
        "title": (hit.name if hit else name) or short_hash(info_hash),
        "info_hash": info_hash,
        "chip_label": "Cached, instant" if hit else "Not cached",
        "chip_tone": "ready" if hit else "quiet",
        "size": hit.size if hit else 0,
        "files": hit.files if hit else (),
    }


def _control_everything(request: MemberRequest, account: TorBoxAccount, operation: str) -> HttpResponse:
    if operation == controlling.DELETE and request.POST.get("confirm", "").strip() != account.label:
        messages.error(request, f"Nothing was deleted. Type “{account.label}” to confirm.")
        return redirect("torrents:everything")
    label = controlling.LABELS[operation]
    if controlling.control_everything(person=request.user, account=account, operation=operation):
        messages.success(request, f"{label}: done for everything in {account.label}.")
    else:
        messages.warning(request, f"{label}: TorBox does not answer; it is kept and done as soon as it does.")
    return redirect("torrents:list")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
