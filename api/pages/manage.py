"""Settings › API: tokens, and the addresses that programs need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import replace_url, trigger_client_event

from accounts.http import MemberRequest, status_of
from accounts.reauthentication import reauthentication_required
from localization.formats import number
from torrents.formatting import isolated, name_in_text, with_markup

from .. import protocols
from ..models import ApiToken
from ..services import tokens
from . import category_rows, token_rows
from .category_rows import CategoryForm
from .scope_text import how_to_use
from .token_form import TokenForm

PLACE = "api:tokens"
CHANGED = "tokens-changed"
P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponse]


@dataclass(frozen=True)
class NewToken:
    """A token with its text. It lives only as long as the answer that shows it."""

    token: ApiToken
    text: str = field(repr=False)

    @property
    def sentence(self) -> SafeString:
        name = SafeString(f"<strong>{isolated(self.token.name)}</strong>")
        # Translators: %(name)s is the name that a person gave to a token, such as “Sonarr”
        return with_markup(_("Token for %(name)s created. Copy it now. We won’t show it again."), name=name)

    @property
    def uses(self) -> list[SafeString]:
        return how_to_use(self.token)


def where_the_api_is_on(view: View[P]) -> View[P]:
    """Answer with 404 if API_PROTOCOLS turns everything off."""

    @wraps(view)
    def answer(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.API_PROTOCOLS:
            raise Http404
        return view(request, *args, **kwargs)

    return answer


@require_safe
@where_the_api_is_on
def manage(request: MemberRequest) -> HttpResponse:
    """Show the person's tokens, to owners those of others, and the addresses of the instance."""
    return tokens_page(request)


@sensitive_variables("text")
@require_http_methods(["GET", "HEAD", "POST"])
@where_the_api_is_on
@reauthentication_required
def new_token(request: MemberRequest) -> HttpResponse:
    """Ask what a token is for, make it, and show it.

    Only this answer ever has the token, so it can't be a redirect, which would need to keep it somewhere.
    """
    form = TokenForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            token, text = tokens.create(person=request.user, **form.chosen)
        except tokens.TooManyTokens:
            form.add_error(None, _too_many())
        else:
            return replace_url(tokens_page(request, {"made": NewToken(token, text)}), reverse(PLACE))
    return render(request, "api/new_token.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@where_the_api_is_on
def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask, then revoke a token of the person, or any as an owner."""
    revocable = ApiToken.objects.revocable_by(request.user).select_related("person")
    token = get_object_or_404(revocable, pk=pk)
    name = name_in_text(token.name)
    if request.method == "POST":
        tokens.revoke(token)
        messages.success(request, _("Revoked the token %(name)s.") % {"name": name})
        return trigger_client_event(HttpResponse(status=204), CHANGED) if request.htmx else redirect(PLACE)
    context = {
        "base": "api/base_dialog.html" if request.htmx else "api/base_page.html",
        "title": _("Revoke %(name)s?") % {"name": name},
        "owner": None if token.person == request.user else token.person,
        "action_url": request.path,
        "in_dialog": bool(request.htmx),
    }
    return render(request, "api/revoke.html", context)


def tokens_page(
    request: MemberRequest, more: Mapping[str, object] | None = None, status: int = 200
) -> HttpResponse:
    """Show the page. `more`: a token that was just made, or a form to show again."""
    others, has_more = token_rows.by_others(request.user)
    rows = token_rows.mine(request.user)
    context: dict[str, Any] = {
        "settings_view": PLACE,
        "rows": rows,
        "others": others,
        "has_more": has_more,
        "has_unusable": any(row.token.is_unusable for row in [*rows, *others]),
        "addresses": token_rows.addresses(),
        "documentation_url": protocols.documentation_url(),
    }
    if "category_form" in (more or {}) or category_rows.are_shown_to(request.user):
        context["categories"] = category_rows.rows_of(request.user)
        context["category_form"] = CategoryForm(request.user)
    return render(request, "api/tokens.html", context | dict(more or {}), status=status)


def _too_many() -> str:
    count = tokens.MAX_TOKENS
    words = ngettext(
        "You have %(count)s token already. Revoke one that you no longer need.",
        "You have %(count)s tokens already. Revoke one that you no longer need.",
        count,
    )
    return words % {"count": number(count)}
