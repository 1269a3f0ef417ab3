"""Settle what allauth, the sign-in library, leaves to each site."""

from __future__ import annotations

import logging
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import crypto, recovery_links
from .guessing import address_block, is_at_home
from .names import name_key

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth without sign-up: people join by the setup link or an invitation, or a command adds them."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy("Wrong name or password. Try again."),
        "too_many_login_attempts": gettext_lazy("Too many attempts. Wait a few minutes and try again."),
        "rate_limited": gettext_lazy("Too many attempts. Wait a minute and try again."),
        "enter_current_password": gettext_lazy("That isn’t your current password. Try again."),
        "incorrect_password": gettext_lazy("Wrong password. Try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        messages.error(request, _("Your account is suspended. Ask an owner to reactivate it."))
        return redirect("account_login")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count attempts by name and address block, so that strangers elsewhere can't lock the name here.

        The name counts as one however it is typed.
        """
        return f"{name_key(credentials.get('username') or '')} {address_block(self.get_client_ip(request))}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count an attempt by address, by name and block, and by name from everywhere. Raises `ValidationError`."""
        super().pre_authenticate(request, **credentials)
        name, block = name_key(credentials.get("username") or ""), address_block(self.get_client_ip(request))
        more = ratelimit.consume(request, app="allauth.account", action="login_failed_anywhere", key=name)
        if more:
            self._login_failed_rl_usage.usage += more.usage  # returned as well if the password was right
        elif not is_at_home(name, block):
            self._rollback_login_failed_rl_usage()
            raise self.validation_error("too_many_login_attempts")

    def post_login(self, request: HttpRequest, user: Any, **login: Any) -> HttpResponse:
        """Tell people about recovery links made for them, unless one signed them in: a thief may have used it."""
        if not (login.get("signal_kwargs") or {}).get("by_link"):
            for sentence in recovery_links.announce(user):
                messages.warning(request, sentence)
        response: HttpResponse = super().post_login(request, user, **login)
        return response

    def is_safe_url(self, url: str) -> bool:
        """Return whether `url` stays on this site. allauth's own version raises ValueError for a malformed URL."""
        return url_has_allowed_host_and_scheme(url, {context.request.get_host()})

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Skip reauthentication within five minutes of sign-in or of the last check."""
        records = get_authentication_records(context.request, context.request.user)
        latest = max((record["at"] for record in records), default=0)
        return bool(time.time() - latest >= app_settings.REAUTHENTICATION_TIMEOUT)

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, str]]:
        """Return the methods in the order people prefer: password, passkey, code."""
        methods = super().get_reauthentication_methods(user)
        order = ["reauthenticate", "mfa_reauthenticate:webauthn", "mfa_reauthenticate"]
        return sorted(methods, key=lambda method: order.index(method["id"]))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth with its stored secrets encrypted like API keys."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That code or passkey didn’t work. Try again."),
        "cannot_generate_recovery_codes": gettext_lazy("Add an authenticator app or a passkey first."),
        "unreadable": gettext_lazy(
            "The server can’t read your codes because ENCRYPTION_KEYS has changed. Ask an owner to restore it."
        ),
    }

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return crypto.decrypt(encrypted_text)
        except crypto.KeyUnreadable:
            logger.error("A stored two-step secret can't be decrypted with any key in ENCRYPTION_KEYS.")
            raise self.validation_error("unreadable") from None

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        # The name is data that people can change, so it is stored in one language.
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "TorBox Web"}
