"""The pages of setup links, invitations, and recovery links, with a password or a passkey."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from .. import services
from ..forms import AddPasskeyForm, NameForm, ReturnForm, SetupForm
from ..http import status_of
from ..models import Invitation, User
from ..problems import problem_words


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
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
        except services.CannotCreate as problem:
            form.add_error(None, problem_words(problem))
        else:
            return _sign_in(request, owner, reverse("accounts:connect"))
    return render(request, "accounts/setup.html", {"form": form}, status=status_of(form))


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Join with a name and a password, or with a name alone and then a passkey."""
    invitation = _invitation(token)
    if request.user.is_authenticated:
        return render(request, "accounts/join_signed_in.html", {"invitation": invitation})
    if request.method == "POST" and "passkey" in request.POST:
        return _on_to_the_passkey(request, invitation, token)
    form_class = ReturnForm if invitation.returning else SetupForm
    form = form_class(request.POST or None, instance=invitation.person)
    if request.method == "POST" and form.is_valid():
        name, password = form.cleaned_data.get("username", ""), form.cleaned_data["password1"]
        try:
            person = services.join_with_password(invitation=invitation, username=name, password=password)
        except services.LinkUsed:
            raise Http404 from None
        except services.CannotCreate as problem:
            form.add_error(None, problem_words(problem))
        else:
            return _sign_in(request, person)
    return _join_page(request, invitation, form)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_passkey(request: HttpRequest, token: str) -> HttpResponse:
    """Make the passkey. The link is used and the person signed in only once the passkey is valid."""
    invitation = _invitation(token)
    person = invitation.person
    if person is None or request.user.is_authenticated:
        return redirect("accounts:join", token)
    form = AddPasskeyForm(request.POST or None, user=person)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.finish_joining(invitation)
        except services.LinkUsed:
            raise Http404 from None
        made = webauthn.WebAuthn.add(person, form.cleaned_data["name"], form.cleaned_data["credential"])
        post_authentication(request, made.instance, passwordless=True)
        return _let_in(request, person)
    context = {"form": form, "person": person, "token": token}
    context["options"] = webauthn.begin_registration(person, passwordless=True)
    return render(request, "accounts/join_passkey.html", context, status=status_of(form))


def _on_to_the_passkey(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    form = NameForm(request.POST)
    if not invitation.returning and not form.is_valid():
        return _join_page(request, invitation, form)
    name = "" if invitation.returning else form.cleaned_data["username"]
    try:
        services.prepare_passkey(invitation=invitation, username=name)
    except services.LinkUsed:
        raise Http404 from None
    except services.CannotCreate as problem:
        form.add_error(None, problem_words(problem))
        return _join_page(request, invitation, form)
    return redirect("accounts:join_passkey", token)


def _join_page(request: HttpRequest, invitation: Invitation, form: Any) -> HttpResponse:
    context = {"form": form, "invitation": invitation}
    return render(request, "accounts/join.html", context, status=status_of(form))


def _sign_in(request: HttpRequest, person: User, then: str | None = None) -> HttpResponse:
    record_authentication(request, person, method="password", username=person.username)
    return _let_in(request, person, then)


def _let_in(request: HttpRequest, person: User, then: str | None = None) -> HttpResponse:
    response: HttpResponse = perform_login(
        request, person, redirect_url=then, signal_kwargs={"by_link": True}
    )
    return response


def _invitation(token: str) -> Invitation:
    if (found := services.find_invitation(token)) is None:
        raise Http404
    return found
