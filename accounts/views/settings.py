"""The settings page. Sign-in methods, sessions, and passwords are allauth's views (torbox_web/urls.py)."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from localization.middleware import remember, speak

from ..forms import SettingsForm
from ..household import Signing
from ..http import MemberRequest, status_of
from ..models import Share, TorBoxAccount

# Opens the add page with the magnet links of any page, or else with the selected text. Of more than 300 links it sends
# only the hashes, because browsers limit the length of a URL. A bookmarklet is a URL too, so "#" is written as \x23.
BOOKMARKLET = (
    "javascript:(()=>{const m=[...new Set([...document.querySelectorAll('a[href^=\"magnet:\" i]')].map(a=>a.href))];"
    "const h=m.map(a=>(a.match(/btih:(\\w+)/i)||[])[1]).filter(Boolean);"
    "const t=(m.length>300?h:m).join('\\n')||String(getSelection());"
    "t?open('ADDRESS\\x23url='+encodeURIComponent(t)):alert(MESSAGE)})()"
)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: MemberRequest) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        person = form.save()
        answer = redirect("accounts:settings")
        remember(answer, person.language)
        speak(request, person.language or get_language_from_request(request))
        messages.success(request, _("Saved."))
        return answer
    add_url = request.build_absolute_uri(reverse("torrents:add"))
    context = {
        "form": form,
        "add_url": add_url,
        "bookmarklet": _bookmarklet(add_url),
        "accounts": TorBoxAccount.objects.owned_by(request.user),
        "shares": Share.objects.filter(user=request.user).select_related("account__owner"),
        "signing": Signing.of(request.user),
    }
    return render(request, "accounts/settings.html", context, status=status_of(form))


def _bookmarklet(add_url: str) -> str:
    message = json.dumps(_("This page has no magnet links."))
    return BOOKMARKLET.replace("ADDRESS", add_url).replace("MESSAGE", message)
