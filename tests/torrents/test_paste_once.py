"""What a preview read of a paste is there when it is added; anything else is read as if there had been none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.factories import make_hash
from torbox import magnet_scanner
from torrents.models import Torrent

TEXT = f"magnet:?xt=urn:btih:{make_hash('one')}&dn=One\nand {make_hash('two')}, and nothing"


@pytest.fixture(autouse=True)
def empty_cache(db):
    cache.clear()


@contextmanager
def readings() -> Iterator[list[None]]:
    """One entry for each time that a paste is read in this thread."""
    found: list[None] = []
    code = magnet_scanner.scan.__code__

    def watch(frame, event, argument) -> None:
        if event == "call" and frame.f_code is code:
            found.append(None)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield found
    finally:
        sys.setprofile(before)


@pytest.fixture
def post(cast, sim, sign_in) -> Callable[..., int]:
    """Send the form and return how often the paste was read."""

    def send(name: str, text: str, person=None) -> int:
        client = sign_in(person or cast.owner)
        with readings() as found:
            assert client.post(reverse(f"torrents:{name}"), {"text": text, "seed": "1"}).status_code < 400
        return len(found)

    return send


def added() -> set[str]:
    return set(Torrent.objects.values_list("info_hash", flat=True))


def test_a_paste_is_read_once_for_its_preview_and_for_adding_it(post):
    assert post("preview", TEXT) == 1
    assert post("preview", TEXT) == 0 and not added()
    assert post("add", TEXT) == 0
    assert added() == {make_hash("one"), make_hash("two")}


def test_a_text_that_was_changed_since_is_read_again(post):
    post("preview", TEXT)
    assert post("add", TEXT.replace(make_hash("one"), make_hash("three"))) == 1
    assert added() == {make_hash("three"), make_hash("two")}


def test_what_was_forgotten_is_read_again(post):
    post("preview", TEXT)
    cache.clear()
    assert post("add", TEXT) == 1
    assert added() == {make_hash("one"), make_hash("two")}


def test_one_persons_paste_does_not_push_out_that_of_another(post, cast):
    post("preview", TEXT)
    post("preview", make_hash("four"), cast.member)
    assert post("add", make_hash("four"), cast.member) == 0
    assert post("add", TEXT) == 0


def test_a_paste_of_megabytes_is_not_kept(post):
    text = TEXT + "\n" + "x" * 1_000_000
    assert post("preview", text) == 1 and post("add", text) == 1
    assert added() == {make_hash("one"), make_hash("two")}
