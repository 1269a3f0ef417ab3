"""The OpenAPI document, and the page that is made from it."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from api.scopes import Scope
from api.v1.api import api
from api.v1.document import document
from api.v1.problems import STATUSES, WORDS, Code
from tests.api.v1.operations import described
from tests.api.v1.test_problems import problem

DOCUMENT = "/api/v1/openapi.json"
OPERATIONS = list(described())


@pytest.mark.django_db
def test_any_token_and_every_session_gets_the_document(cast, program, sign_in):
    for client in (program(cast.outsider, Scope.QBITTORRENT), sign_in(cast.viewer)):
        got = client.get(DOCUMENT).json()
        assert got["openapi"].startswith("3.1") and "/api/v1/torrents" in got["paths"]
    assert problem(Client().get(DOCUMENT)) == (401, "unauthenticated")


def test_each_operation_has_an_id_a_tag_a_scope_and_a_summary():
    ids = [one.id for one in OPERATIONS]
    assert len(set(ids)) == len(ids)
    for path, methods in document()["paths"].items():
        assert not path.endswith("/")
        for details in methods.values():
            assert details["tags"] and details["summary"] and details["description"], details["operationId"]
            assert {"token"} <= {name for way in details["security"] for name in way}


def test_everything_that_is_refused_is_a_problem():
    for methods in document()["paths"].values():
        for details in methods.values():
            for status, answer in details["responses"].items():
                assert (status >= 400) == ("application/problem+json" in answer.get("content", {}))


def test_no_two_schemas_share_a_name():
    """The document would have only one of them."""
    known: dict[str, object] = {}
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for one in view.operations:
                answers = [(model, "serialization") for model in one.response_models.values() if model]
                for model, mode in [*answers, *((model, "validation") for model in one.models)]:
                    for name, schema in model.model_json_schema(mode=mode).get("$defs", {}).items():
                        assert known.setdefault(f"{name} {mode}", schema) == schema, name


def test_every_code_of_a_problem_has_a_status_and_a_sentence():
    assert set(STATUSES) == set(Code)
    of_torbox = {"key_rejected", "refused", "not_at_torbox", "throttled", "torbox_down", "torbox_trouble"}
    assert {code.value for code in set(Code) - set(WORDS)} == of_torbox


@pytest.mark.django_db
class TestThePage:
    @pytest.fixture
    def page(self, cast, sign_in) -> str:
        return sign_in(cast.viewer).get(reverse("api:v1:documentation")).content.decode()

    def test_every_operation_and_every_field_is_there(self, page):
        for one in OPERATIONS:
            assert f'id="{one.id}"' in page
        for name, schema in document()["components"]["schemas"].items():
            if "properties" in schema:
                assert f'id="schema-{name}"' in page
                assert all(f"<code>{field}</code>" in page for field in schema["properties"])

    def test_every_code_of_a_problem_is_there(self, page):
        assert all(f"<code>{code.value}</code>" in page for code in Code)

    def test_links_within_the_page_lead_somewhere(self, page):
        anchors = set(re.findall(r'href="#([^"]+)"', page))
        assert anchors and anchors <= {unescape(one) for one in re.findall(r'id="([^"]+)"', page)}

    def test_it_needs_nothing_of_other_sites_and_no_script_of_its_own(self, page):
        loaded = re.findall(r'<(?:script|link|img|iframe)\b[^>]*(?:src|href)="([^"]+)"', page)
        assert all(one.startswith("/") for one in loaded)
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=", page)


def test_a_worker_that_makes_addresses_does_not_load_the_rest_api():
    """It would take 10 MB of each."""
    code = """
import sys, django
from torbox_web.celery import app
app.loader.import_default_modules()
from django.urls import reverse
assert reverse("torrents:list") and reverse("api:tokens")
loaded = {"ninja", "api.v1.api"} & set(sys.modules)
sys.exit(f"loaded: {loaded}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
