"""Which tests run on which stack, and in which order parallel processes take them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
NEITHER_DATABASE_NOR_REDIS = (
    "torbox",
    "simulator",
    "chaos/test_processes.py",
    "chaos/test_waiting.py",
    "test_architecture.py",
    "test_browser_floor.py",
    "test_docs.py",
    "test_documented_names.py",
    "test_icons.py",
    "test_make.py",
    "test_private_servers.py",
    "test_proxies.py",
    "test_proxy_examples.py",
    "test_queue_folder.py",
    "test_serving.py",
    "test_settings.py",
    "test_settings_documented.py",
    "test_static_files.py",
    "test_templates.py",
    "test_voice.py",
)
"""Tests that run once, on SQLite: client, simulator, parsers, docs, and the queue folder."""
CHOOSE_FOR_THEMSELVES = (
    "browser/test_bench_stack.py",
    "care/test_backup_files.py",
    "care/test_restoring_elsewhere.py",
    "care/test_starting.py",
    "test_bench.py",
    "test_broker_down.py",
    "test_shared_redis.py",
    "test_site_url.py",
    "test_sub_path.py",
)
"""Tests that also run once, because they start instances on databases they choose."""
IN_THE_BROWSER_ALONE = tuple(
    f"browser/test_{name}.py"
    for name in (
        "accessible",
        "adding",
        "api_tokens",
        "back_after_sign_out",
        "bell",
        "below_a_path",
        "by_keyboard",
        "copying",
        "devices",
        "expiring",
        "filters",
        "first_visit",
        "installed",
        "languages",
        "links",
        "notification_settings",
        "old_chromium",
        "other_engines",
        "player",
        "push",
        "settings_pages",
        "share_page",
        "speed_column",
        "status_page",
        "the_list",
        "usage_page",
    )
)
"""More of those: styles, keys, and scripts, whose pages are the same on any database. Stories run on both."""
TOO_LONG = (
    "links/test_real_players.py",
    "torrents/test_events_of_before.py",
    "torrents/test_virtual_day.py",
    "torrents/test_how_often.py",
)
"""More of those: players in real time, hours of virtual time that count calls, and one upgrade of several.
links/test_real_clients.py, torrents/test_refreshing.py, and torrents/test_stored_codes.py run on both."""
# Single tests are marked `once`.
ONCE = NEITHER_DATABASE_NOR_REDIS + CHOOSE_FOR_THEMSELVES + IN_THE_BROWSER_ALONE + TOO_LONG
LONG = {
    "sqlite": (
        "browser",
        "chaos",
        "notifications/test_delivery_chaos.py",
        "care",
        "links/test_token_secrecy.py",
        "api/test_token_secrecy.py",
        "api/test_hostile_programs.py",
        "links/test_real_clients.py",
        "torrents/test_state_machine.py",
        "torrents/test_virtual_day.py",
        "torrents/test_fault_matrix.py",
    ),
    "postgres": (
        "chaos",
        "notifications/test_delivery_chaos.py",
        "torrents/test_fault_matrix.py",
        "browser",
        "care/test_backup.py",
        "links/test_token_secrecy.py",
        "api/test_token_secrecy.py",
        "api/test_hostile_programs.py",
        "test_permissions.py",
    ),
}
"""The tests each process of a parallel run begins with, so that only short ones are left at the end."""


def pytest_report_header() -> str:
    return {
        "sqlite": "stack: SQLite, and a folder as queue",
        "postgres": "stack: PostgreSQL and Redis, without what they make no difference to",
    }[os.environ["STACK"]]


def pytest_itemcollected(item: pytest.Item) -> None:
    asks = "db" in getattr(item, "fixturenames", ()) or item.get_closest_marker("django_db")
    if asks and is_in(item, NEITHER_DATABASE_NOR_REDIS):
        raise pytest.UsageError(f"{item.nodeid} asks for a database; tests/ordering.py says it needs none.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ["STACK"] == "postgres":
        once = {item for item in items if is_in(item, ONCE) or item.get_closest_marker("once")}
        config.hook.pytest_deselected(items=list(once))
        items[:] = [item for item in items if item not in once]
    items[:] = dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def dealt(items: list[pytest.Item], hands: int) -> list[pytest.Item]:
    """Return `items` so that each of `hands` equal parts, one for each process, begins with long ones."""
    parts = LONG[os.environ["STACK"]]
    long = [[item for item in items if is_in(item, (part,))] for part in parts]
    short = [item for item in items if not is_in(item, parts)]
    heads = [sum(long[hand::hands], []) for hand in range(hands)]
    ends = [len(items) * (hand + 1) // hands for hand in range(hands)]
    made: list[pytest.Item] = []
    for head, end in zip(heads, ends, strict=True):
        made += head
        room = max(0, end - len(made))
        made, short = made + short[:room], short[room:]
    return made + short


def is_in(item: pytest.Item, parts: tuple[str, ...]) -> bool:
    return _is_below(item.path, parts)


@cache
def _is_below(path: Path, parts: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(ROOT / part) for part in parts)
