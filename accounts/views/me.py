"""One's own settings; security, sessions and passwords are allauth's views in our look (torbox_web/urls.py)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ..forms import SettingsForm
from ..household import Signing
from ..http import MemberRequest, status_of
from ..models import Share, TorBoxAccount

# On any page: the hashes of its magnets, else the selection. Hashes only, since addresses have to stay short.
BOOKMARKLET = (
    "javascript:(()=>{const h=new Set([...document.querySelectorAll('a[href^=\"magnet:\"]')]"
    ".map(a=>(a.href.match(/btih:(\\w+)/i)||[])[1]).filter(Boolean));"
    "const t=[...h].slice(0,80).join(' ')||String(getSelection()).slice(0,3000);"
    "t?open('ADDRESS?url='+encodeURIComponent(t)):alert('No magnet on this page.')})()"
)


@require_http_methods(["GET", "POST"])
def settings(request: MemberRequest) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:settings")
    add_url = request.build_absolute_uri(reverse("torrents:add"))
    context = {
        "form": form,
        "add_url": add_url,
        "bookmarklet": BOOKMARKLET.replace("ADDRESS", add_url),
        "accounts": TorBoxAccount.objects.owned_by(request.user),
        "shares": Share.objects.filter(user=request.user).select_related("account__owner"),
        "signing": Signing.of(request.user),
    }
    return render(request, "accounts/settings.html", context, status=status_of(form))
