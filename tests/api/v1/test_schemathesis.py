"""Every answer to whatever programs send is one that the OpenAPI document describes. Schemathesis makes the requests."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from django.test.client import ClientHandler
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from api import limits
from api.scopes import Scope
from api.v1.document import document
from tests.api.factories import make_token
from tests.api.v1.operations import described, ids_of

pytestmark = pytest.mark.django_db
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
EXAMPLES = 12  # of each operation and way
OPERATIONS = [one.id for one in described()]


HANDLER = ClientHandler()


def app(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> list[bytes]:
    """Answer like the app, in the transaction of the test."""
    response = HANDLER(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [response.getvalue()]


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    """Return the operations of the document by their ids."""
    schema = schemathesis.openapi.from_dict(deepcopy(document()))
    schema.app = app
    found = [one.ok() for one in schema.get_all_operations()]
    return {one.definition.raw["operationId"]: one for one in found}


def try_all(cases: Any, token: str, examples: int) -> None:
    """Send requests, the same in each run, and undo what they change."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def send(case: schemathesis.Case) -> None:
        limits.forget()
        with transaction.atomic():
            response = case.call(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    send()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_right_requests_get_a_described_answer(household, operations, operation):
    token, known = make_token(household.owner).text, ids_of(household.torrent)
    one = operations[operation]
    path = {name: known[name] for name in known if f"{{{name}}}" in one.path}
    try_all(one.as_strategy(path_parameters=path or None), token, EXAMPLES)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_wrong_requests_are_refused_in_a_described_way(household, operations, operation):
    token, one = make_token(household.owner).text, operations[operation]
    if one.query or one.body or one.path_parameters or one.headers:
        try_all(one.as_strategy(generation_mode=GenerationMode.NEGATIVE), token, EXAMPLES)


@pytest.mark.parametrize("scope", [*Scope, None])
def test_with_any_scope_the_answers_are_described(household, operations, scope):
    token = make_token(household.owner, *([scope] if scope else [])).text
    for one in operations.values():
        try_all(one.as_strategy(), token, 1)
