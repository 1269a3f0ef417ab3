"""What a page shows of a torrent changes only under a new revision: by that alone an open page learns of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import TorBoxAccount
from links.services import downloading
from tests.factories import Cast, let_waiting_end, make_hash
from tests.test_architecture import OURS, parsed, place
from tests.torrents.household_model import HIDDEN
from torbox.magnets import Magnet
from torrents.models import Torrent
from torrents.services.actions import adding, controlling, hiding, offboarding
from torrents.services.actions.adding import NewTorrent, Options
from torrents.services.outbox import controls, sending
from torrents.services.sync import refreshing

SHOWN = [field.attname for field in Torrent._meta.concrete_fields if field.name not in HIDDEN]
WRITERS = {"accounts/models/revisions.py", "torrents/models/writing.py"}


@dataclass
class Scene:
    """An account with a torrent of the owner's, `theirs` of the member's, and a `secret` that only the member added."""

    cast: Cast
    sim: Any

    def row(self, name: str) -> Torrent:
        return Torrent.objects.get(info_hash=make_hash(name))

    def seed(self, name: str, state: str = "completed", **spec: Any) -> None:
        self.sim.control.seed(
            torrents=[{"key": self.cast.key, "hash": make_hash(name), "state": state} | spec]
        )

    def read(self) -> None:
        assert refreshing.refresh(TorBoxAccount.objects.get(), fresh=True)

    def add(self, *names: str, person: Any = None, **options: Any) -> None:
        new_torrents = [NewTorrent(Magnet(make_hash(name), name)) for name in names]
        person = person or self.cast.owner
        adding.add(
            person=person, account=self.cast.account, new_torrents=new_torrents, options=Options(**options)
        )

    def send(self) -> None:
        sending.send_due(self.cast.account.pk)

    def carry_out(self) -> None:
        let_waiting_end(self.cast.account)
        controls.send_due(self.cast.account.pk)


@pytest.fixture
def scene(cast, sim) -> Scene:
    scene = Scene(cast, sim)
    scene.seed("moving", "downloading", download_seconds=1000)
    scene.seed("ready")
    scene.seed("failed", "failed")
    scene.read()
    scene.add("theirs", person=cast.member)
    scene.add("secret", person=cast.member, hidden=True)
    return scene


def nothing(scene: Scene) -> None:
    pass


def control(operation: str, name: str) -> Callable[[Scene], object]:
    def act(scene: Scene) -> None:
        controlling.control(person=scene.cast.owner, torrents=[scene.row(name)], operation=operation)

    return act


def remove(name: str) -> Callable[[Scene], object]:
    return lambda scene: controlling.remove(person=scene.cast.owner, torrents=[scene.row(name)])


def ended(scene: Scene) -> None:
    scene.sim.control.remove(scene.cast.key, make_hash("ready"))
    scene.read()
    Torrent.objects.filter(missing_since__isnull=False).update(
        missing_since=timezone.now() - timedelta(hours=1)
    )


def refuses_with(code: str) -> Callable[[Scene], object]:
    body = {"success": False, "error": code, "detail": "Not now.", "data": None}
    return lambda scene: scene.sim.control.fail("createtorrent", status=400, body=body, times=9)


Act = Callable[[Scene], object]
STEPS: dict[str, tuple[Act, Act]] = {
    "add": (nothing, lambda scene: scene.add("new", "newer")),
    "add hidden": (nothing, lambda scene: scene.add("new", hidden=True)),
    "add what is hidden": (nothing, lambda scene: scene.add("secret", person=scene.cast.viewer)),
    "add what was deleted": (remove("theirs"), lambda scene: scene.add("theirs")),
    "add again": (
        nothing,
        lambda scene: adding.add_again(person=scene.cast.owner, torrent=scene.row("failed")),
    ),
    "pause": (nothing, control("pause", "moving")),
    "pause done": (control("pause", "moving"), Scene.carry_out),
    "resume refused": (control("resume", "failed"), Scene.carry_out),
    "delete": (nothing, remove("ready")),
    "undo": (remove("ready"), lambda scene: controlling.restore([scene.row("ready")])),
    "delete done": (remove("ready"), Scene.carry_out),
    "clear": (nothing, lambda scene: controlling.clear([scene.row("failed")])),
    "hide": (nothing, lambda scene: hiding.hide(scene.row("ready"))),
    "show": (nothing, lambda scene: hiding.show(scene.row("secret"))),
    "leave": (nothing, lambda scene: offboarding.leave(scene.cast.member, heir=scene.cast.viewer)),
    "leave without heir": (nothing, lambda scene: offboarding.leave(scene.cast.member, heir=None)),
    "send": (nothing, Scene.send),
    "send past the budget": (lambda scene: scene.add(*(f"new {n}" for n in range(13))), Scene.send),
    "send without slots": (refuses_with("ACTIVE_LIMIT"), Scene.send),
    "send what TorBox refuses": (refuses_with("DIFF_ISSUE"), Scene.send),
    "send while TorBox is down": (lambda scene: scene.sim.control.fail("*", "refuse", 99), Scene.send),
    "send with an answer lost": (
        lambda scene: scene.sim.control.fail("createtorrent", "drop", 9, after=False),
        Scene.send,
    ),
    "take a link": (
        nothing,
        lambda scene: downloading.link_for(person=scene.cast.viewer, torrent=scene.row("ready")),
    ),
    "read what moved": (lambda scene: scene.sim.control.advance(60), Scene.read),
    "read what is new": (lambda scene: scene.seed("new", "queued"), Scene.read),
    "read one": (
        lambda scene: scene.sim.control.advance(60),
        lambda scene: refreshing.refresh_one(scene.row("moving")),
    ),
    "read without what is gone": (ended, Scene.read),
}


def snapshot() -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in Torrent.objects.values("id", *SHOWN)}


@pytest.mark.parametrize("step", STEPS)
def test_whatever_a_service_changes_comes_under_a_new_revision(scene, step):
    prepare, act = STEPS[step]
    prepare(scene)
    before, revision = snapshot(), TorBoxAccount.objects.get().revision
    act(scene)
    after, now = snapshot(), TorBoxAccount.objects.get().revision
    changed = {pk for pk in before | after if before.get(pk) != after.get(pk)}
    assert changed, "this step is to change what a page shows"
    assert now > revision
    known = dict(Torrent.objects.filter(pk__in=changed).values_list("pk", "revision"))
    assert {pk: at for pk, at in known.items() if not revision < at <= now} == {}


def test_hidden_rows_wake_nobody_elses_page_until_they_show(scene):
    """Nor does what is written without a row that it is about."""
    account, rows = TorBoxAccount.objects.get(), Torrent.objects.filter(info_hash=make_hash("secret"))
    before = account.revision, account.shown_revision
    assert account.write(rows, seeds=7) == 1 and account.write(rows.none(), seeds=8) == 0
    account.refresh_from_db()
    assert (account.revision, account.shown_revision) == (before[0] + 1, before[1])
    assert account.write(rows, hidden=False) == 1
    account.refresh_from_db()
    assert account.shown_revision > before[1]


def _of_torrents_alone() -> set[str]:
    """Return what pages show of a torrent under names that no other table has."""
    others = [model for model in apps.get_models() if model is not Torrent]
    names = {field.name for model in others for field in model._meta.get_fields()}
    return {field.name for field in Torrent._meta.concrete_fields} - HIDDEN - names


def _calls(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """Yield what is called: the name, what stands before it, and the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, ast.unparse(node.func.value), node


@pytest.mark.django_db
def test_what_is_added_is_written_once(cast):
    new = [NewTorrent(Magnet(make_hash(name), name)) for name in ("one", "two")]
    with CaptureQueriesContext(connection) as asked:
        adding.add(person=cast.owner, account=cast.account, new_torrents=new, options=Options())
    again = [one["sql"] for one in asked if "torrents_torrent" in one["sql"] and "ON CONFLICT" in one["sql"]]
    assert Torrent.objects.count() == 2 and not again


def test_only_the_writers_write_what_pages_show():
    shown, wrong = _of_torrents_alone(), []
    assert {"progress", "reason", "removed_at", "pending"} & shown
    for path in OURS:
        for name, before, call in _calls(parsed(path)):
            asked = name == "next_revision" or any(word.arg == "revision" for word in call.keywords)
            of_torrents = before.startswith("Torrent.objects") or "torrents." in before
            fields = {word.arg for word in call.keywords}
            updates = name == "update" and bool(fields & (shown if not of_torrents else {*SHOWN, None}))
            in_bulk = name in {"bulk_update", "bulk_create"} and of_torrents
            if (asked or updates or in_bulk) and place(path) not in WRITERS:
                wrong.append((place(path), call.lineno))
    assert not wrong
