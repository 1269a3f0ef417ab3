from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand

from accounts import crypto
from accounts.models import TorBoxAccount

SECRETS = ("secret", "seed")  # of authenticator apps and of recovery codes


class Command(BaseCommand):
    help = "Encrypt every stored API key and second factor anew with the first of ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = TorBoxAccount.objects.all()
        factors = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).select_related("user")
        keys = sum(self.try_to(self.rotate, account, account.label) for account in accounts)
        second = sum(
            self.try_to(self.rotate_factor, factor, f"{factor.user}, {factor}") for factor in factors
        )
        self.stdout.write(
            f"{keys} keys encrypted anew." + (f" {second} second factors, too." if second else "")
        )

    def try_to(self, rotate: Callable[[Any], None], row: Any, name: str) -> bool:
        try:
            rotate(row)
        except crypto.KeyUnreadable:
            self.stderr.write(f"{name}: not readable with any of ENCRYPTION_KEYS, left as it is.")
            return False
        return True

    def rotate(self, account: TorBoxAccount) -> None:
        """Writes only if the stored key is still the one that was read."""
        key = crypto.decrypt(account.encrypted_key)
        TorBoxAccount.objects.filter(pk=account.pk, encrypted_key=account.encrypted_key).update(
            encrypted_key=crypto.encrypt(key), key_fingerprint=crypto.fingerprint(key)
        )

    def rotate_factor(self, factor: Any) -> None:
        """The same; a code that is used at this moment changes the row, and the command can be repeated."""
        anew = {
            name: crypto.encrypt(crypto.decrypt(factor.data[name])) for name in SECRETS if name in factor.data
        }
        Authenticator.objects.filter(pk=factor.pk, data=factor.data).update(data=factor.data | anew)
