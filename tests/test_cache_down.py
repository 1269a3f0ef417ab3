"""A failing Redis cache: rate limits continue in the database, and nothing waits."""

from __future__ import annotations

import time

import pytest
import redis
from django.core.cache import cache, caches
from django.test import Client

from tests import servers
from tests.factories import PASSWORD, make_hash, make_user
from tests.needs import lacking
from torbox_web import redis_cache as ours
from torrents.services.actions import looking_up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server():
    try:
        started = servers.Redis()
    except servers.Missing as missing:
        lacking(str(missing))
    with started:
        yield started


@pytest.fixture
def chosen(server, settings):
    """Return the settings of an instance with this Redis."""
    table = {"BACKEND": "torbox_web.cache.TableCache", "LOCATION": "cache"}
    waits = {"socket_timeout": 1, "socket_connect_timeout": 1}
    there = {"BACKEND": "torbox_web.redis_cache.RedisOrTableCache", "LOCATION": server.url, "OPTIONS": waits}
    settings.CACHES = {"default": there, "table": table}
    ours._Rest.until = -float("inf")
    caches["table"].clear()
    yield server
    ours._Rest.until = -float("inf")


def refuse(client: redis.Redis, how: str) -> None:
    if how == "full":
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1mb")
    elif how == "read-only":
        client.replicaof("127.0.0.1", 1)
    elif how == "denied":
        client.config_set("requirepass", "secret")


@pytest.fixture(params=["full", "read-only", "denied", "gone"])
def refusing(request, chosen):
    if request.param == "gone":
        chosen.stop()
    else:
        refuse(chosen.client, request.param)
    return chosen


def guess(client: Client, name: str, password: str) -> int:
    return client.post("/sign-in/", {"login": name, "password": password}).status_code


def test_a_working_redis_is_the_cache(chosen):
    cache.set("a", "b", 60)
    assert cache.get("a") == "b" and caches["table"].get("a") is None


def test_people_sign_in_and_limits_on_guessing_hold(refusing):
    make_user("mara")
    assert guess(Client(), "mara", PASSWORD) == 302
    stranger = Client()
    for number in range(6):
        assert guess(stranger, "mara", f"wrong {number}") == 200
    assert guess(stranger, "mara", PASSWORD) != 302  # five attempts are too many


def test_single_use_values_stay_single_use(refusing):
    assert cache.add("code", True, 60) is True
    assert cache.add("code", True, 60) is False


def test_previews_are_cached_in_the_table(refusing):
    slot = looking_up._slot(make_hash("film"))
    cache.set(slot, ("film", 1, 1, None), 60)
    assert looking_up.remembered([make_hash("film")])[make_hash("film")].name == "film"


def test_an_unresponsive_redis_costs_one_wait_and_one_log_line(chosen, settings, caplog):
    with chosen.client as client:
        client.client_pause(10_000)
    began = time.monotonic()
    for number in range(30):
        cache.set(f"key-{number}", number, 60)
    assert time.monotonic() - began < 4
    assert cache.get_many(["key-1", "key-2"]) == {"key-1": 1, "key-2": 2}
    assert [record.message for record in caplog.records if record.name == "torbox_web.redis_cache"] == [
        "Redis isn't working (slow). Using the database table as the cache."
    ]


def test_redis_is_the_cache_again_when_it_returns(chosen):
    chosen.stop()
    cache.set("away", 1, 60)
    chosen.start_again()
    ours._Rest.until = -float("inf")  # as if five seconds had passed
    cache.set("back", 1, 60)
    with chosen.client as client:
        assert [key.decode().rpartition(":")[2] for key in client.scan_iter()] == ["back"]
