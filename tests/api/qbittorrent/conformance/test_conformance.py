"""qbittorrent-api gets from ours what it gets from qBittorrent, but for the differences that differences.md explains.

After a change, replace lines of the table with those that the failure prints, and say why in each.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.models import Category
from tests.api.factories import make_token
from tests.factories import tag

from . import nox
from .calls import CALLS, Answer, Program
from .shapes import Difference, differences

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = Path(__file__).with_name("differences.md")
JSON, TEXT = "application/json", "text/plain"
CHECKED_WITHIN = 60.0  # seconds, on a busy machine
Table = dict[Difference, str]  # why each is there


@pytest.fixture
def ours(site, sim, cast, at_torbox) -> Program:
    """Return a program at our server, which has a ready torrent."""
    film = at_torbox({"film.mkv": 300_000, "extra.txt": 1000})
    Category.objects.create(person=cast.owner, name="tv")
    tag(film, "tv", "4K")
    second = sim.control.make_work("A second film", {"film.mkv": 1000})
    password = make_token(cast.owner).text
    return Program(f"{site.url}/qbittorrent", "owner", password, sim.control.work(film.info_hash), second)


@pytest.fixture
def theirs(ours, tmp_path) -> Iterator[Program]:
    """Return a program at qBittorrent, which has the same torrent, whole and checked."""
    for file in ours.work.files:
        path = tmp_path / "saved" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ours.work.expected_bytes(file.path))
    with nox.running(tmp_path) as url:
        program = Program(url, nox.NAME, nox.PASSWORD, ours.work, ours.second)
        program.client.torrents_create_category("tv")
        program.client.torrents_add(torrent_files=ours.work.torrent_bytes, category="tv", tags="4K")
        wait_for_film(program)
        yield program


def wait_for_film(program: Program) -> None:
    deadline = time.monotonic() + CHECKED_WITHIN
    while not any(row.progress == 1 for row in program.client.torrents_info()):
        assert time.monotonic() < deadline, "qBittorrent did not take the torrent"
        time.sleep(0.1)


def test_answers_differ_only_where_the_table_says_why(ours, theirs):
    found = [
        difference
        for name, call in CALLS.items()
        for difference in differences(name, theirs.ask(call), ours.ask(call))
    ]
    explained = read_table(TABLE.read_text())
    unexplained = [one for one in found if not explained.get(one)]
    print(table_of({one: explained.get(one, "no reason") for one in found}))
    assert not unexplained, f"Explain these:\n{table_of(dict.fromkeys(unexplained, ''))}"
    gone = {one: why for one, why in explained.items() if one not in found}
    assert not gone, f"These are no more:\n{table_of(gone)}"


def test_the_table_names_each_difference_once():
    written = [line for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    assert written == lines_of(read_table(TABLE.read_text()))
    assert all(one.call in CALLS for one in read_table(TABLE.read_text()))


def read_table(text: str) -> Table:
    """Return the differences of a table, one for each call that a line names."""
    rows = [
        line.removeprefix("| ").removesuffix(" |").split(" | ")
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    return {
        Difference(call.strip("`"), what, theirs, ours): why
        for calls, what, theirs, ours, why in rows
        for call in calls.split("; ")
    }


def table_of(found: Table) -> str:
    return "\n".join(lines_of(found))


def lines_of(found: Table) -> list[str]:
    """Return the lines of a table. Calls that differ in the same way, for the same reason, share one."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for one, why in found.items():
        alike.setdefault((*one[1:], why), []).append(f"`{one.call}`")
    return [f"| {'; '.join(calls)} | {' | '.join(facts)} |" for facts, calls in alike.items()]


@pytest.mark.parametrize(
    ("theirs", "ours", "found"),
    [
        (Answer(200, JSON, [{"a": 1, "b": "x"}]), Answer(200, JSON, [{"a": 0.5, "b": "y"}]), []),
        (Answer(200, TEXT, "v4.5.2"), Answer(200, TEXT, "v5.1.4"), []),
        (Answer(404, TEXT, "Not Found"), Answer(404, TEXT, ""), []),
        (Answer(404, TEXT, ""), Answer(409, TEXT, ""), ["status"]),
        (Answer(), Answer(200, TEXT, "2"), ["status"]),
        (Answer(200, TEXT, "Ok."), Answer(200, TEXT, "Fails."), ["body"]),
        (Answer(200, TEXT, "1"), Answer(200, JSON, 1), ["body"]),
        (
            Answer(200, JSON, [{"a": 1}]),
            Answer(200, JSON, [{"a": "1", "b": 1}]),
            ["type of [].a", "fields []"],
        ),
        (Answer(200, JSON, {"s": {"a": 1}}), Answer(200, JSON, {"s": {"b": 1}}), ["fields s", "fields s"]),
        (Answer(200, JSON, {"tags": []}), Answer(200, JSON, {"tags": {}}), ["type of tags"]),
    ],
)
def test_what_counts_as_a_difference(theirs, ours, found):
    assert [one.what for one in differences("a call", theirs, ours)] == found
