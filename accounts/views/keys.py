"""TorBox accounts: connect, replace the API key, disconnect."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from localization.bidi import isolated_text

from .. import services
from ..forms import ConnectForm, ReplaceKeyForm
from ..http import MemberRequest, status_of
from ..models import TorBoxAccount
from ..problems import problem_words
from ..reauthentication import reauthentication_required
from . import sharing


@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def connect(request: MemberRequest) -> HttpResponse:
    if request.user.is_guest:
        raise Http404
    form = ConnectForm(request.POST or None, initial={"label": services.default_label(request.user)})
    if request.method == "POST" and _may_try(request, form) and form.is_valid():
        try:
            services.connect(owner=request.user, **form.cleaned_data)
        except services.KeyProblem as problem:
            form.add_error(None, problem_words(problem))
        else:
            messages.success(request, _("TorBox account connected. Your torrents will appear in a moment."))
            return redirect("torrents:list")
    return render(request, "accounts/connect.html", {"form": form}, status=status_of(form))


def account(request: MemberRequest, pk: int) -> HttpResponse:
    return render(
        request, "accounts/account.html", sharing.page(_own_account(request, pk), chosen=request.GET)
    )


@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def replace_key(request: MemberRequest, pk: int) -> HttpResponse:
    account = _own_account(request, pk)
    form = ReplaceKeyForm(request.POST or None)
    if request.method == "POST" and _may_try(request, form) and form.is_valid():
        try:
            services.replace_key(account=account, **form.cleaned_data)
        except services.KeyProblem as problem:
            form.add_error(None, problem_words(problem))
            if isinstance(problem, services.OtherAccount):
                form.ask_about_other_account()
        else:
            messages.success(request, _("New API key saved. Sending the torrents that were waiting."))
            return redirect(account)
    context = {"form": form, "account": account}
    return render(request, "accounts/replace_key.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def disconnect(request: MemberRequest, pk: int) -> HttpResponse:
    account = _own_account(request, pk)
    if request.method == "POST":
        services.disconnect(account)
        text = _("%(account)s is disconnected. Nothing was deleted at TorBox.")
        messages.success(request, text % {"account": isolated_text(account.label)})
        return redirect("accounts:torbox")
    context = {"account": account, "torrent_count": account.torrents.filter(removed_at=None).count()}
    return render(request, "accounts/disconnect.html", context)


def _own_account(request: MemberRequest, pk: int) -> TorBoxAccount:
    return get_object_or_404(TorBoxAccount.objects.owned_by(request.user), pk=pk)


def _may_try(request: MemberRequest, form: ConnectForm | ReplaceKeyForm) -> bool:
    """Limit the attempts, because each one calls TorBox, whose rate limit the whole household shares."""
    if ratelimit.consume(request, action="torbox_key", user=request.user):
        return True
    form.add_error(None, _("Too many attempts. Wait a minute and try again."))
    return False
