"""What works once works once also for many who try at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from accounts import services
from accounts.models import User
from accounts.problems import problem_words
from tests.accounts.test_security import by_password, code_of, signed_in, turn_on_codes
from tests.factories import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 4


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """What each gave, all begun at the same moment."""
    barrier = Barrier(len(acts))

    def act(one: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def second_step(code: str) -> list[bool]:
    """Who of many gets in with the same code."""
    clients = [by_password()[0] for _ in range(MANY)]
    at_once([lambda client=client: client.post("/sign-in/code/", {"code": code}) for client in clients])
    return [signed_in(client) for client in clients]


@pytest.fixture
def site():
    return sign_in(Client(), make_user("mara"))


def test_one_gets_in_with_a_code_of_the_app(site):
    secret = turn_on_codes(site)
    assert second_step(code_of(secret)).count(True) == 1


def test_one_gets_in_with_a_recovery_code(site):
    turn_on_codes(site)
    code = site.get("/me/recovery-codes/").context["unused_codes"][0]
    assert second_step(code).count(True) == 1


@pytest.mark.parametrize("names", [["jürgen"] * MANY, ["jürgen", "JÜRGEN", "Jürgen", "jÜrgen"]])
def test_one_gets_a_name_and_the_others_a_sentence(names):
    mara = make_user("mara", User.Role.OWNER)
    invitations = [services.invite(owner=mara, role="member") for _ in names]

    def join(invitation, name: str) -> str:
        try:
            services.join_with_password(invitation=invitation, username=name, password=PASSWORD)
        except services.CannotCreate as problem:
            return problem_words(problem)
        return ""

    given = zip(invitations, names, strict=True)
    said = at_once([lambda one=one, name=name: join(one, name) for one, name in given])
    assert sorted(said) == ["", *["This name is already taken."] * (MANY - 1)]
