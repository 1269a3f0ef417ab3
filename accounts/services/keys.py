"""Connect TorBox accounts, replace their API keys, and disconnect them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

import torbox

from .. import crypto
from ..clients import client_with, is_readable, place_to_wait
from ..models import TorBoxAccount, User
from ..models.revisions import RAISED
from ..problems import Problem, ProblemCode


class KeyProblem(Problem):
    """The API key can't be used."""


class OtherAccount(KeyProblem):
    """The API key works but belongs to another TorBox account. It is saved once the person confirms."""


@sensitive_variables("api_key")
def connect(*, owner: User, api_key: str, label: str = "") -> TorBoxAccount:
    """Check `api_key` with TorBox and store it encrypted. Raises `KeyProblem`."""
    user = check_key(api_key)
    _refuse_twice(api_key)
    return TorBoxAccount.objects.create(
        owner=owner,
        label=label or default_label(owner),
        **_key_fields(api_key),
        **plan_fields(user),
    )


def default_label(owner: User) -> str:
    """Return the name of a TorBox account that its owner gives no name."""
    return (gettext("%(name)s’s TorBox") % {"name": owner.display_name})[:60]


@sensitive_variables("api_key")
def replace_key(*, account: TorBoxAccount, api_key: str, other_account: bool = False) -> None:
    """Check a new API key for the account and use it from now on. Raises `KeyProblem`, `OtherAccount`.

    Another TorBox account has other torrents, so those of this one would disappear from the list.
    """
    user = check_key(api_key)
    _refuse_twice(api_key, besides=account)
    if account.auth_id and user.auth_id != account.auth_id and not other_account:
        raise OtherAccount(ProblemCode.OTHER_ACCOUNT)
    TorBoxAccount.objects.filter(pk=account.pk).update(
        **_key_fields(api_key),
        **plan_fields(user),
        health=TorBoxAccount.Health.OK,
        health_reason="",
        upstream_detail="",
        health_since=timezone.now(),
        next_refresh_at=timezone.now(),
        failures=0,
        probe_at=None,
        **RAISED,
    )


@transaction.atomic
def disconnect(account: TorBoxAccount) -> None:
    """Delete the API key and everything stored about the account. Nothing is deleted at TorBox."""
    account.lock()  # so that no other transaction adds rows to it meanwhile
    account.delete()


def check_stored_keys() -> list[TorBoxAccount]:
    """Return the accounts whose stored key none of ENCRYPTION_KEYS can decrypt, and record it as their health.

    Accounts whose key can be read again are refreshed at once. An account with a rejected key is left alone, because
    the key has to be replaced either way.
    """
    unreadable = []
    for account in TorBoxAccount.objects.exclude(health=TorBoxAccount.Health.REJECTED):
        if not is_readable(account):
            account.mark_health(account.Health.UNREADABLE)
            unreadable.append(account)
        elif account.health == account.Health.UNREADABLE:
            account.mark_health(account.Health.OK)
            account.ask_again_at(timezone.now())
    return unreadable


@sensitive_variables("api_key")
def check_key(api_key: str) -> torbox.User:
    """Return the user an API key belongs to, from `/user/me`. Raises `KeyProblem`."""
    try:
        with place_to_wait(), client_with(api_key) as client:
            return client.user()
    except torbox.AuthError:
        raise KeyProblem(ProblemCode.UNKNOWN_KEY) from None
    except torbox.Refused as error:
        if error.code is None:  # TorBox rejects the request itself, so this isn't about the plan
            raise KeyProblem(ProblemCode.NO_ANSWER) from None
        raise KeyProblem(ProblemCode.RESTRICTED_PLAN, detail=error.detail) from None
    except torbox.TorBoxError:
        raise KeyProblem(ProblemCode.NO_ANSWER) from None


def plan_fields(user: torbox.User) -> dict[str, Any]:
    """Return what `/user/me` says as fields of `TorBoxAccount`, without those it leaves out."""
    said: dict[str, Any] = {
        "premium_expires_at": user.premium_expires_at,
        "plan_read_at": timezone.now(),
    }
    if user.auth_id:
        said["auth_id"] = user.auth_id[:64]
    if user.plan is not None:
        said |= {"plan": user.plan, "plan_name": user.plan_name[:30], "slots": user.slots}
    return said


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
        raise KeyProblem(ProblemCode.CONNECTED_TWICE)
