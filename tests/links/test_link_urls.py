"""Addresses of links lead to their file under any name, also behind a sub-path."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from django.urls import resolve, set_script_prefix

from links.link_urls import file_path, file_url, list_url, only_path, only_url, page_url
from links.models import LastingLink
from links.services.contents import LinkFile
from links.services.opening import Opened
from torrents.models import Torrent

TOKEN, REF = "A" * 22, "b-_" * 5 + "b"
NAMES = [
    "film.mkv",
    "playlist.m3u8",
    "feed.xml",
    "play",
    "subtitles",
    "Le Été 100 %?#&.mkv",
    "a/b\\c.mkv",
    "..",
    ".",
    "",
    "\u202egnp.exe",
    "new\nline.mkv",
    "x" * 5000 + ".mkv",
    REF,
    f"7.{REF}",
    "%2e%2e%2f",
]


@pytest.fixture
def sub_path():
    set_script_prefix("/torbox/")
    yield "/torbox"
    set_script_prefix("/")


def led_to(address: str) -> tuple[str, dict[str, str]]:
    """Return which view an address leads to, and with which arguments, as a server decodes it."""
    found = resolve(unquote(address))
    return found.url_name, found.kwargs


@pytest.mark.parametrize("name", NAMES)
def test_the_only_file_is_found_under_any_name(name):
    address = only_path(TOKEN, name)
    view, given = led_to(address)
    assert (view, given["token"]) == ("take", TOKEN)
    assert len(address) < 1500


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_found_under_any_name(name):
    address = file_path(TOKEN, LinkFile(Torrent(name="Show"), REF, f"Show/{name or 'x'}"))
    view, given = led_to(address)
    assert (view, given["token"], given["ref"]) == ("take_file", TOKEN, REF)


def test_the_extension_is_kept_because_players_go_by_it():
    long = LinkFile(Torrent(name="Show"), REF, "Show/" + "x" * 3000 + ".mkv")  # as long as paths are stored
    assert only_path(TOKEN, long.name).endswith(".mkv")
    assert file_path(TOKEN, long).endswith(".mkv")
    assert only_path(TOKEN, "playlist.m3u8").endswith("/_playlist.m3u8")


def test_a_file_of_a_list_names_its_torrent():
    file = LinkFile(Torrent(name="Show"), f"7.{REF}", "Show/one.mkv")
    assert led_to(file_path(TOKEN, file))[1]["ref"] == f"7.{REF}"


@pytest.mark.parametrize(
    ("kind", "view"), [("playlist", "media_playlist"), ("share", "media_playlist"), ("podcast", "feed")]
)
def test_a_list_has_an_address_of_its_kind(kind, view):
    opened = Opened(LastingLink(kind=kind), TOKEN)
    assert led_to(urlsplit(list_url(opened)).path) == (view, {"token": TOKEN})


def test_addresses_are_whole_and_below_the_sub_path(settings, sub_path):
    settings.SITE_ORIGIN = "https://home.example"
    file = LinkFile(Torrent(name="Show"), REF, "Show/one two.mkv")
    assert page_url(TOKEN) == f"https://home.example/torbox/l/{TOKEN}/"
    assert only_url(TOKEN, "film.mkv") == f"https://home.example/torbox/l/{TOKEN}/film.mkv"
    assert file_url(TOKEN, file) == f"https://home.example/torbox/l/{TOKEN}/{REF}/one%20two.mkv"
