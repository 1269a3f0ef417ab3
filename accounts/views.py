from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from . import services
from .forms import ConnectForm, KeyForm, ReplaceKeyForm, SettingsForm, SetupForm
from .http import MemberRequest
from .models import TorBoxAccount

TOO_MANY_TRIES = "That was tried often just now. Wait a minute; nothing was saved."
# On any page: the hashes of its magnets, else the selection. Hashes only, since addresses have to stay short.
BOOKMARKLET = (
    "javascript:(()=>{const h=new Set([...document.querySelectorAll('a[href^=\"magnet:\"]')]"
    ".map(a=>(a.href.match(/btih:(\\w+)/i)||[])[1]).filter(Boolean));"
    "const t=[...h].slice(0,80).join(' ')||String(getSelection()).slice(0,3000);"
    "t?open('ADDRESS?url='+encodeURIComponent(t)):alert('No magnet on this page.')})()"
)
SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_http_methods(["GET", "POST"])
def settings(request: MemberRequest) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:settings")
    add_url = request.build_absolute_uri(reverse("torrents:add"))
    context = {
        "form": form,
        "accounts": TorBoxAccount.objects.owned_by(request.user),
        "add_url": add_url,
        "bookmarklet": BOOKMARKLET.replace("ADDRESS", add_url),
    }
    return render(request, "accounts/settings.html", context, status=_status(form))


@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "POST"])
def connect(request: MemberRequest) -> HttpResponse:
    label = f"{request.user.display_name}’s TorBox"[:60]
    form = ConnectForm(request.POST or None, initial={"label": label})
    if request.method == "POST" and _may_try(request, form) and form.is_valid():
        try:
            services.connect(owner=request.user, **form.cleaned_data)
        except services.KeyProblem as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, "Connected. Your torrents appear in a moment.")
            return redirect("torrents:list")
    return render(request, "accounts/connect.html", {"form": form}, status=_status(form))


def account(request: MemberRequest, pk: int) -> HttpResponse:
    return render(request, "accounts/account.html", {"account": _own_account(request, pk)})


@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "POST"])
def replace_key(request: MemberRequest, pk: int) -> HttpResponse:
    account = _own_account(request, pk)
    form = ReplaceKeyForm(request.POST or None)
    if request.method == "POST" and _may_try(request, form) and form.is_valid():
        try:
            services.replace_key(account=account, **form.cleaned_data)
        except services.KeyProblem as problem:
            form.add_error(None, str(problem))
            if isinstance(problem, services.OtherAccount):
                form.ask_about_other_account()
        else:
            messages.success(request, "The new key works. What was waiting goes out now.")
            return redirect(account)
    context = {"form": form, "account": account}
    return render(request, "accounts/replace_key.html", context, status=_status(form))


@require_http_methods(["GET", "POST"])
def disconnect(request: MemberRequest, pk: int) -> HttpResponse:
    account = _own_account(request, pk)
    if request.method == "POST":
        services.disconnect(account)
        messages.success(request, f"{account.label} is disconnected. Nothing was deleted at TorBox.")
        return redirect("accounts:settings")
    context = {"account": account, "torrent_count": account.torrents.filter(removed_at=None).count()}
    return render(request, "accounts/disconnect.html", context)


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    if not services.setup_link_is_valid(token):
        raise Http404
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data["username"], form.cleaned_data["password1"]
        try:
            owner = services.set_up(token=token, username=name, password=password)
        except services.LinkUsed:
            raise Http404 from None
        login(request, owner, backend=SIGN_IN_BACKEND)
        return redirect("accounts:connect")
    return render(request, "accounts/setup.html", {"form": form}, status=_status(form))


def _own_account(request: MemberRequest, pk: int) -> TorBoxAccount:
    return get_object_or_404(TorBoxAccount.objects.owned_by(request.user), pk=pk)


def _may_try(request: MemberRequest, form: ConnectForm | ReplaceKeyForm) -> bool:
    """Each try asks TorBox, whose limits the whole house shares."""
    if ratelimit.consume(request, action="torbox_key", user=request.user):
        return True
    form.add_error(None, TOO_MANY_TRIES)
    return False


def _status(form: ConnectForm | KeyForm | SettingsForm | SetupForm) -> int:
    return 422 if form.is_bound and form.errors else 200
