"""The pages of Settings. Sign-in methods, sessions, and passwords are allauth's views (torbox_web/urls.py)."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings as conf
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from localization.middleware import remember, speak

from ..forms import SettingsForm
from ..http import MemberRequest, status_of
from ..models import Share, TorBoxAccount, User

# Opens the add page with the magnet links of any page, or else with the selected text. Of more than 300 links it sends
# only the hashes, because browsers limit the length of a URL. A bookmarklet is a URL too, so "#" is written as \x23.
BOOKMARKLET = (
    "javascript:(()=>{const m=[...new Set([...document.querySelectorAll('a[href^=\"magnet:\" i]')].map(a=>a.href))];"
    "const h=m.map(a=>(a.match(/btih:(\\w+)/i)||[])[1]).filter(Boolean);"
    "const t=(m.length>300?h:m).join('\\n')||String(getSelection());"
    "t?open('ADDRESS\\x23url='+encodeURIComponent(t)):alert(MESSAGE)})()"
)


@require_safe
def settings(request: MemberRequest) -> HttpResponse:
    """Show all pages of Settings and what they are set to. Where there is room, Profile is beside them."""
    context = {
        "form": SettingsForm(instance=request.user),
        "language": dict(conf.LANGUAGES).get(get_language() or "", ""),
        **_torbox_accounts(request.user),
    }
    return render(request, "accounts/settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        person = form.save()
        answer = redirect("accounts:profile")
        remember(answer, person.language)
        speak(request, person.language or get_language_from_request(request))
        messages.success(request, _("Saved."))
        return answer
    return render(request, "accounts/profile.html", {"form": form}, status=status_of(form))


@require_safe
def torbox_accounts(request: MemberRequest) -> HttpResponse:
    return render(request, "accounts/torbox_accounts.html", _torbox_accounts(request.user))


@require_safe
def this_browser(request: MemberRequest) -> HttpResponse:
    add_url = request.build_absolute_uri(reverse("torrents:add"))
    context = {"add_url": add_url, "bookmarklet": _bookmarklet(add_url)}
    return render(request, "accounts/this_browser.html", context)


@require_safe
def your_data(request: MemberRequest) -> HttpResponse:
    return render(request, "accounts/your_data.html")


def _torbox_accounts(person: User) -> dict[str, Any]:
    """Return the accounts that a person owns, and the shares of those they can use."""
    return {
        "accounts": list(TorBoxAccount.objects.owned_by(person)),
        "shares": list(Share.objects.filter(user=person).select_related("account__owner")),
    }


def _bookmarklet(add_url: str) -> str:
    message = json.dumps(_("This page has no magnet links."))
    return BOOKMARKLET.replace("ADDRESS", add_url).replace("MESSAGE", message)
