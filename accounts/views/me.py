"""One's own settings; security, sessions and passwords are allauth's views in our look (torbox_web/urls.py)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ..forms import SettingsForm
from ..household import Signing
from ..http import MemberRequest, status_of
from ..models import Share, TorBoxAccount


@require_http_methods(["GET", "POST"])
def settings(request: MemberRequest) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:settings")
    context = {
        "form": form,
        "accounts": TorBoxAccount.objects.owned_by(request.user),
        "shares": Share.objects.filter(user=request.user).select_related("account__owner"),
        "signing": Signing.of(request.user),
    }
    return render(request, "accounts/settings.html", context, status=status_of(form))
