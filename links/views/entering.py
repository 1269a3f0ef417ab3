"""The card that asks for the password of a link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from ..services import passwords
from ..services.opening import Opened
from .ending_text import PASSWORD_REQUIRED, TOO_MANY_GUESSES

WRONG = gettext_lazy("That password didn’t work.")


@sensitive_variables("password")
def password_page(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Ask for the password, or take the one that was entered and lead back to the page. It names nothing."""
    if request.method != "POST" or _is_from_another_site(request):
        return _card(request)
    password = request.POST.get("password", "")
    try:
        right = passwords.enter(request, opened.link, password)
    except passwords.TooManyGuesses:
        return _card(request, TOO_MANY_GUESSES.text, status=429)
    if not right:
        return _card(request, WRONG, status=422)
    response = HttpResponseRedirect(reverse("links:open", args=[opened.token]), status=303)
    passwords.let_in(response, opened.link, opened.token)
    return response


def _card(request: HttpRequest, problem: str | Promise = "", status: int = 200) -> HttpResponse:
    context = PASSWORD_REQUIRED._asdict() | {"problem": problem}
    return render(request, "links/password.html", context, status=status)


def _is_from_another_site(request: HttpRequest) -> bool:
    """Return whether the page of another site sent this, which could guess with the addresses of its visitors."""
    return request.headers.get("Sec-Fetch-Site", "") in ("cross-site", "same-site")
