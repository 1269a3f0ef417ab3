"""Which error each kind of refusal becomes."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.torbox.support import Reply, Server, example, ok, refusal
from torbox import (
    AuthError,
    Client,
    Duplicate,
    LimitReached,
    Malformed,
    NotFound,
    RateLimited,
    Refused,
    TorBoxError,
    Unavailable,
)

MAGNET = "magnet:?xt=urn:btih:" + "ab" * 20

HTML = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


def failure(server: Server, client: Client, reply: Reply) -> TorBoxError:
    server.will(reply)
    with pytest.raises(TorBoxError) as caught:
        client.create_torrent(magnet=MAGNET)
    return caught.value


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("duplicate_item", Duplicate, "DUPLICATE_ITEM"),
        ("already_queued", Duplicate, "DIFF_ISSUE"),
        ("queue_full", LimitReached, "QUEUE_FULL"),
        ("active_limit", LimitReached, "ACTIVE_LIMIT"),
        ("active_limit_legacy_http200_null_error", LimitReached, "ACTIVE_LIMIT"),
        ("active_limit_http500", LimitReached, "ACTIVE_LIMIT"),
        ("monthly_limit", LimitReached, "MONTHLY_LIMIT"),
        ("cooldown_limit", LimitReached, "COOLDOWN_LIMIT"),
        ("too_large", Refused, "DOWNLOAD_TOO_LARGE"),
        ("bozo_torrent", Refused, "BOZO_TORRENT"),
        ("missing_option", Refused, "MISSING_REQUIRED_OPTION"),
        ("plan_restricted", Refused, "PLAN_RESTRICTED_FEATURE"),
        ("bad_token", AuthError, "BAD_TOKEN"),
        ("no_auth", AuthError, "NO_AUTH"),
        ("no_servers", Unavailable, "NO_SERVERS_AVAILABLE_ERROR"),
        ("database_error", Unavailable, "DATABASE_ERROR"),
        ("unknown_error_string_data", Unavailable, "UNKNOWN_ERROR"),
        ("rate_limited_hourly_no_headers", RateLimited, None),
        ("rate_limited_with_headers", RateLimited, None),
        ("validation_422", Refused, None),
        ("endpoint_not_found", Refused, "ENDPOINT_NOT_FOUND"),
        ("gateway_502_html", Unavailable, None),
    ],
)
def test_every_recorded_refusal_becomes_its_error(
    server: Server, client: Client, name: str, kind: type[TorBoxError], code: str | None
) -> None:
    error = failure(server, client, example("createtorrent.json", name))
    assert (type(error), error.code) == (kind, code)
    assert error.detail or name == "gateway_502_html"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(401, b""), AuthError),
        (Reply(401, b'{"detail":"Not authenticated"}'), AuthError),
        (Reply(403, b'{"detail":"Forbidden"}'), AuthError),
        (refusal("AUTH_ERROR", status=403), Unavailable),
        (refusal("OAUTH_VERIFICATION_ERROR"), AuthError),
        (refusal("SOMETHING_NEW", status=403), AuthError),
        (refusal("PERMISSION_DENIED", status=403), Refused),
        (refusal("SOMETHING_NEW"), Refused),
        (refusal("SOMETHING_NEW", status=500), Refused),
        (refusal("SOMETHING_NEW", status=200), Refused),
        (refusal("A_NEW_ERROR"), Unavailable),
        (refusal(False, status=200), Refused),
        (refusal(None, status=500), Unavailable),
        (refusal("ITEM_NOT_FOUND", status=400), NotFound),
        (refusal(None, status=404), NotFound),
        (Reply(404, b'{"detail":"Not Found"}'), Unavailable),
        (refusal("DEPRECATED", status=410), Refused),
        (refusal("RATE_LIMIT"), RateLimited),
        (refusal("TOO_MANY_REQUESTS"), RateLimited),
        (refusal(None, "Torrent was queued successfully."), Duplicate),
        (refusal("OTHER", "This is already queued."), Duplicate),
        (refusal("DIFF_ISSUE", "Something else."), Refused),
        (Reply(451, b"Unavailable for legal reasons"), Refused),
        (Reply(400, b"bad"), Unavailable),
        (Reply(500, b"Internal Server Error"), Unavailable),
        (Reply(403, HTML), Unavailable),
        (Reply(404, HTML), Unavailable),
        (Reply(429, HTML), RateLimited),
        (Reply(200, HTML), Malformed),
        (Reply(200, b""), Malformed),
        (Reply(200, b"[1, 2"), Malformed),
        (Reply(200, b"[" * 200_000), Malformed),
        (Reply(200, b'{"data": null}'), Malformed),
        (Reply(200, b"\xff\xfe\xfa"), Malformed),
        (Reply(307, b"", {"Location": "http://127.0.0.1:1/"}), Malformed),
    ],
)
def test_what_no_example_covers(
    server: Server, client: Client, reply: Reply, kind: type[TorBoxError]
) -> None:
    assert type(failure(server, client, reply)) is kind


def test_success_decides_whatever_the_status_says(server: Server, client: Client) -> None:
    server.will(Reply(500, ok({"torrent_id": 5}).body))
    assert client.create_torrent(magnet=MAGNET).torrent_id == 5


def test_success_may_come_with_error_false(server: Server, client: Client) -> None:
    server.will(ok({"torrent_id": "5"}, error=False))
    assert client.create_torrent(magnet=MAGNET).torrent_id == 5


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "37"}, 37),
        ({"retry-after": "37.5", "x-ratelimit-reset": "4"}, 37.5),
        ({"retry-after": "nonsense", "x-ratelimit-reset": "4.25"}, 4.25),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "99999999"}, 86400),
        ({"x-ratelimit-reset": "1"}, 1),
        ({"x-ratelimit-reset": "1000000000.5"}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "Wed, 99 Oct 20155 07:28:00"}, None),
    ],
)
def test_retry_after_in_all_its_spellings(
    server: Server, client: Client, headers: dict[str, str], seconds: float | None
) -> None:
    error = failure(server, client, Reply(429, b'{"detail":"60 per 1 hour"}', headers))
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds
    assert error.detail == "60 per 1 hour"


def test_retry_after_as_a_unix_time_counts_from_now(server: Server, client: Client) -> None:
    moment = datetime.now(UTC).timestamp() + 100
    error = failure(server, client, Reply(429, b"{}", {"x-ratelimit-reset": str(moment)}))
    assert isinstance(error, RateLimited)
    assert error.retry_after == pytest.approx(100, abs=5)


@pytest.mark.parametrize(
    ("name", "limit", "current", "until"),
    [
        ("active_limit", 3, 3, None),
        ("monthly_limit", 10, 10, None),
        ("cooldown_limit", None, None, datetime(2026, 5, 3, 10, tzinfo=UTC)),
        ("queue_full", None, None, None),
    ],
)
def test_limits_say_how_much_and_until_when(
    server: Server, client: Client, name: str, limit: Any, current: Any, until: Any
) -> None:
    error = failure(server, client, example("createtorrent.json", name))
    assert isinstance(error, LimitReached)
    assert (error.limit, error.current, error.until) == (limit, current, until)


def test_a_limit_is_read_from_the_sentence_when_nothing_else_tells(server: Server, client: Client) -> None:
    error = failure(server, client, refusal(None, "Active torrent download limit of 7 reached.", 200))
    assert isinstance(error, LimitReached)
    assert (error.limit, error.code) == (7, "ACTIVE_LIMIT")


def test_an_unreadable_cooldown_keeps_the_refusal(server: Server, client: Client) -> None:
    error = failure(server, client, refusal("COOLDOWN_LIMIT", data={"cooldown_until": "soon"}))
    assert isinstance(error, LimitReached)
    assert error.until is None


@pytest.mark.parametrize(
    ("reply", "maybe"),
    [
        (Reply(502, HTML), True),
        (Reply(503, b"upstream"), True),
        (Reply(403, HTML), False),
        (refusal("DATABASE_ERROR", status=500), False),
        (refusal("BOZO_TORRENT"), False),
        (Reply(429, b"{}"), False),
        (Reply(200, b"{"), True),
    ],
)
def test_maybe_done_tells_when_to_look_first(
    server: Server, client: Client, reply: Reply, maybe: bool
) -> None:
    assert failure(server, client, reply).maybe_done is maybe


def test_the_sentence_is_bounded_and_on_one_line(server: Server, client: Client) -> None:
    error = failure(server, client, refusal("INVALID_OPTION", "a\nb\x00\x1b[31m" + "x" * 5000))
    assert error.detail.startswith("a b[31mxxx")
    assert len(error.detail) == 500


def test_a_validation_answer_names_the_field(server: Server, client: Client) -> None:
    error = failure(server, client, example("createtorrent.json", "validation_422"))
    assert error.detail == "seed: Input should be a valid integer"


def test_a_page_of_html_is_never_shown(server: Server, client: Client) -> None:
    assert "<" not in str(failure(server, client, Reply(502, HTML)))


@pytest.mark.parametrize(
    "reply", [Reply(401, b"{}"), Reply(502, HTML), Reply(200, b"[]"), refusal("BOZO_TORRENT", "")]
)
def test_an_error_has_only_words_of_torbox(server: Server, client: Client, reply: Reply) -> None:
    error = failure(server, client, reply)
    assert error.detail == "" and str(error)


@pytest.mark.parametrize("data", ["some text", {"deep": {"er": [1]}, "n": 1}, [1, 2], 5, None])
def test_failure_data_is_kept_flat(server: Server, client: Client, data: Any) -> None:
    kept = failure(server, client, refusal("UNKNOWN_ERROR", data=data)).data
    assert kept in ("some text", {"deep": None, "n": 1}, None)


def test_errors_survive_pickling(server: Server, client: Client) -> None:
    error = failure(server, client, example("createtorrent.json", "active_limit"))
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, LimitReached)
    assert (copy.detail, copy.code, copy.limit) == (error.detail, error.code, 3)


@pytest.mark.parametrize("success", ["maybe", None, 7, [], {}])
def test_neither_yes_nor_no_is_no_verdict(server: Server, client: Client, success: object) -> None:
    body = {"success": success, "error": 7, "detail": ["?"], "data": [{"id": "x"}]}
    error = failure(server, client, Reply(200, json.dumps(body).encode()))
    assert isinstance(error, Malformed) and error.maybe_done
