"""Create, find, and revoke API tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.models import User

from .. import tokens
from ..models import ApiToken
from ..scopes import Scope

MAX_TOKENS = 50  # of a person


class TooManyTokens(Exception):
    """The person has MAX_TOKENS already."""


@sensitive_variables("text")
@transaction.atomic
def create(
    *, person: User, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Create a token, and return its row with its text, which can't be read again. Raises `TooManyTokens`."""
    User.objects.select_for_update().get(pk=person.pk)  # so that two requests at once can't pass the limit
    if ApiToken.objects.of(person).count() >= MAX_TOKENS:
        raise TooManyTokens
    text = tokens.new_token()
    row = ApiToken.objects.create(
        person=person,
        name=name,
        prefix=tokens.prefix_of(text),
        token_hash=tokens.hash_of(text),
        key_mark=tokens.key_mark(),
        scopes=[str(scope) for scope in Scope if scope in set(scopes)],
        expires_at=expires_at,
    )
    return row, text


def revoke(token: ApiToken) -> None:
    """Delete a token, so that it stops working at once."""
    token.delete()


def revoke_all(person: User) -> None:
    """Delete all tokens of a person: someone else may know them."""
    ApiToken.objects.of(person).delete()


@sensitive_variables("text")
def find(text: str) -> ApiToken | None:
    """Return the row of a token that works now, with its person, or None."""
    prefix = tokens.prefix_of(text)
    if not prefix:
        return None
    usable = ApiToken.objects.usable(timezone.now()).select_related("person")
    row = usable.filter(prefix=prefix).first()
    return row if row and tokens.matches(text, row.token_hash) else None
