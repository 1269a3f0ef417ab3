"""Paste, upload, share or link: what it would do, and doing it."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.http import MemberRequest
from accounts.models import TorBoxAccount, TorBoxAccountQuerySet
from torbox import magnets

from ..formatting import torrents as torrents_in_words
from ..forms import AddForm
from ..preview import PreviewPage, filled_row, skipped_sentence
from ..services import adding, choosing, looking_up, previewing

NOT_ALONE = "{} not added: this TorBox account cannot hold it for you alone. Add it without “Only I see it”."


@require_POST
def preview(request: MemberRequest) -> HttpResponse:
    return _preview(request, AddForm(_accounts(request), request.POST, request.FILES))


@require_GET
def preview_line(request: MemberRequest, info_hash: str) -> HttpResponse:
    """A line of the preview again, looked up on the BitTorrent network; 204 leaves it as it is."""
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


@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """A link with `?url=` or `?text=` leads to the preview; nothing is ever added by following one."""
    if request.method == "GET":
        return _linked(request)
    form = AddForm(_accounts(request), request.POST, request.FILES)
    if not form.is_valid():
        template = "torrents/_preview.html" if request.htmx else "torrents/add.html"
        return render(request, template, {"form": form, "nav": "torrents"}, status=422)
    found = _understood(form)
    plan = previewing.plan(person=request.user, found=found, uncached=form.uncached)
    if form.promised:
        form.choose(form.promised, "")
    else:
        _choose(request, form, [wish.magnet.info_hash for wish in plan.wishes])
    account = form.target
    if account is None:
        return _nowhere_to_add(request)
    options = _options(form, len(plan.wishes))
    result = adding.add(person=request.user, account=account, wishes=plan.wishes, options=options)
    _say(request, result, plan, found)
    return _added(request)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def share(request: MemberRequest) -> HttpResponse:
    """What a phone shares with the installed app. It comes without a token, so all it may do is lead to the preview."""
    if request.method == "GET":
        return redirect("torrents:add")
    text = "\n".join(filter(None, (request.POST.get("text", ""), request.POST.get("url", ""))))
    return _preview(request, AddForm(_accounts(request), _data(text), request.FILES))


def _linked(request: MemberRequest) -> HttpResponse:
    text = request.GET.get("url") or request.GET.get("text") or ""
    if text.strip():
        return _preview(request, AddForm(_accounts(request), _data(text)))
    return render(request, "torrents/add.html", {"form": AddForm(_accounts(request)), "nav": "torrents"})


def _preview(request: MemberRequest, form: AddForm) -> HttpResponse:
    found = _understood(form)
    shown = previewing.preview(
        person=request.user, account=form.target if form.is_valid() else None, found=found
    )
    new = [line.wish.magnet.info_hash for line in shown.new]
    _choose(request, form, new, all_cached=bool(new) and all(line.cached for line in shown.new))
    template = "torrents/_preview.html" if request.htmx else "torrents/preview.html"
    return render(request, template, {"preview": PreviewPage(shown, form), "form": form, "nav": "torrents"})


def _added(request: MemberRequest) -> HttpResponse:
    """Back to the list; on the list itself the form is emptied and the list asks for what is new."""
    if not request.htmx:
        return redirect("torrents:list")
    if (request.htmx.current_url_abs_path or "/").split("?")[0] != reverse("torrents:list"):
        return HttpResponseClientRedirect(reverse("torrents:list"))
    context = {"form": AddForm(_accounts(request)), "can_add": True}
    return trigger_client_event(render(request, "torrents/_added.html", context), "list-changed")


def _accounts(request: MemberRequest) -> TorBoxAccountQuerySet:
    return TorBoxAccount.objects.addable_by(request.user).with_sharing()


def _data(text: str) -> MultiValueDict[str, object]:
    """A form as if somebody had pasted `text` and left every option as it is."""
    return MultiValueDict({"text": [text]})


def _nowhere_to_add(request: MemberRequest) -> HttpResponse:
    if request.user.is_guest:
        messages.error(request, "Nothing was added: guests see and download what is shared with them.")
        return redirect("torrents:list")
    messages.error(request, "Connect a TorBox account first; then what you paste can be sent.")
    return redirect("accounts:connect")


def _choose(request: MemberRequest, form: AddForm, hashes: list[str], *, all_cached: bool = False) -> None:
    """Tell the form which account is best for these, unless the person named one."""
    choice = choosing.choose(
        person=request.user, accounts=list(form.accounts), hashes=hashes, all_cached=all_cached
    )
    if choice:
        form.choose(choice.account, choice.reason)


def _understood(form: AddForm) -> previewing.Found:
    if not form.is_valid():
        return previewing.Found()
    return previewing.understand(form.cleaned_data["text"], form.all_files, form.without)


def _options(form: AddForm, count: int) -> adding.Options:
    """A name is for one torrent; given for several it would make them indistinguishable."""
    options = form.options
    return replace(options, name="") if count > 1 else options


def _say(
    request: MemberRequest, result: adding.AddResult, plan: previewing.Plan, found: previewing.Found
) -> None:
    existing = plan.existing + len(result.existing)
    if result.added:
        messages.success(request, f"Added {torrents_in_words(len(result.added))}.")
    if existing:
        messages.info(request, f"{torrents_in_words(existing)} already in your list.")
    if plan.uncached:
        messages.info(request, f"{torrents_in_words(plan.uncached)} left out: not cached.")
    if result.not_alone:
        messages.warning(request, NOT_ALONE.format(torrents_in_words(result.not_alone)))
    if found.skipped:
        messages.warning(request, skipped_sentence(found.skipped))
    if not (result.added or existing or plan.uncached or result.not_alone or found.skipped):
        messages.info(
            request, "There was nothing to add. Paste a magnet, an info hash, or choose a .torrent file."
        )
