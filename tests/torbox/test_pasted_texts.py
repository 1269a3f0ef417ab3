"""All magnets in a pasted text, whatever is around them."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torbox.magnet_scanner import scan
from torbox.magnets import build
from torbox.skip_reasons import SkipReason

A, B, C = ("08ada5a7a6183aae1e09d831df6748d566095a10", "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c", "ab" * 20)
B32 = base64.b32encode(bytes.fromhex(A)).decode()
M = {one: f"magnet:?xt=urn:btih:{one}" for one in (A, B, C)}
V2 = f"magnet:?xt=urn:btmh:1220{'ab' * 32}"


def hashes(text: str) -> list[str]:
    return [found.magnet.info_hash for found in scan(text).found]


@pytest.mark.parametrize(
    "text",
    [
        f"{M[A]}\n{M[B]}",
        f"{M[A]}{M[B]}",
        f"{M[A]}, {M[B]};",
        f"{M[A]}\r{M[B]}\r\n",
        f"Look at {M[A]}. Or at this: “{M[B]}”!",
        f"<a href=\"{M[A]}&amp;dn=x\">one</a><a href='{M[B]}'>two</a>",
        f"&lt;a href=&quot;{M[A]}&quot;&gt; &#39;{M[B]}&#39;",
        f"[one]({M[A]}&dn=a(b)c) and **{M[B]}**",
        f"https://x.example/?u=magnet%3A%3Fxt%3Durn%3Abtih%3A{A}%26dn%3Dx&v=1 {M[B]}",
        f"{A}\n{B}",
        f"{A.upper()} {B}",
        f"{A},{B}",
        f"first: {A}\nhash {B} (movie)",
        f"{B32}\n{B}",
        f"{B32.lower()} {B}",
        f"\ufeff{M[A]}\u200b\n\u200b{B}",
    ],
)
def test_two_torrents_are_found_in_order(text: str) -> None:
    result = scan(text)
    assert [found.magnet.info_hash for found in result.found] == [A, B]
    assert result.skipped == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"see {M[A]}&dn=Big+Buck.", "Big Buck"),
        (f"{M[A]}&dn=Mr.", "Mr."),
        (f"({M[A]}&dn=Film(2019)) more", "Film(2019)"),
        (f"{M[A]}&dn=Film+(2019)", "Film (2019)"),
        (f"'{M[A]}&dn=x' and", "x"),
        (f"{M[A]}&dn=It's&tr=udp://t:1", "It's"),
    ],
)
def test_the_text_around_does_not_get_into_the_name(text: str, name: str) -> None:
    assert scan(text).found[0].magnet.name == name


@pytest.mark.parametrize(
    "text",
    [
        "just words",
        "supercalifragilisticexpialidocio",
        "a" * 32,
        f"word {B32}",
        "x" + A,
        f"https://example.org/commit/{A}",
        f"example.org/{A}",
        "magnet: it attracts iron",
        "ab" * 32,
    ],
)
def test_a_line_without_a_torrent_is_skipped_with_a_reason(text: str) -> None:
    result = scan("\n" + text)
    assert result.found == ()
    (skipped,) = result.skipped
    assert (skipped.line, skipped.text) == (2, text)
    assert skipped.reason == SkipReason.NOTHING_USABLE


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.org/a.torrent", "https://example.org/a.torrent"),
        ("See HTTP://example.org/A.TORRENT, and", "HTTP://example.org/A.TORRENT"),
        ("https://example.org/a.torrent?key=1&amp;id=2", "https://example.org/a.torrent?key=1&id=2"),
        ("https://example.org/get?file=a.torrent&id=2.", "https://example.org/get?file=a.torrent&id=2"),
        ('<a href="https://example.org/a%20b.torrent">b</a>', "https://example.org/a%20b.torrent"),
        ("[a](https://example.org/a.torrent)[b](c)", "https://example.org/a.torrent"),
        (r"https:\/\/example.org\/a.torrent", "https://example.org/a.torrent"),
    ],
)
def test_a_link_to_a_torrent_file_is_found(text: str, url: str) -> None:
    result = scan(f"{text}\n{M[A]} {text}")
    assert [(link.url, link.line) for link in result.links] == [(url, 1)]
    assert hashes(f"{text}\n{M[A]} {text}") == [A] and result.skipped == ()


@pytest.mark.parametrize(
    "text", ["https://www.torrent.example/a", "https://a.torrent/", "ftp://example.org/a.torrent", "a.torrent", f"{M[A]}&ws=https://example.org/a.torrent"]
)  # fmt: skip
def test_other_addresses_are_no_links_to_torrent_files(text: str) -> None:
    assert scan(text).links == ()


def test_a_v2_magnet_is_told_even_next_to_a_good_one() -> None:
    result = scan(f"{M[A]} {V2}")
    assert hashes(f"{M[A]} {V2}") == [A]
    assert (result.skipped[0].line, result.skipped[0].reason) == (1, SkipReason.V2_ONLY_MAGNET)


def test_lines_are_counted_as_an_editor_does() -> None:
    result = scan(f"\r\n\n{M[A]}\x0b\u2028\r{M[B]}\n{M[A]}")
    assert [(found.magnet.info_hash, found.line) for found in result.found] == [(A, 3), (B, 4)]
    assert [(found.magnet.info_hash, found.line) for found in result.repeated] == [(A, 5)]


def test_nothing_is_nothing() -> None:
    result = scan(" \n\t\n\u200b\n")
    assert (result.found, result.skipped, result.repeated) == ((), (), ())


def test_skipped_lines_are_summed_up_after_two_hundred() -> None:
    skipped = scan("word\n" * 1000).skipped
    assert len(skipped) == 201
    assert (skipped[-1].line, skipped[-1].reason) == (201, SkipReason.MORE_LINES)
    assert skipped[-1].params == {"count": 800}


@pytest.mark.parametrize("unit", ["x\n", "word " * 8 + "\n", "x ", "magnet:?", "magnet:?\n", "xx,"])
def test_megabytes_of_nothing_useful_cost_a_second_or_two_and_no_more(unit: str) -> None:
    started = time.process_time()
    scan(unit * (1_800_000 // len(unit)))
    assert time.process_time() - started < 3


@pytest.mark.parametrize("unit", ["x\n", "magnet:?\n"])
def test_what_was_not_read_of_a_paste_is_said(unit: str) -> None:
    """The torrent before it is taken, the one after it is not, and the sentence names the line."""
    result = scan(f"{M[A]}\n{unit * 60_000}{M[B]}")
    assert [found.magnet.info_hash for found in result.found] == [A]
    assert (result.skipped[-1].line, result.skipped[-1].reason) == (50_002, SkipReason.READING_STOPPED)


def test_skipped_text_is_bounded_and_clean() -> None:
    (skipped,) = scan("a\x00\x1b" + "b" * 5000).skipped
    assert len(skipped.text) == 200
    assert skipped.text.startswith("abbb")


@pytest.mark.parametrize(
    "unit",
    ["magnet:?", "magnet%253a%3f", "(", "[magnet:?xt=(", '"', "a" * 40, "A2" * 16 + " ", "&amp;", "&#0", "%25", "\u200b",
     "magnet:?xt=urn:btih:" + "ab" * 20, "&dn=%", "http://", "\n", "x ", ".torrent", "&tr=udp://x"],
)  # fmt: skip
def test_time_grows_with_length_and_no_faster(unit: str) -> None:
    for prefix in ("", "magnet:?", "https://"):
        text = prefix + unit * (300_000 // len(unit))
        started = time.process_time()
        scan(text)
        assert time.process_time() - started < 3


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [M[A], V2, A, B32, "(", ")", "'", '"', " ", "\n", "&amp;", "%3A", ",", "x", "magnet:?"]
        )
    )
)
def test_any_paste_is_survived(parts: list[str]) -> None:
    result = scan("".join(parts))
    assert {found.magnet.info_hash for found in result.found} <= {A}


@given(
    st.lists(st.binary(min_size=20, max_size=20).map(bytes.hex), unique=True, max_size=5),
    st.text(max_size=30),
)
def test_every_built_link_is_found(given_hashes: list[str], name: str) -> None:
    assert hashes("\n".join(build(one, name) for one in given_hashes)) == given_hashes
