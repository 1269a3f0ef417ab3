"""Paste or upload: what it would do, and doing it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest
from accounts.models import TorBoxAccount

from ..formatting import torrents as torrents_in_words
from ..forms import AddForm
from ..preview import PreviewPage, skipped_sentence
from ..services import adding, previewing


@require_POST
def preview(request: MemberRequest) -> HttpResponse:
    form = _form(request)
    found = _understood(form)
    shown = previewing.preview(
        person=request.user, account=form.target if form.is_valid() else None, found=found
    )
    template = "torrents/_preview.html" if request.htmx else "torrents/preview.html"
    return render(request, template, {"preview": PreviewPage(shown, form), "form": form, "nav": "torrents"})


@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    form = _form(request)
    if request.method == "GET":
        return render(request, "torrents/add.html", {"form": form, "nav": "torrents"})
    if not form.is_valid():
        template = "torrents/_preview.html" if request.htmx else "torrents/add.html"
        return render(request, template, {"form": form, "nav": "torrents"}, status=422)
    account = form.target
    if account is None:
        messages.error(request, "Connect a TorBox account first; then what you paste can be sent.")
        return redirect("accounts:connect")
    found = _understood(form)
    wishes = list(found.wishes.values())
    result = adding.add(
        person=request.user, account=account, wishes=wishes, options=_options(form, len(wishes))
    )
    _say(request, result, found)
    if not request.htmx:
        return redirect("torrents:list")
    return trigger_client_event(render(request, "torrents/_added.html", _emptied(request)), "list-changed")


def _form(request: MemberRequest) -> AddForm:
    accounts = TorBoxAccount.objects.addable_by(request.user)
    if request.method == "POST":
        return AddForm(accounts, request.POST, request.FILES)
    return AddForm(accounts, initial={"text": request.GET.get("text", request.GET.get("url", ""))})


def _emptied(request: MemberRequest) -> dict[str, object]:
    return {"form": AddForm(TorBoxAccount.objects.addable_by(request.user)), "can_add": True}


def _understood(form: AddForm) -> previewing.Found:
    data = form.cleaned_data if form.is_valid() else {}
    return previewing.understand(data.get("text", ""), data.get("files", []), form.without)


def _options(form: AddForm, count: int) -> adding.Options:
    """A name is for one torrent; given for several it would make them indistinguishable."""
    options = form.options
    if options.name and count > 1:
        return adding.Options(options.seed, options.allow_zip, "", options.as_queued, options.only_if_cached)
    return options


def _say(request: MemberRequest, result: adding.AddResult, found: previewing.Found) -> None:
    if result.added:
        messages.success(request, f"Added {torrents_in_words(len(result.added))}.")
    if result.existing:
        messages.info(request, f"{torrents_in_words(len(result.existing))} already in your list.")
    if found.skipped:
        messages.warning(request, skipped_sentence(found.skipped))
    if not (result.added or result.existing or found.skipped):
        messages.info(
            request, "There was nothing to add. Paste a magnet, an info hash, or choose a .torrent file."
        )
