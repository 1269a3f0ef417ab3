"""Every example of docs/api.md does what it says, run as a reader runs it: in a shell and in Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from api import limits
from api.v1.document import document
from api.v1.problems import Code
from tests.api.factories import make_token
from tests.factories import make_torrent
from tests.needs import lacking
from tests.test_docs import FENCE
from torrents.models import ControlRequest, Torrent
from torrents.services.sync import refreshing

GUIDE = (settings.BASE_DIR / "docs" / "api.md").read_text()
PART = re.compile(r"^##+ ([^\n]*)\n(.*?)(?=^##+ |\Z)", re.MULTILINE | re.DOTALL)
PARTS = dict(PART.findall(GUIDE))
SECONDS = 25


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Yield the heading and the code of each block in a language."""
    for heading, text in PARTS.items():
        for found in FENCE.finditer(text):
            if found[1] == language:
                yield heading, found[2]


SHELL = [one for one in blocks("sh") if "curl" in one[1]]
PYTHON = [one for one in blocks("python") if one[0] != "Follow changes"]


@pytest.fixture
def household(cast, sim):
    """Let TorBox have a ready torrent and one that downloads."""
    for name, state in {"Sintel": "completed", "Tears of Steel": "downloading"}.items():
        sim.control.seed(torrents=[{"key": cast.key, "name": name, "state": state, "files": 3}])
    assert refreshing.refresh(cast.account, fresh=True)
    cast.ready = Torrent.objects.get(name="Sintel")
    limits.forget()
    return cast


def run(command: list[str], code: str, live_server: Any, cast: Any) -> str:
    """Run an example, and return what it printed."""
    environment = os.environ | {"SITE": live_server.url, "TOKEN": make_token(cast.owner).text}
    code = re.sub(r"(?<=/)42\b|(?<=\[)42\b", str(cast.ready.pk), code)
    done = subprocess.run(
        command, input=code, env=environment, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("heading", "code"), SHELL, ids=[heading for heading, _ in SHELL])
def test_examples_work_in_a_shell(household, live_server, heading, code):
    if not shutil.which("curl"):
        lacking("There is no curl.")
    printed = run(["sh", "-e"], code, live_server, household)
    assert json.loads(printed.replace("}{", "},{").join("[]"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("heading", "code"), PYTHON, ids=[heading for heading, _ in PYTHON])
def test_examples_work_in_python(household, live_server, heading, code):
    printed = run([sys.executable, "-"], code, live_server, household)
    expected = {
        "List what's ready": "Sintel",
        "Add a magnet link": "added",
        "Download a file": "http",
        "Pause several torrents": "done",
        "Lists that haven't changed": "304",
    }
    assert expected[heading] in printed
    if heading == "Pause several torrents":
        assert ControlRequest.objects.filter(operation="pause").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_example_that_follows_changes_keeps_a_copy(household, live_server):
    (code,) = [code for heading, code in blocks("python") if heading == "Follow changes"]
    environment = os.environ | {"SITE": live_server.url, "TOKEN": make_token(household.owner).text}
    program = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout.readline() == "2 torrents, 0 new or changed\n"
        make_torrent(household.account, "New", revision=0)
        household.account.write(Torrent.objects.filter(name="New"), status="ready")
        assert program.stdout.readline() == "3 torrents, 1 new or changed\n"
    finally:
        program.kill()
        program.communicate()


def test_every_code_of_a_problem_is_explained():
    explained = set(re.findall(r"^\| \d+ \| `(\w+)` \|", PARTS["Errors"], re.MULTILINE))
    assert {code.value for code in Code} <= explained


def test_the_guide_names_only_addresses_that_exist():
    paths = {re.sub(r"\{\w+\}", "42", path) for path in document()["paths"]}
    named = set(re.findall(r"/api/v1/[\w/]+\w", GUIDE)) - {"/api/v1/openapi", "/api/v1/docs"}
    assert named <= paths
