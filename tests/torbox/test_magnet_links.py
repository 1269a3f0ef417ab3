"""One magnet link: every spelling, and the same reading as libtorrent."""

from __future__ import annotations

import base64

import libtorrent as lt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torbox.magnets import InvalidMagnet, Magnet, build, parse
from torbox.skip_reasons import SkipReason

HEX = "08ada5a7a6183aae1e09d831df6748d566095a10"
B32 = base64.b32encode(bytes.fromhex(HEX)).decode()

hashes = st.binary(min_size=20, max_size=20).map(bytes.hex)
# A name made of %XX escapes alone reads as escaped twice, by design.
names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=60).filter(
    lambda name: name == name.strip() and "%" not in name
)
trackers = st.lists(
    st.sampled_from(["udp://t.example:80/announce", "https://t.example/a?b=c&d=e+f"]), unique=True
)


@pytest.mark.parametrize(
    "text",
    [
        f"magnet:?xt=urn:btih:{HEX}",
        f"MAGNET:?XT=URN:BTIH:{HEX.upper()}",
        f"magnet:?xt=urn:btih:{B32}",
        f"magnet:?xt=urn:btih:{B32.lower()}",
        f"magnet:?xt.1=urn:btih:{HEX}",
        f"magnet:?xt=urn:btmh:1220{'ab' * 32}&xt=urn:btih:{HEX}",
        f"magnet:?xt=urn:ed2k:abc&xt=urn:btih:{HEX}",
        f"magnet:?dn=x&amp;xt=urn:btih:{HEX}",
        f"magnet:?dn=x&amp;amp;xt=urn:btih:{HEX}",
        f"magnet:?xt=urn%3Abtih%3A{HEX}",
        f"magnet:?xt=urn%253Abtih%253A{HEX}",
        f"magnet%3A%3Fxt%3Durn%3Abtih%3A{HEX}",
        f"magnet%253A%253Fxt%253Durn%253Abtih%253A{HEX}",
        f"magnet://?xt=urn:btih:{HEX}",
        f'"magnet:?xt=urn:btih:{HEX}"',
        f"<magnet:?xt=urn:btih:{HEX}>",
        f"(`magnet:?xt=urn:btih:{HEX}`)",
        f"magnet:?xt=urn:btih:{HEX}.",
        f"magnet:?xt=urn:btih:{HEX[:20]}\u200b{HEX[20:]}",
        f"\ufeffmagnet:?xt=urn:btih:{HEX}\r\n",
        HEX,
        HEX.upper(),
        B32,
        B32.lower(),
        f"  {HEX} ",
    ],
)
def test_every_spelling_is_the_same_torrent(text: str) -> None:
    assert parse(text).info_hash == HEX


@pytest.mark.parametrize(
    ("dn", "name"),
    [
        ("Big+Buck+Bunny", "Big Buck Bunny"),
        ("Big%20Buck%20Bunny", "Big Buck Bunny"),
        ("Big%2520Buck%2520Bunny", "Big Buck Bunny"),
        ("100%25%20free", "100% free"),
        ("a%00b%0Ac", "ab c"),
        ("caf%C3%A9", "café"),
        ("caf%E9", "caf\ufffd"),
        ("café", "café"),
        ("", ""),
        ("x" * 900, "x" * 500),
    ],
)
def test_names_are_made_readable(dn: str, name: str) -> None:
    assert parse(f"magnet:?xt=urn:btih:{HEX}&dn={dn}").name == name


def test_only_usable_trackers_are_kept() -> None:
    given_ones = [
        "udp://a:1",
        "UDP://b:2",
        "javascript://c",
        "ftp://d",
        "https://",
        "udp%3A%2F%2Fe%3A5",
        "udp://a:1",
    ]
    link = f"magnet:?xt=urn:btih:{HEX}" + "".join(f"&tr={one}" for one in given_ones) + "&tr.9=wss://f"
    assert parse(link).trackers == ("udp://a:1", "UDP://b:2", "udp://e:5", "wss://f")


def test_a_tracker_has_a_bound() -> None:
    assert parse(f"magnet:?xt=urn:btih:{HEX}&tr=udp://{'x' * 500}&tr=udp://t:1").trackers == ("udp://t:1",)


@pytest.mark.parametrize(("xl", "size"), [("5", 5), ("", None), ("x", None), ("-1", None), ("9" * 19, None)])
def test_the_size_is_read_when_it_is_one(xl: str, size: int | None) -> None:
    assert parse(f"magnet:?xt=urn:btih:{HEX}&xl={xl}").size == size


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", SkipReason.NOT_A_MAGNET),
        ("hello", SkipReason.NOT_A_MAGNET),
        (HEX[:-1], SkipReason.NOT_A_MAGNET),
        ("https://example.org/", SkipReason.NOT_A_MAGNET),
        ("magnet:?dn=x", SkipReason.NO_HASH),
        ("magnet:?", SkipReason.NO_HASH),
        (f"magnet:?xt=urn:btih:{HEX[:-1]}", SkipReason.INCOMPLETE_HASH),
        (f"magnet:?xt=urn:btih:{HEX}0", SkipReason.INCOMPLETE_HASH),
        (f"magnet:?xt=urn:btmh:1220{'ab' * 32}", SkipReason.V2_ONLY_MAGNET),
    ],
)
def test_a_text_without_a_magnet_is_refused_with_a_reason(text: str, reason: SkipReason) -> None:
    with pytest.raises(InvalidMagnet) as caught:
        parse(text)
    assert caught.value.reason == reason


def test_building_refuses_what_is_no_hash() -> None:
    with pytest.raises(InvalidMagnet):
        build("nonsense")
    assert build(B32) == f"magnet:?xt=urn:btih:{HEX}"


@given(hashes, names, trackers, st.none() | st.integers(0, 2**63 - 1))
def test_a_magnet_survives_its_own_link(
    info_hash: str, name: str, trackers: list[str], size: int | None
) -> None:
    magnet = Magnet(info_hash, name, tuple(trackers), size)
    assert parse(magnet.uri) == magnet
    assert parse(build(info_hash, name, trackers)) == Magnet(info_hash, name, tuple(trackers))


@given(hashes, names.filter(bool))
def test_libtorrent_reads_the_same(info_hash: str, name: str) -> None:
    link = build(info_hash, name)
    theirs = lt.parse_magnet_uri(link)
    assert str(theirs.info_hashes.v1) == info_hash
    assert theirs.name == name == parse(link).name


@settings(max_examples=300)
@given(
    st.text() | st.text(alphabet="magnet:?xt=urn:btih%253A&;.+ 2aF", max_size=200).map("magnet:?xt=".__add__)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        magnet = parse(text)
    except InvalidMagnet:
        return
    assert parse(magnet.uri).info_hash == magnet.info_hash
