"""Tokens: made once, found by their text, and never stored as they are."""

from __future__ import annotations

import pytest

from api import tokens
from api.models import ApiToken
from api.scopes import Scope
from api.services import tokens as service
from tests.api.factories import make_token

pytestmark = pytest.mark.django_db


def test_a_token_is_found_by_its_text(cast):
    made = make_token(cast.member, Scope.READ)
    found = service.find(made.text)
    assert found == made.row and found.person == cast.member and found.scopes == ["read"]


def test_a_token_begins_with_tbw_and_has_32_letters_and_digits(cast):
    assert tokens.TOKEN.fullmatch(make_token(cast.member).text)


def test_the_table_holds_neither_the_token_nor_a_plain_hash(cast):
    made = make_token(cast.member)
    stored = str(ApiToken.objects.values().get())
    assert made.text not in stored and made.text[12:] not in stored
