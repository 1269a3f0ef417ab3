"""Add channels, rename them, replace their address, and remove them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import MemberRequest
from torrents.formatting import name_in_text

from ..channel_names import channel_name, service_name
from ..channels import kinds, refusals
from ..models import Channel, ChannelKind, DeliveryState
from ..services import channels as service
from .channel_forms import BY_URL, AddForm, AddressForm, LabelForm
from .channel_rows import icon_of

PLACE = "notifications:settings"


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Ask which service, then where, and add the channel."""
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in [*kinds.offered(), BY_URL]:
        return _show(request, "choose_kind.html", _("Add a channel"), choices=_choices(), by_url=BY_URL)
    form = AddForm(kind, request.POST if request.method == "POST" else None, is_owner=request.user.is_owner)
    if form.is_valid() and _may_try(request, form):
        label, household = form.cleaned_data["label"], form.cleaned_data.get("household", False)
        try:
            channel = service.add(request.user, kind, form.answers, label=label, household=household)
        except service.ChannelRefused as refused:
            _refuse(form, refused)
        else:
            said = _("Added %(channel)s. Send a test to see whether it works.")
            return _saved(request, channel, said)
    # Translators: a heading with the name of a service: “Add Discord”.
    title = _("Add a channel") if kind == BY_URL else _("Add %(service)s") % {"service": service_name(kind)}
    return _show(request, "channel_form.html", title, form=form, kind=kind, button=_("Add channel"))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for another address of a channel, and store it."""
    channel = get_object_or_404(_manageable(request).exclude(kind=ChannelKind.PUSH), pk=pk)
    form = AddressForm(channel.kind, request.POST if request.method == "POST" else None)
    if form.is_valid() and _may_try(request, form):
        try:
            service.replace(channel, request.user, form.answers)
        except service.ChannelRefused as refused:
            _refuse(form, refused)
        else:
            return _saved(
                request, channel, _("%(channel)s has a new address. Messages that waited go there.")
            )
    title = _("Replace the address of %(channel)s") % {"channel": name_in_text(channel_name(channel))}
    return _show(request, "channel_form.html", title, form=form, kind=channel.kind, button=_("Replace"))


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for another name of a channel, and give it."""
    channel = get_object_or_404(_manageable(request), pk=pk)
    sent = request.POST if request.method == "POST" else None
    form = LabelForm(sent, initial={"label": channel.label}, auto_id="channel_%s")
    if form.is_valid():
        service.rename(channel, form.cleaned_data["label"])
        return _back(request)
    title = _("Rename %(channel)s") % {"channel": name_in_text(channel_name(channel))}
    return _show(request, "channel_form.html", title, form=form, button=_("Rename"))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether to remove a channel, and remove it."""
    channel = get_object_or_404(_manageable(request), pk=pk)
    name = name_in_text(channel_name(channel))
    if request.method == "POST":
        service.remove(channel)
        messages.success(request, _("Removed %(channel)s.") % {"channel": name})
        return _back(request)
    waiting = channel.deliveries.filter(state=DeliveryState.WAITING).count()
    title = _("Remove %(channel)s?") % {"channel": name}
    return _show(request, "remove.html", title, channel=channel, waiting=waiting)


def _choices() -> Iterator[tuple[str, str, str]]:
    """Yield the services to choose from: kind, name, and icon."""
    for kind in kinds.offered():
        yield kind, service_name(kind), icon_of(kind)


def _manageable(request: MemberRequest) -> Any:
    return Channel.objects.manageable_by(request.user)


def _may_try(request: MemberRequest, form: forms.Form) -> bool:
    """Limit the attempts, because each looks up a host that the person chose."""
    if ratelimit.consume(request, action="channel", user=request.user):
        return True
    form.add_error(None, _("Too many attempts. Wait a minute and try again."))
    return False


def _refuse(form: forms.Form, refused: service.ChannelRefused) -> None:
    words = str(refusals.WORDS.get(refused.code, refusals.WORDS["malformed"]))
    form.add_error(refused.field if refused.field in form.fields else None, words)


def _saved(request: MemberRequest, channel: Channel, said: str) -> HttpResponse:
    """Say that a channel is stored. The secret of a webhook is shown here, and never again."""
    secret = getattr(channel, "secret", "")
    text = said % {"channel": name_in_text(channel_name(channel))}
    if secret:
        title = _("Signing secret of %(channel)s") % {"channel": name_in_text(channel_name(channel))}
        return _show(request, "secret.html", title, text=text, secret=secret)
    messages.success(request, text)
    return _back(request)


def _back(request: MemberRequest) -> HttpResponse:
    answer = redirect(PLACE)
    return HttpResponseClientRedirect(answer.url) if request.htmx else answer


def _show(request: MemberRequest, template: str, title: str, **more: Any) -> HttpResponse:
    """Show a question in a dialog or, without htmx, as a page of its own."""
    base = "notifications/base_dialog.html" if request.htmx else "notifications/base_page.html"
    form = more.get("form")
    context = {"base": base, "title": title, "action_url": request.path, "in_dialog": bool(request.htmx)}
    context["shows_secret"] = more.get("kind") in (ChannelKind.WEBHOOK, BY_URL)
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, f"notifications/{template}", context | more, status=status)
