from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import crypto
from accounts.models import TorBoxAccount


class Command(BaseCommand):
    help = "Encrypt every stored API key anew with the first of ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for account in TorBoxAccount.objects.all():
            try:
                self.rotate(account)
            except crypto.KeyUnreadable:
                unreadable += 1
                self.stderr.write(
                    f"{account.label}: not readable with any of ENCRYPTION_KEYS, left as it is."
                )
        self.stdout.write(f"{TorBoxAccount.objects.count() - unreadable} keys encrypted anew.")

    def rotate(self, account: TorBoxAccount) -> None:
        """Writes only if the stored key is still the one that was read."""
        key = crypto.decrypt(account.encrypted_key)
        TorBoxAccount.objects.filter(pk=account.pk, encrypted_key=account.encrypted_key).update(
            encrypted_key=crypto.encrypt(key), key_fingerprint=crypto.fingerprint(key)
        )
