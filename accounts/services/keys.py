"""What a person does with their keys: connect, replace, disconnect."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

import torbox

from .. import crypto
from ..clients import UNREADABLE, client_with, is_readable
from ..models import TorBoxAccount, User

UNKNOWN_KEY = (
    "TorBox does not know this key. It may have been replaced: TorBox issues a new one when you reset it "
    "or after a usage warning."
)
RESTRICTED_PLAN = (
    "TorBox knows this key, but its plan does not include the API: “{detail}” Change the plan there first."
)
NO_ANSWER = (
    "TorBox could not be asked just now, so the key was neither checked nor saved. Try again in a moment."
)
OTHER_ACCOUNT = (
    "This key belongs to another TorBox account. What is listed here would be gone, and what waits would be "
    "sent there. Connect it beside this one instead, or tick the box and type the key again."
)
CONNECTED_TWICE = "This key is already connected here."


class KeyProblem(Exception):
    """The key cannot be used; the message is a sentence for the person who typed it."""


class OtherAccount(KeyProblem):
    """The key is good, but belongs to another TorBox account; it is taken when that is confirmed."""


@sensitive_variables("api_key")
def connect(*, owner: User, api_key: str, label: str = "") -> TorBoxAccount:
    """Check `api_key` with TorBox, then store it encrypted. Raises `KeyProblem`."""
    user = check_key(api_key)
    _refuse_twice(api_key)
    return TorBoxAccount.objects.create(
        owner=owner,
        label=(label or f"{owner.display_name}’s TorBox")[:60],
        **_key_fields(api_key),
        **plan_fields(user),
    )


@sensitive_variables("api_key")
def replace_key(*, account: TorBoxAccount, api_key: str, other_account: bool = False) -> None:
    """Check a new key for the account and go on with it at once. Raises `KeyProblem`, `OtherAccount`.

    The list of another TorBox account lacks everything of this one, which would then be gone.
    """
    user = check_key(api_key)
    _refuse_twice(api_key, besides=account)
    if account.auth_id and user.auth_id != account.auth_id and not other_account:
        raise OtherAccount(OTHER_ACCOUNT)
    TorBoxAccount.objects.filter(pk=account.pk).update(
        **_key_fields(api_key),
        **plan_fields(user),
        health=TorBoxAccount.Health.OK,
        health_detail="",
        health_since=timezone.now(),
        next_refresh_at=timezone.now(),
        failures=0,
        probe_at=None,
        revision=F("revision") + 1,
    )


@transaction.atomic
def disconnect(account: TorBoxAccount) -> None:
    """Forget the key and everything we keep of the account. Nothing is deleted at TorBox."""
    account.lock()  # so that what is on its way adds nothing to it any more
    account.delete()


def check_stored_keys() -> list[TorBoxAccount]:
    """Find the stored keys that none of ENCRYPTION_KEYS reads, before any call is made with them.

    Their accounts say so from now on; those that can be read again go on at once. A key that TorBox refused
    stays refused: it has to be replaced either way.
    """
    unreadable = []
    for account in TorBoxAccount.objects.exclude(health=TorBoxAccount.Health.REJECTED):
        if not is_readable(account):
            account.mark_health(account.Health.UNREADABLE, UNREADABLE)
            unreadable.append(account)
        elif account.health == account.Health.UNREADABLE:
            account.mark_health(account.Health.OK)
            account.ask_again_at(timezone.now())
    return unreadable


@sensitive_variables("api_key")
def check_key(api_key: str) -> torbox.User:
    """Whose key this is, from `/user/me`. Raises `KeyProblem` with one of three different sentences."""
    try:
        with client_with(api_key) as client:
            return client.user()
    except torbox.AuthError:
        raise KeyProblem(UNKNOWN_KEY) from None
    except torbox.Refused as error:
        if error.code is None:  # not about the plan: TorBox does not take the question as we put it
            raise KeyProblem(NO_ANSWER) from None
        raise KeyProblem(RESTRICTED_PLAN.format(detail=error.detail)) from None
    except torbox.TorBoxError:
        raise KeyProblem(NO_ANSWER) from None


def plan_fields(user: torbox.User) -> dict[str, Any]:
    """What `/user/me` says, as fields of `TorBoxAccount`."""
    return {
        "auth_id": user.auth_id[:64],
        "plan": user.plan,
        "plan_name": user.plan_name[:30],
        "slots": user.slots,
        "premium_expires_at": user.premium_expires_at,
        "plan_read_at": timezone.now(),
    }


@sensitive_variables("api_key")
def _key_fields(api_key: str) -> dict[str, str]:
    return {
        "encrypted_key": crypto.encrypt(api_key),
        "key_fingerprint": crypto.fingerprint(api_key),
        "last_four": api_key[-4:],
    }


@sensitive_variables("api_key")
def _refuse_twice(api_key: str, besides: TorBoxAccount | None = None) -> None:
    same = TorBoxAccount.objects.filter(key_fingerprint__in=crypto.fingerprints(api_key))
    if besides:
        same = same.exclude(pk=besides.pk)
    if same.exists():
        raise KeyProblem(CONNECTED_TWICE)
