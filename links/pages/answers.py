"""How pages about links answer: in a dialog or as a page, and what they tell the page they were opened from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest
from torrents.id_ranges import as_ranges, ids_of
from torrents.pages.return_url import list_url

PLACE = "links:manage"
CHANGED = "links-changed"
UNDO_FOR = 3600  # seconds that the link of a toast works


def show(request: MemberRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Show a template in a dialog or, without htmx, as a page of its own."""
    base = "links/base_dialog.html" if request.htmx else "links/base_page.html"
    about = {"base": base, "in_dialog": bool(request.htmx), "back_url": list_url(request)}
    return render(request, f"links/{name}", about | context, status=status)


def changed(request: MemberRequest) -> HttpResponse:
    """Tell the page that links changed. Without htmx, redirect to the list of them."""
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), CHANGED)
    return redirect(PLACE)


def turned_off(request: MemberRequest) -> HttpResponse:
    """Say that the person may not have links."""
    messages.warning(request, _("An owner has turned off links for you."))
    return HttpResponse(status=204) if request.htmx else redirect(PLACE)


def undo_url(request: MemberRequest, keys: Sequence[int]) -> str:
    """Return the URL with which only this person can undo that they revoked these links."""
    signed = signing.dumps(as_ranges(keys), salt=_salt(request))
    return f"{reverse('links:restore')}?{urlencode({'links': signed})}"


def keys_to_restore(request: MemberRequest) -> Sequence[int]:
    """Return the keys in a URL of `undo_url`. Raises `Http404`."""
    try:
        signed = request.GET.get("links", "")
        return list(ids_of(signing.loads(signed, salt=_salt(request), max_age=UNDO_FOR)))
    except signing.BadSignature as error:
        raise Http404 from error


def _salt(request: MemberRequest) -> str:
    return f"revoked links of {request.user.pk}"
