"""The shares of a TorBox account: create, change, and end them from the page of the account."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from localization.bidi import isolated_text

from .. import services
from ..forms import LevelForm, ShareForm
from ..http import MemberRequest
from ..models import Share, TorBoxAccount
from ..problems import problem_words
from ..reauthentication import confirmation


@require_POST
def share(request: MemberRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(TorBoxAccount.objects.owned_by(request.user), pk=pk)
    if asked := confirmation(request, _chosen(account, request, "person", "level")):
        return asked
    form = ShareForm(account, request.POST)
    if form.is_valid():
        try:
            made = services.share(account=account, **form.cleaned_data)
        except services.CannotShare as problem:
            form.add_error(None, problem_words(problem))
        else:
            text = _("Shared %(account)s with %(name)s. Access: %(level)s.")
            messages.success(request, text % _words(made))
            return redirect(account)
    return render(request, "accounts/account.html", page(account, form), status=422)


@require_POST
def change(request: MemberRequest, pk: int, share_pk: int) -> HttpResponse:
    shares = Share.objects.given_by(request.user).select_related("account", "user")
    found = get_object_or_404(shares, pk=share_pk, account_id=pk)
    form = LevelForm(request.POST)
    if form.is_valid():
        then = _chosen(found.account, request, "level", share=found.pk)
        if found.is_below(form.cleaned_data["level"]) and (asked := confirmation(request, then)):
            return asked
        try:
            level = form.cleaned_data["level"]
            changed = services.share(account=found.account, person=found.user, level=level)
        except services.CannotShare as problem:
            messages.error(request, problem_words(problem))
        else:
            text = _("%(name)s’s access to %(account)s is now: %(level)s.")
            messages.success(request, text % _words(changed))
    return redirect(found.account)


@require_POST
def end(request: MemberRequest, pk: int, share_pk: int) -> HttpResponse:
    shares = Share.objects.endable_by(request.user).select_related("account", "user")
    found = get_object_or_404(shares, pk=share_pk, account_id=pk)
    services.end_share(found)
    if found.user == request.user:
        text = _("You no longer have access to %(account)s.")
        messages.success(request, text % {"account": isolated_text(found.account.label)})
        return redirect("accounts:torbox")
    messages.success(request, _("%(name)s no longer has access to %(account)s.") % _words(found))
    return redirect(found.account)


def page(
    account: TorBoxAccount, form: ShareForm | None = None, chosen: Mapping[str, str] | None = None
) -> dict[str, object]:
    """Return the context of a TorBox account's page.

    `chosen` is what a person chose before they had to confirm who they are.
    """
    chosen = chosen or {}
    shares = list(account.shares.select_related("user").order_by("user__shown_name", "user__username"))
    for share in shares:
        share.chosen = chosen.get("level", "") if chosen.get("share") == str(share.pk) else share.level
    if form is None:
        initial = {
            name: chosen[name] for name in ("person", "level") if name in chosen and "share" not in chosen
        }
        form = ShareForm(account, initial=initial)
    return {"account": account, "shares": shares, "levels": Share.Level.choices, "form": form}


def _words(share: Share) -> dict[str, str]:
    level = str(Share.Level(share.level).label)
    name, account = isolated_text(share.user.display_name), isolated_text(share.account.label)
    return {"name": name, "account": account, "level": level}


def _chosen(account: TorBoxAccount, request: MemberRequest, *names: str, **more: int) -> str:
    """Return the URL of the account's page with the posted choices filled in."""
    posted = {name: request.POST.get(name, "")[:30] for name in names}
    return f"{account.get_absolute_url()}?{urlencode(posted | more)}"
