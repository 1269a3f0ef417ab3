"""Services raise codes. The words are made where they are shown, in the language of the person who asked."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from accounts import services
from accounts.models import User
from accounts.problems import Problem, ProblemCode, problem_words
from tests.factories import make_user

ERRORS = ValidationError([ValidationError("Too short."), ValidationError("Too common.")])


@pytest.mark.parametrize("code", [code for code in ProblemCode if code != ProblemCode.INVALID])
@pytest.mark.parametrize("language", ["en", "de", "zh-hans"])
def test_every_code_has_words(code: ProblemCode, language: str):
    with translation.override(language):
        words = problem_words(Problem(code, name="Lina", detail="No API."))
    assert words.endswith((".", "。")) and "%" not in words


def test_the_rules_of_passwords_and_names_speak_for_themselves():
    problem = Problem(ProblemCode.INVALID, errors=ERRORS)
    with translation.override("en"):
        assert problem_words(problem) == "Too short. Too common."
    with translation.override("zh-hans"):
        assert problem_words(problem) == "Too short.Too common."


def test_a_plan_without_api_access_is_told_with_and_without_torboxs_own_words():
    said = problem_words(Problem(ProblemCode.RESTRICTED_PLAN, detail="Upgrade first."))
    assert "“Upgrade first.”" in said
    assert "“" not in problem_words(Problem(ProblemCode.RESTRICTED_PLAN, detail=""))


@pytest.mark.django_db
def test_what_is_raised_can_be_worded_in_another_language():
    make_user("mara")
    with pytest.raises(services.CannotCreate) as caught, translation.override("en"):
        services.create_person(username="MARA", password="correct-horse-battery", role=User.Role.MEMBER)
    assert caught.value.code == ProblemCode.NAME_TAKEN
    with translation.override("de"):
        assert problem_words(caught.value) == "Dieser Name ist schon vergeben."
