"""Magnets as people paste them: raw characters, escapes of other programs, hashes beside them. libtorrent is the oracle."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import time

import libtorrent as lt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torbox.magnet_scanner import scan
from torbox.magnets import MAX_LINK, InvalidMagnet, Magnet, build, parse
from torbox.skip_reasons import SkipReason

A, B = "08ada5a7a6183aae1e09d831df6748d566095a10", "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"
B32 = base64.b32encode(bytes.fromhex(A)).decode()
TRACKER = "udp://tracker.example:80"
ESCAPED_TRACKER = "udp%3A%2F%2Ftracker.example%3A80"
RAW_NAMES = [
    "Example Open Movie 2010",
    "Example #1 (2010)",
    "Example|Movie",
    "Example{1080p}",
    "Example [1080p] ^v2^ `cut`",
    "【字幕组】开放电影，第一集「全」",
    "Example’s_“castle”",
    "Example 🎬 2010",
    'The "Example" <2010>',
    "It's an Example, isn't it?",
    "Wait... what?! :)",
    "Example; 50+ minutes = fun",
]
AROUND = [
    "{}",
    "See {} now",
    "Look: ({}).",
    "看{} 好",
    "“{}”!",
    "[film]({}) and more",
    "**{}**",
    "- {}",
    "> {} <",
    "{} https://example.org/?a=1&dn=2",
]


def link(name: str, *, topic_last: bool = False) -> str:
    topic, tail = f"xt=urn:btih:{A}", f"tr={ESCAPED_TRACKER}"
    return f"magnet:?dn={name}&{tail}&{topic}" if topic_last else f"magnet:?{topic}&dn={name}&{tail}"


def only(text: str) -> Magnet:
    found = scan(text).found
    assert len(found) == 1
    return found[0].magnet


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("topic_last", [False, True])
@pytest.mark.parametrize("name", RAW_NAMES)
def test_a_link_goes_on_over_odd_characters_as_in_libtorrent(
    name: str, topic_last: bool, around: str
) -> None:
    pasted = link(name, topic_last=topic_last)
    theirs = lt.parse_magnet_uri(pasted)
    ours = only(around.format(pasted))
    assert (ours.info_hash, ours.trackers) == (str(theirs.info_hashes.v1), tuple(theirs.trackers))
    assert ours.name == parse(pasted).name == theirs.name.replace("+", " ")


@pytest.mark.parametrize("name", RAW_NAMES)
def test_a_name_at_the_end_of_the_line_is_whole(name: str) -> None:
    assert only(f"magnet:?xt=urn:btih:{A}&tr={ESCAPED_TRACKER}&dn={name}").name == name.replace("+", " ")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"magnet:?xt=urn:btih:{A}&dn=Big+Buck and then some words", "Big Buck"),
        (f"magnet:?xt=urn:btih:{A}&dn=Big%20Buck and then some words", "Big Buck"),
        (f"See magnet:?xt=urn:btih:{A}&dn=Big.Buck. And more", "Big.Buck"),
        (f"magnet:?xt=urn:btih:{A}&dn=Tom & Jerry&tr={ESCAPED_TRACKER}", "Tom & Jerry"),
        (f"<a href='magnet:?xt=urn:btih:{A}&dn=x'>x</a> <a href='/y?z=1&dn=other'>y</a>", "x"),
        (f"[x](magnet:?xt=urn:btih:{A}&dn=x)[y](http://y.example/?z=1&dn=other)", "x"),
        (f"magnet:?xt=urn:btih:{A}&dn=x http://y.example/?z=1&dn=other", "x"),
        (f"(magnet:?xt=urn:btih:{A}&dn=Smile:)&tr={ESCAPED_TRACKER})", "Smile:)"),
    ],
)
def test_what_follows_a_link_stays_out_of_its_name(text: str, name: str) -> None:
    assert only(text).name == name


@pytest.mark.parametrize(
    "text",
    [
        rf"magnet:\?xt=urn:btih:{A}\&dn=Big\_Buck\&tr={TRACKER}",
        rf"magnet:?xt=urn:btih:{A}\&dn=Big\_Buck\&tr={TRACKER}",
        rf"magnet:\\?xt=urn:btih:{A}\\&dn=Big_Buck\\&tr={TRACKER}",
        json.dumps({"magnet": f"magnet:?xt=urn:btih:{A}&dn=Big_Buck&tr={TRACKER}"}),
        json.dumps(json.dumps({"magnet": f"magnet:?xt=urn:btih:{A}&dn=Big_Buck&tr={TRACKER}"})),
        f'{{"magnet":"magnet:?xt=urn:btih:{A}\\u0026dn=Big_Buck\\u0026tr=udp:\\/\\/tracker.example:80"}}',
        f"magnet:?xt=urn:btih:{A}&amp;dn=Big_Buck&amp;tr={TRACKER}",
        f"magnet:?xt=urn:btih:{A}&#x26;dn=Big_Buck&#38;amp;tr={TRACKER}",
        html.escape(f'<a href="magnet:?xt=urn:btih:{A}&amp;dn=Big_Buck&amp;tr={TRACKER}">x</a>'),
        f"magnet:///?xt=urn:btih:{A}&amp;dn=Big_Buck&amp;tr={TRACKER}",
        f"magnet:/?xt=urn:btih:{A}&dn=Big_Buck&tr={TRACKER}",
        f"see magnet:///?xt=urn:btih:{A}&dn=Big_Buck&tr={TRACKER}, and more",
    ],
)
def test_escapes_of_other_programs_are_undone(text: str) -> None:
    assert only(text) == Magnet(A, "Big_Buck", (TRACKER,))


@pytest.mark.parametrize(
    "name", ["Tom &quot;T&quot; &eacute;", "Tom &#34;T&#34; &#233;", r"Tom \"T\" \u00e9"]
)
def test_escapes_inside_a_name_are_undone(name: str) -> None:
    assert parse(link(name)).name == only(link(name)).name == 'Tom "T" é'


def test_links_in_one_line_of_json_are_told_apart() -> None:
    text = json.dumps(f"magnet:?xt=urn:btih:{A}&dn=one\nmagnet:?xt=urn:btih:{B}&dn=film 🎬\n")
    assert [(found.magnet.info_hash, found.magnet.name) for found in scan(text).found] == [
        (A, "one"),
        (B, "film 🎬"),
    ]


EXTRAS = [
    ("ws", "https://example.org/file.iso"),
    ("ws", "http://example.org/a b.iso"),
    ("xs", "https://example.org/file.torrent"),
    ("xs", f"urn:btpk:{'ab' * 32}"),
    ("as", "https://example.org/as"),
    ("x.pe", "192.0.2.7:6881"),
    ("x.pe", "[2001:db8::1]:6881"),
    ("x.pe", "peer.example.org:6881"),
    ("so", "0,2,4-8"),
]


def test_web_seeds_sources_peers_and_chosen_files_are_kept() -> None:
    given_ones = [(key, value.replace(" ", "%20")) for key, value in EXTRAS]
    text = f"magnet:?xt=urn:btih:{A}&dn=x" + "".join(f"&{key}={value}" for key, value in given_ones)
    ours = parse(text)
    assert sorted(ours.extras) == sorted(given_ones)
    assert parse(ours.uri) == ours == only(f"see {text} here")
    theirs, sent = lt.parse_magnet_uri(text), lt.parse_magnet_uri(ours.uri)
    assert [seed.replace(" ", "%20") for seed in theirs.url_seeds] == sent.url_seeds
    assert theirs.peers == sent.peers and len(sent.url_seeds) == len(sent.peers) == 2


@pytest.mark.parametrize(
    "pair",
    [
        "ws=javascript:alert(1)",
        "ws=file:///etc/passwd",
        "ws=https://",
        "xs=urn:btih:x",
        "as=//x",
        "x.pe=nonsense",
        "x.pe=host:0",
        "x.pe=host:99999",
        "x.pe=a%20b:1",
        "so=all",
        "so=" + "1," * 900,
        "ws=https://x/" + "a" * 3000,
    ],
)
def test_what_is_not_usable_beside_the_hash_is_dropped(pair: str) -> None:
    assert parse(f"magnet:?xt=urn:btih:{A}&{pair}").extras == ()


def test_as_many_trackers_as_libtorrent_reads_are_kept() -> None:
    trackers = [f"udp://tracker{number}.example.org:6969/announce" for number in range(130)]
    text = f"magnet:?xt=urn:btih:{A}&dn=Many" + "".join(f"&tr={one}" for one in trackers)
    assert list(parse(text).trackers) == lt.parse_magnet_uri(text).trackers == trackers
    assert parse(text).left_out == 0


def test_a_link_has_a_bound_and_what_does_not_fit_is_counted() -> None:
    trackers = [f"udp://tracker{number}.example.org:6969/announce" for number in range(3000)]
    text = f"magnet:?xt=urn:btih:{A}&dn=Many&x.pe=192.0.2.7:6881" + "".join(f"&tr={one}" for one in trackers)
    magnet = parse(text)
    assert MAX_LINK * 0.9 < len(magnet.uri) <= MAX_LINK
    assert magnet.trackers == tuple(trackers[: len(magnet.trackers)])
    assert len(magnet.trackers) + magnet.left_out == 3000 and magnet.extras
    assert parse(magnet.uri) == magnet
    assert len(build(A, "x", trackers)) <= MAX_LINK


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        (f"magnet:?xt=urn:btih:{B}&dn=Big+Buck+Bunny and {A}", [B, A]),
        (f"{A} magnet:?xt=urn:btih:{B}&dn=x", [A, B]),
        (f"{A}, magnet:?xt=urn:btih:{B}&dn=x, {'ab' * 20}", [A, B, "ab" * 20]),
        (f"magnet:?xt=urn:btih:{B}&dn=x {B32}", [B, A]),
        (f"{B32.lower()} magnet:?xt=urn:btih:{B}", [A, B]),
        (f"magnet:?xt=urn:btih:{B}&dn=Words {A} and more", [B, A]),
        (f"[one](magnet:?xt=urn:btih:{B}) or hash: {A}.", [B, A]),
    ],
)
def test_a_hash_beside_a_magnet_is_found_too(text: str, hashes: list[str]) -> None:
    result = scan(text)
    assert [found.magnet.info_hash for found in result.found] == hashes
    assert result.skipped == ()


def test_a_broken_magnet_costs_itself_only() -> None:
    result = scan(f"magnet:?xt=urn:btih:zzz and {A} magnet:?dn=x magnet:?xt=urn:btih:{B}")
    assert {found.magnet.info_hash for found in result.found} == {A, B}
    assert [(skipped.line, skipped.text) for skipped in result.skipped] == [
        (1, "magnet:?xt=urn:btih:zzz"),
        (1, "magnet:?dn=x"),
    ]


@pytest.mark.parametrize("word", [f"#{A}", f"x/{A}", f"{A}-{A}", f"(key={B32})", f"{A}=x"])
@pytest.mark.parametrize("beside", [f"magnet:?xt=urn:btih:{B}&dn=x", f"hash {B} and"])
def test_what_looks_like_a_hash_and_is_not_taken_is_named(word: str, beside: str) -> None:
    result = scan(f"{beside} words {word}")
    assert [found.magnet.info_hash for found in result.found] == [B]
    assert len(result.skipped) == 1 + word.count("-")
    assert result.skipped[0].reason == SkipReason.POSSIBLE_HASH


words = st.sampled_from(
    [
        A,
        A.upper(),
        B32,
        B32.lower(),
        f"magnet:?xt=urn:btih:{B}&dn=x",
        "magnet:?xt=urn:btih:zz",
        "word",
        "#",
        "and",
        f"({A})",
        f"#{A}",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(words, max_size=5).map(" ".join), max_size=4).map("\n".join))
def test_no_hash_of_a_paste_is_lost_without_a_word(text: str) -> None:
    result = scan(text)
    told = {skipped.line for skipped in result.skipped}
    found = {found.magnet.info_hash for found in result.found}
    for number, line in enumerate(text.split("\n"), 1):
        for word in line.split():
            if word.strip("#()").lower() in (A, B32.lower()):
                assert A in found or number in told


raw_names = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs", "Cf"), exclude_characters="&%\\+;")
    | st.just(" "),
    max_size=60,
)


@given(raw_names)
def test_libtorrent_reads_the_same_raw_name(name: str) -> None:
    assert parse(link(name)).name == lt.parse_magnet_uri(link(name)).name.strip()


@pytest.mark.parametrize(
    "unit",
    [
        ")",
        "(",
        "'",
        '"',
        "&dn=",
        "&dn=x ",
        " http://x?",
        "(http://",
        "\\",
        "\\u0026",
        "\\n",
        "&amp;",
        "&lt;",
        "#" + A,
        B32 + ".",
        "https://x/a.torrent ",
        "https://x/a.torrent",
        ".torrent",
        "http://",
    ],
)
@pytest.mark.parametrize("prefix", ["(magnet:?xt=", "'magnet:?xt=urn:btih:zz&dn="])
def test_time_grows_with_length_and_no_faster(unit: str, prefix: str) -> None:
    text = prefix + unit * (200_000 // len(unit)) + "&tr=x"
    started = time.process_time()
    scan(text)
    with contextlib.suppress(InvalidMagnet):
        parse("magnet:?" + text)
    assert time.process_time() - started < 3
