"""Programs that act for the people of the cast."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from api import limits
from api.scopes import Scope
from api.services.uses import NOTED
from tests.api.factories import make_token, program_with


@pytest.fixture(autouse=True)
def _forget_requests() -> None:
    """Forget requests of another test, whose tokens have the same keys."""
    limits.forget()
    NOTED.forget()


@pytest.fixture
def program() -> Callable[..., Client]:
    """Make a program that acts for a person with a new token: with all scopes, unless some are named."""

    def made(person: User, *scopes: Scope) -> Client:
        return program_with(make_token(person, *scopes))

    return made
