"""Create, find, and revoke API tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.bookkeeping import write_if_possible
from accounts.models import User

from .. import tokens
from ..models import ApiToken
from ..scopes import Scope

MAX_TOKENS = 50  # of a person


class TooManyTokens(Exception):
    """The person has MAX_TOKENS already."""


def create(
    *, person: User, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Create a token, and return its row with its text, which can't be read again. Raises `TooManyTokens`."""
    if ApiToken.objects.of(person).count() >= MAX_TOKENS:
        raise TooManyTokens
    text = tokens.new_token()
    row = ApiToken.objects.create(
        person=person,
        name=name,
        prefix=tokens.prefix_of(text),
        token_hash=tokens.hash_of(text),
        scopes=[str(scope) for scope in Scope if scope in set(scopes)],
        expires_at=expires_at,
    )
    return row, text


def revoke(token: ApiToken) -> None:
    """Delete a token, so that it stops working at once."""
    token.delete()


@sensitive_variables("text")
def find(text: str) -> ApiToken | None:
    """Return the row of a token that works now, with its person, or None."""
    prefix = tokens.prefix_of(text)
    if not prefix:
        return None
    usable = ApiToken.objects.usable(timezone.now()).select_related("person")
    row = usable.filter(prefix=prefix).first()
    return row if row and tokens.matches(text, row.token_hash) else None


def note_use(token: ApiToken, address: str) -> None:
    """Write down the day and the address of a use, if either differs from the last one's."""
    today = timezone.now().date()
    if (token.last_used_on, token.last_used_from) != (today, address):
        row = ApiToken.objects.filter(pk=token.pk)
        write_if_possible(partial(row.update, last_used_on=today, last_used_from=address[:45]))
