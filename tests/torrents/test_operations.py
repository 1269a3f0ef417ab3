"""TorBox's operations: their words are in one place, and their results on the Activity page."""

from __future__ import annotations

import ast
import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from torrents.models import Activity, ControlRequest
from torrents.operations import OPERATIONS
from torrents.pages.url_cache import detail_url
from torrents.services.outbox import controls

ROOT = Path(__file__).parents[2]
PAGE = "torrents:activity"
# It pauses and resumes copying to this server, which is no operation of TorBox's.
SAVING = "torrents/pages/list/saving_row.py"
# "Delete" is used in other places, too, of files, people, and keys.
NAMED = {operation.key: operation for operation in OPERATIONS.values() if operation.key != "delete"}


def texts(path: Path) -> list[str]:
    """Return the words of a template, or the strings of a module without its docstrings."""
    if path.suffix == ".html":
        return [re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", path.read_text(), flags=re.DOTALL)]
    tree = ast.parse(path.read_text())
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose]
    return [node.value for node in found if isinstance(node.value, str)]


@pytest.mark.parametrize("operation", NAMED.values(), ids=NAMED)
def test_the_words_for_an_operation_are_in_one_file(operation):
    words = map(str, [operation.label, operation.doing, operation.for_all or operation.label])
    word = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in words))
    places = {
        str(path.relative_to(ROOT))
        for folder in ("torrents", "templates", "accounts", "care")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".html") and "migrations" not in path.parts
        if any(word.search(text) for text in texts(path))
    }
    assert places - {SAVING} == {"torrents/operations.py"}


def carry_out(cast, row, client, operation: str) -> None:
    client.post(reverse("torrents:control", args=[row.pk, operation]))
    ControlRequest.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    controls.send_due(cast.account.pk)


def page_text(client, url: str) -> str:
    return " ".join(re.sub("<[^>]*>", "", client.get(url).content.decode()).split())


def test_a_failed_pause_is_named_with_its_reason_on_every_page(cast, at_torbox, sim, sign_in):
    row, client = at_torbox("downloading", download_seconds=1000), sign_in(cast.owner)
    body = {"success": False, "error": "INVALID_OPTION", "detail": "Not for this one.", "data": None}
    sim.control.fail("controltorrent", kind="status", status=400, body=body)
    carry_out(cast, row, client, "pause")
    activity = page_text(client, reverse(PAGE))
    assert f"Owner couldn’t pause {row}: Not for this one." in activity
    assert "Owner couldn’t pause it: Not for this one." in page_text(client, detail_url(row))
    export = b"".join(client.get(reverse("torrents:activity_export"))).decode("utf-8-sig")
    assert list(csv.reader(export.splitlines()))[1][-1] == "Pause: Not for this one."


def test_a_successful_operation_is_on_every_page(cast, at_torbox, sign_in):
    row, client = at_torbox("downloading", download_seconds=1000), sign_in(cast.owner)
    carry_out(cast, row, client, "pause")
    assert f"Owner paused {row}" in page_text(client, reverse(PAGE))
    assert "Paused by Owner" in page_text(client, detail_url(row))
    assert Activity.objects.filter(code="pause", params={}, upstream_detail="").count() == 1


def test_a_torrent_that_torbox_no_longer_has_is_a_reason_of_its_own(cast, at_torbox, sim, sign_in):
    row, client = at_torbox("downloading", download_seconds=1000), sign_in(cast.owner)
    sim.control.remove(cast.key, row.info_hash)
    carry_out(cast, row, client, "resume")
    assert f"Owner couldn’t resume {row}: TorBox couldn’t find it." in page_text(client, reverse(PAGE))
    assert Activity.objects.filter(code="resume", params={"error": "not_found"}).exists()
