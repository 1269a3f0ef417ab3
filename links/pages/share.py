"""The *Share* dialog of a torrent, and that of a link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest, status_of
from accounts.qr_codes import qr_code
from torrents.access import visible_torrent
from torrents.formatting import display_name

from ..models import LastingLink
from ..services import making
from ..services.policy import may_have_links
from . import link_rows, link_text
from .answers import CHANGED, show, turned_off
from .offers import may_be_shared
from .share_form import ShareForm, TermsForm

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
        # Translators: a heading with the name of a torrent: “Share Sintel”
        title = _("Share %(name)s") % {"name": display_name(str(torrent), 120)}
        return _show(request, {"form": form, "title": title}, status_of(form))
    try:
        link = making.share(person=request.user, torrent=torrent, **form.chosen).link
    except making.NotAllowed:
        return turned_off(request)
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
        return _saved(request, form, 422) if request.htmx else _show_link(request, link, form)
    link = making.change(person=request.user, link=link, **form.changes)
    if request.htmx:
        return trigger_client_event(_saved(request, _form(link)), CHANGED)
    messages.success(request, _("Saved."))
    return redirect("links:change", pk)


def _changeable(request: MemberRequest, pk: int) -> LastingLink:
    """Return a link of the person that can be changed. Raises `Http404`."""
    links = link_rows.mine(request.user).filter(is_seen=True, revoked_at=None)
    return get_object_or_404(links.exclude(kind=LastingLink.Kind.EXPORT).select_related("torrent"), pk=pk)


def _form(link: LastingLink, sent: Any = None) -> TermsForm:
    return TermsForm(sent, link=link) if link.torrent is None else ShareForm(link.torrent, sent, link=link)


def _show_link(request: MemberRequest, link: LastingLink, form: TermsForm | None = None) -> HttpResponse:
    form = form or _form(link)
    address = link_rows.address_of(link)
    title = link_text.title(link)
    context = {
        "title": title if link.is_list else _("Share %(name)s") % {"name": display_name(title, 120)},
        "form": form,
        "link": link,
        "address": address,
        "qr": qr_code(address) if address else "",
        "downloads": link_text.downloads(link),
    }
    return _show(request, context, status_of(form))


def _show(request: MemberRequest, context: dict[str, Any], status: int) -> HttpResponse:
    context["action_url"] = request.path
    if request.htmx and request.htmx.target == BODY:
        return render(request, "links/_share.html", context | {"in_dialog": True}, status=status)
    return show(request, "share.html", context, status)


def _saved(request: MemberRequest, form: TermsForm, status: int = 200) -> HttpResponse:
    """Say that a change is saved, or why not, in place of the fields that follow from it."""
    return render(request, "links/_saved.html", {"form": form, "oob": True}, status=status)
