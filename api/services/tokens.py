"""Create, find, and revoke API tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.prepared_query import Prepared

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
    User.objects.select_for_update(no_key=True).get(
        pk=person.pk
    )  # so that two requests at once can't pass the limit
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
    row = _usable(BY_PREFIX.rows([prefix])) if prefix else None
    return row if row and tokens.matches(text, row.token_hash) else None


def still_usable(key: int) -> ApiToken | None:
    """Return the row of a token that was known, with its person as they are now, or None if it no longer works."""
    return _usable(BY_KEY.rows([key]))


def of_session(key: int, session: str) -> ApiToken | None:
    """Return the row of the token of a session, with its person, or None if either no longer works."""
    return _usable(BY_SESSION.rows([key, session]))


def _usable(found: list[ApiToken]) -> ApiToken | None:
    """Return the only token, with its person, or None if there is none that works now.

    Every call of a program comes here. Two prepared queries take a third of the time of one that Django builds.
    """
    for token in found:
        for person in PEOPLE.rows([token.person_id]):
            token.person = person
            return token if token.works_at(timezone.now()) else None
    return None


BY_PREFIX = Prepared(lambda prefix: ApiToken.objects.filter(prefix=prefix).order_by())
BY_KEY = Prepared(lambda key: ApiToken.objects.filter(pk=key).order_by())
BY_SESSION = Prepared(
    lambda key, session: ApiToken.objects.filter(pk=key).exclude(ended_sessions__session=session).order_by()
)
PEOPLE = Prepared(lambda key: User.objects.filter(pk=key).order_by())
