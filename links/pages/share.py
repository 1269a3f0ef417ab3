"""The *Share* dialog of a torrent, and that of a link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest, status_of
from accounts.qr_codes import qr_code
from localization.formats import moment
from torrents.access import visible_torrent
from torrents.formatting import display_name, isolated, name_in_text, with_markup
from torrents.models import Torrent

from ..endings import NoSuchItem
from ..models import LastingLink
from ..services import making
from ..services.policy import may_have_links
from . import link_rows, link_text
from .answers import CHANGED, show, turned_off
from .offers import may_be_shared
from .share_form import ShareForm, TermsForm
from .terms import NOT_OFFERED

BODY = "share-link"  # the part of the dialog that a new link replaces


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the person's link to a torrent, or the fields of a new one, and make it."""
    torrent = visible_torrent(request, pk)
    if not may_be_shared(torrent):
        raise Http404
    if not may_have_links(request.user):
        return turned_off(request)
    if link := making.share_of(request.user, torrent):
        return _show_link(request, link)
    form = ShareForm(torrent, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _show(request, _new_context(torrent, form))
    try:
        link = making.share(person=request.user, torrent=torrent, **form.chosen).link
    except making.NotAllowed:
        return turned_off(request)
    except NoSuchItem:  # the list of files changed a moment ago
        form.add_error("part", NOT_OFFERED)
        return _show(request, _new_context(torrent, form))
    if not request.htmx:
        return redirect("links:change", link.pk)
    return trigger_client_event(_show_link(request, link), CHANGED)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a link of the person with its fields, and save what they change."""
    link = _changeable(request, pk)
    if request.method != "POST":
        return _show_link(request, link)
    form = _form(link, request.POST)
    if not form.is_valid():
        return _saved(request, form) if request.htmx else _show_link(request, link, form)
    changes = form.changes_to(link)
    try:
        link = making.change(person=request.user, link=link, **changes)
    except making.NotAllowed:
        return turned_off(request)
    if request.htmx:
        forgot = changes.get("password") == ""
        return trigger_client_event(_saved(request, _form(link), forgot=forgot), CHANGED)
    messages.success(request, _("Saved."))
    return redirect("links:change", pk)


def _changeable(request: MemberRequest, pk: int) -> LastingLink:
    """Return a link of the person that can be changed. Raises `Http404`."""
    links = link_rows.seen(request.user).filter(revoked_at=None).select_related("torrent")
    return get_object_or_404(links, pk=pk)


def _form(link: LastingLink, sent: Any = None) -> TermsForm:
    return TermsForm(sent, link=link) if link.torrent is None else ShareForm(link.torrent, sent, link=link)


def _new_context(torrent: Torrent, form: ShareForm) -> dict[str, Any]:
    action_url = reverse("links:share", args=[torrent.pk])
    return {"form": form, "action_url": action_url, **_titles(torrent)}


def link_context(link: LastingLink, form: TermsForm | None = None) -> dict[str, Any]:
    """Return what a dialog shows of a link: its address, and the fields to change it."""
    address = link_rows.address_of(link)
    return {
        **(_titles(link.torrent) if link.torrent else _list_titles(link)),
        "form": form or _form(link),
        "link": link,
        "address": address,
        "qr": qr_code(address) if address else "",
        "created": moment(link.created_at),
        "downloads": link_text.downloads(link),
        "action_url": reverse("links:change", args=[link.pk]),
    }


def _show_link(request: MemberRequest, link: LastingLink, form: TermsForm | None = None) -> HttpResponse:
    return _show(request, link_context(link, form))


def _titles(torrent: Torrent) -> dict[str, str]:
    # Translators: a heading with the name of a torrent: “Share Sintel”
    words, name = _("Share %(name)s"), str(torrent)
    return {
        "title": words % {"name": name_in_text(name, 120)},
        "heading": with_markup(words, name=isolated(name, 120)),
    }


def _list_titles(link: LastingLink) -> dict[str, str]:
    return {"title": display_name(link.name), "heading": isolated(link.name)}


def _show(request: MemberRequest, context: dict[str, Any]) -> HttpResponse:
    status = status_of(context["form"])
    name = "_share.html" if request.htmx and request.htmx.target == BODY else "share.html"
    return show(request, name, context | {"wide": True}, status)


def _saved(request: MemberRequest, form: TermsForm, *, forgot: bool = False) -> HttpResponse:
    """Say that a change is saved, or why not."""
    context = {"form": form, "forgot": forgot}
    return render(request, "links/_saved.html", context, status=status_of(form))
