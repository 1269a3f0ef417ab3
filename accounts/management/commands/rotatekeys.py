from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db.models import Model
from django.template.defaultfilters import pluralize

from accounts import crypto
from accounts.models import TorBoxAccount

SECRETS = ("secret", "seed")  # of an authenticator app, and of recovery codes
ENCRYPTED, FINGERPRINT = "encrypted_", "fingerprint"


class Command(BaseCommand):
    help = "Re-encrypt every stored API key, second factor, and other secret with the first key of ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = TorBoxAccount.objects.all()
        keys = sum(self.try_to(self.rotate, account, account.label) for account in accounts)
        done = [f"{keys} API key{pluralize(keys)}", *self.rotate_others(), *self.rotate_factors()]
        self.stdout.write(f"Re-encrypted {listed(done)}.")

    def rotate_others(self) -> Iterator[str]:
        """Re-encrypt what other apps store, and yield how much of each kind."""
        for model in apps.get_models():
            if model is not TorBoxAccount and encrypted_fields(model):
                rows = model._default_manager.all()
                if count := sum(self.try_to(self.rotate, row, str(row)) for row in rows):
                    yield f"{count} {model._meta.verbose_name}{pluralize(count)}"

    def rotate_factors(self) -> Iterator[str]:
        factors = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).select_related("user")
        names = [(factor, f"{factor.user}, {factor}") for factor in factors]
        if count := sum(self.try_to(self.rotate_factor, factor, name) for factor, name in names):
            yield f"{count} second factor{pluralize(count)}"

    def try_to(self, rotate: Callable[[Any], None], row: Any, name: str) -> bool:
        try:
            rotate(row)
        except crypto.KeyUnreadable:
            self.stderr.write(f"{name}: can't be read with any of ENCRYPTION_KEYS. Left unchanged.")
            return False
        return True

    def rotate(self, row: Model) -> None:
        """Re-encrypt the secrets of a row, with their fingerprint, unless they changed after they were read."""
        model = type(row)
        before = {name: getattr(row, name) for name in encrypted_fields(model)}
        texts = {name: crypto.decrypt(token) for name, token in before.items() if token}
        renewed = {name: crypto.encrypt(text) for name, text in texts.items()}
        identity: Callable[[str], str] = getattr(model, "identity_in", str)
        for name in fingerprint_fields(model):
            renewed[name] = crypto.fingerprint(identity(*texts.values()))
        model._default_manager.filter(pk=row.pk, **before).update(**renewed)

    def rotate_factor(self, factor: Any) -> None:
        """Re-encrypt a second factor, unless it changed after it was read.

        Using a code changes it. The command can then be run again.
        """
        renewed = {
            name: crypto.encrypt(crypto.decrypt(factor.data[name])) for name in SECRETS if name in factor.data
        }
        Authenticator.objects.filter(pk=factor.pk, data=factor.data).update(data=factor.data | renewed)


def listed(parts: list[str]) -> str:
    *most, last = parts
    comma = "," if len(most) > 1 else ""
    return f"{', '.join(most)}{comma} and {last}" if most else last


def encrypted_fields(model: type[Model]) -> list[str]:
    """Return the columns with encrypted text. Every app names them `encrypted_…`."""
    return [field.name for field in model._meta.concrete_fields if field.name.startswith(ENCRYPTED)]


def fingerprint_fields(model: type[Model]) -> list[str]:
    """Return the column with the fingerprint of the secret, if there is one."""
    return [field.name for field in model._meta.concrete_fields if field.name.endswith(FINGERPRINT)]
