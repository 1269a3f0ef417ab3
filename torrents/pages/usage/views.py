"""The Usage page of a TorBox account, for its owner."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from accounts.models import TorBoxAccount
from torrents.services.sync import usage as reading

from .page import UsagePage


@require_safe
def usage(request: MemberRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(TorBoxAccount.objects.owned_by(request.user), pk=pk)
    page = UsagePage(request.user, account, expected=reading.look(account))
    return render(request, "torrents/usage.html", {"page": page, "account": account})
