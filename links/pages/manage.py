"""The *Links* page of Settings."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as render_page
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.http import MemberRequest, status_of
from accounts.models import TorBoxAccount
from localization.formats import number

from ..models import LastingLink, LastingLinkQuerySet, LinkPolicy
from ..services import making, policy
from . import link_rows
from .answers import CHANGED, PLACE, changed, keys_to_restore, show, turned_off, undo_url
from .list_form import ListForm
from .policy_text import policy_choices
from .share import link_context


@require_safe
def manage(request: MemberRequest) -> HttpResponse:
    """Show the person's links, and those of others on their TorBox accounts."""
    person, made_by = request.user, policy.policy_for(request.user)
    links = link_rows.mine(person)
    total, working = link_rows.counts(links)
    listed = link_rows.by_use(links).select_related("torrent").defer("torrent__magnet")
    paginator = Paginator(listed, link_rows.PAGE_SIZE)
    paginator.count = total
    page = paginator.get_page(request.GET.get("page"))
    on_accounts, has_more = link_rows.by_others(person)
    context = {
        "rows": link_rows.rows_of(list(page)),
        "page": page,
        "previous_url": f"?page={page.number - 1}" if page.has_previous() else "",
        "next_url": f"?page={page.number + 1}" if page.has_next() else "",
        "working": working,
        "on_accounts": on_accounts,
        "has_more": has_more,
        "is_allowed": policy.is_allowed(person, made_by),
        "policy_choices": policy_choices(made_by) if person.is_owner else (),
    }
    return render_page(request, "links/manage.html", context)


@require_POST
def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Revoke a link. The toast offers to undo that."""
    link = get_object_or_404(LastingLink.objects.revocable_by(request.user), pk=pk)
    if revoked := making.revoke(person=request.user, links=[link]):
        messages.success(request, _("Revoked the link."), extra_tags=undo_url(request, revoked))
    else:
        messages.info(request, _("This link has already ended."))
    return changed(request)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_all(request: MemberRequest) -> HttpResponse:
    """Ask, then revoke all links of the person, or all of others on the TorBox account `account`."""
    links, account = _asked_for(request)
    if request.method == "POST":
        count = len(making.revoke(person=request.user, links=list(links)))
        words = ngettext("Revoked %(count)s link.", "Revoked %(count)s links.", count)
        messages.success(request, words % {"count": number(count)})
        return changed(request)
    count = links.in_force(timezone.now()).count()
    context = {
        "title": ngettext("Revoke %(count)s link?", "Revoke all %(count)s links?", count)
        % {"count": number(count)},
        "account": account,
        "action_url": request.get_full_path(),
    }
    return show(request, "revoke_all.html", context)


@require_POST
def restore(request: MemberRequest) -> HttpResponse:
    """Undo revoking."""
    if making.restore(person=request.user, keys=keys_to_restore(request)):
        messages.success(request, _("The link works again."))
    else:
        messages.info(request, _("There is nothing to undo."))
    return changed(request)


@require_POST
def renew(request: MemberRequest, pk: int) -> HttpResponse:
    """Make an ended link work again."""
    link = get_object_or_404(link_rows.seen(request.user), pk=pk)
    if link.revoked_by_other:
        raise Http404
    try:
        making.renew(person=request.user, link=link)
    except making.NotAllowed:
        return turned_off(request)
    messages.success(request, _("Renewed the link. Its address is still the same."))
    return changed(request)


@require_POST
def set_policy(request: MemberRequest) -> HttpResponse:
    """Set who may have links. For owners of the instance."""
    made_by = request.POST.get("made_by", "")
    if not request.user.is_owner:
        raise Http404
    if made_by in LinkPolicy.MadeBy.values:
        policy.set_policy(made_by)
        messages.success(request, _("Saved."))
    return redirect(PLACE)


@require_http_methods(["GET", "HEAD", "POST"])
def new_list(request: MemberRequest) -> HttpResponse:
    """Make a playlist or podcast."""
    if not policy.may_have_links(request.user):
        return turned_off(request)
    form = ListForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "title": _("New playlist"), "action_url": request.path}
        return show(request, "new_list.html", context, status_of(form))
    try:
        link = making.make_list(person=request.user, **form.chosen).link
    except making.NotAllowed:
        return turned_off(request)
    if not request.htmx:
        return redirect("links:change", link.pk)
    return trigger_client_event(show(request, "share.html", link_context(link) | {"wide": True}), CHANGED)


def _asked_for(request: MemberRequest) -> tuple[LastingLinkQuerySet, TorBoxAccount | None]:
    """Return the links to revoke: the person's own, or those of others on an account of theirs. Raises `Http404`."""
    key = request.GET.get("account", "")
    if not key:
        return LastingLink.objects.of(request.user).filter(revoked_at=None), None
    if not (key.isascii() and key.isdecimal()) or len(key) > 18:
        raise Http404
    account = get_object_or_404(TorBoxAccount.objects.owned_by(request.user), pk=key)
    return link_rows.working_by_others(request.user).filter(torrent__account=account), account
