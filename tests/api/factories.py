"""Functions that make tokens, and programs that send them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts.models import User
from api.models import ApiToken
from api.scopes import Scope
from api.services import tokens


@dataclass
class MadeToken:
    """A token with its text, which the app shows only once."""

    row: ApiToken
    text: str = field(repr=False)

    @property
    def person(self) -> User:
        return self.row.person


def make_token(person: User, *scopes: Scope, name: str = "Script", **fields: Any) -> MadeToken:
    """Make a token of a person, with all scopes unless some are named."""
    row, text = tokens.create(person=person, name=name, scopes=scopes or Scope, **fields)
    return MadeToken(row, text)


def program_with(token: MadeToken | str) -> Client:
    """Return a program that sends a token as Bearer."""
    text = token if isinstance(token, str) else token.text
    return Client(headers={"authorization": f"Bearer {text}"})


def program_with_basic(name: str, password: str, encoding: str = "utf-8") -> Client:
    """Return a program that sends a name and a token as HTTP Basic, with every request."""
    return Client(headers={"authorization": basic(name, password, encoding)})


def basic(name: str, password: str, encoding: str = "utf-8") -> str:
    """Return the header of HTTP Basic for a name and a password."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode(encoding)).decode()
