from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.template.defaultfilters import pluralize

from accounts import crypto
from accounts.models import TorBoxAccount

SECRETS = ("secret", "seed")  # of an authenticator app, and of recovery codes


class Command(BaseCommand):
    help = "Re-encrypt every stored API key and second factor with the first key of ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = TorBoxAccount.objects.all()
        factors = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).select_related("user")
        keys = sum(self.try_to(self.rotate, account, account.label) for account in accounts)
        second = sum(
            self.try_to(self.rotate_factor, factor, f"{factor.user}, {factor}") for factor in factors
        )
        self.stdout.write(
            f"Re-encrypted {keys} API key{pluralize(keys)}"
            + (f" and {second} second factor{pluralize(second)}." if second else ".")
        )

    def try_to(self, rotate: Callable[[Any], None], row: Any, name: str) -> bool:
        try:
            rotate(row)
        except crypto.KeyUnreadable:
            self.stderr.write(f"{name}: can't be read with any of ENCRYPTION_KEYS. Left unchanged.")
            return False
        return True

    def rotate(self, account: TorBoxAccount) -> None:
        """Re-encrypt an API key, unless it changed after it was read."""
        key = crypto.decrypt(account.encrypted_key)
        TorBoxAccount.objects.filter(pk=account.pk, encrypted_key=account.encrypted_key).update(
            encrypted_key=crypto.encrypt(key), key_fingerprint=crypto.fingerprint(key)
        )

    def rotate_factor(self, factor: Any) -> None:
        """Re-encrypt a second factor, unless it changed after it was read.

        Using a code changes it. The command can then be run again.
        """
        renewed = {
            name: crypto.encrypt(crypto.decrypt(factor.data[name])) for name in SECRETS if name in factor.data
        }
        Authenticator.objects.filter(pk=factor.pk, data=factor.data).update(data=factor.data | renewed)
