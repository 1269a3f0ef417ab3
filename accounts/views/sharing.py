"""The shares of a TorBox account: on its page, one POST address for each thing one does with them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from .. import services
from ..forms import LevelForm, ShareForm
from ..http import MemberRequest
from ..models import Share, TorBoxAccount


@require_POST
def share(request: MemberRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(TorBoxAccount.objects.owned_by(request.user), pk=pk)
    form = ShareForm(account, request.POST)
    if form.is_valid():
        try:
            made = services.share(account=account, **form.cleaned_data)
        except services.CannotShare as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"{made.user.display_name} has {account.label} now: {made.allowed}.")
            return redirect(account)
    return render(request, "accounts/account.html", page(account, form), status=422)


@require_POST
def change(request: MemberRequest, pk: int, share_pk: int) -> HttpResponse:
    shares = Share.objects.given_by(request.user).select_related("account", "user")
    found = get_object_or_404(shares, pk=share_pk, account_id=pk)
    form = LevelForm(request.POST)
    if form.is_valid():
        try:
            level = form.cleaned_data["level"]
            changed = services.share(account=found.account, person=found.user, level=level)
            messages.success(request, f"{found.user.display_name}: {changed.allowed}.")
        except services.CannotShare as problem:
            messages.error(request, str(problem))
    return redirect(found.account)


@require_POST
def end(request: MemberRequest, pk: int, share_pk: int) -> HttpResponse:
    shares = Share.objects.endable_by(request.user).select_related("account", "user")
    found = get_object_or_404(shares, pk=share_pk, account_id=pk)
    services.end_share(found)
    if found.user == request.user:
        messages.success(request, f"You gave up {found.account.label}.")
        return redirect("accounts:settings")
    messages.success(request, f"{found.user.display_name} no longer has {found.account.label}.")
    return redirect(found.account)


def page(account: TorBoxAccount, form: ShareForm | None = None) -> dict[str, object]:
    """What the page of a TorBox account shows."""
    shares = account.shares.select_related("user").order_by("user__shown_name", "user__username")
    form = form or ShareForm(account)
    return {"account": account, "shares": shares, "levels": Share.Level.choices, "form": form}
