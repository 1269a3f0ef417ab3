""".torrent files: read like libtorrent reads them, and refused in bounded time when hostile."""

from __future__ import annotations

import gzip
import hashlib
import time
from typing import Any

import fastbencode
import libtorrent as lt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torbox import FileEntry, bencode
from torbox.magnets import parse as parse_magnet
from torbox.skip_reasons import SkipReason
from torbox.torrentfiles import MAX_TORRENT_FILE, InvalidTorrentFile, parse


def info(**changes: Any) -> dict[bytes, Any]:
    base: dict[bytes, Any] = {b"name": b"film", b"piece length": 16384, b"pieces": b"x" * 20, b"length": 5}
    changed = base | {key.replace("_", " ").encode(): value for key, value in changes.items()}
    return {key: value for key, value in changed.items() if value is not None}


def torrent(info_value: Any, **root: Any) -> bytes:
    return fastbencode.bencode(
        {b"info": info_value, **{k.replace("_", "-").encode(): v for k, v in root.items()}}
    )


def folder(*files: dict[bytes, Any], **changes: Any) -> bytes:
    return torrent(info(length=None, files=list(files), **changes))


def repeated_in_info(again: bytes) -> bytes:
    """A sound file with some more at the end of its `info`."""
    return torrent(info())[:-2] + again + b"ee"


def folder_of(item: bytes) -> bytes:
    return b"d4:infod5:filesl" + item + b"e4:name4:film12:piece lengthi16384e6:pieces20:" + b"x" * 20 + b"ee"


def seen_by_libtorrent(data: bytes) -> tuple[str, str, list[tuple[str, int]]]:
    """Hash, name, and path and size of each file."""
    theirs = lt.load_torrent_buffer(data).ti
    layout = theirs.layout()
    files = [(layout.file_path(index), layout.file_size(index)) for index in range(layout.num_files())]
    return str(theirs.info_hashes().v1), theirs.name(), files


def seen_by_us(data: bytes) -> tuple[str, str, list[tuple[str, int]]]:
    meta = parse(data)
    return meta.info_hash, meta.name, [(entry.path, entry.size) for entry in meta.files]


REPEATED = [
    repeated_in_info(b"6:source1:a6:source1:b"),
    repeated_in_info(b"3:1231:a3:1231:b"),
    repeated_in_info(b"1:xd6:lengthi1e6:lengthi2ee"),
    b"d10:created by1:a10:created by1:b" + torrent(info())[1:],
    b"d8:announce9:udp://a:18:announce9:udp://b:1" + torrent(info())[1:],
    folder_of(b"d6:lengthi1e6:md5sum1:a6:md5sum1:b4:pathl1:aee"),
]


@pytest.mark.parametrize("data", REPEATED, ids=lambda data: hashlib.sha1(data).hexdigest()[:6])
def test_a_repeated_key_that_nobody_reads_costs_nothing(data: bytes) -> None:
    assert seen_by_us(data) == seen_by_libtorrent(data)


def test_a_gzipped_file_is_unpacked() -> None:
    plain = torrent(info(), announce=b"udp://a:1")
    meta = parse(gzip.compress(plain, mtime=0))
    assert (meta, meta.data) == (parse(plain), plain)
    assert seen_by_us(gzip.compress(plain, mtime=0)) == seen_by_libtorrent(plain)


@pytest.mark.parametrize(
    "path",
    [
        [b".pad", b"16380"],
        [b"_____padding_file_0_if you see this file, please update to BitComet 0.85 or above____"],
        [b"a", b"_____padding_file_12_"],
    ],
)
def test_padding_is_known_by_its_name_too(path: list[bytes]) -> None:
    files = [
        {b"length": 4, b"path": [b"b.mkv"]},
        {b"length": 16380, b"path": path},
        {b"length": 4, b"path": [b"c"]},
    ]
    meta = parse(folder(*files, pieces=b"x" * 40))
    assert [entry.path for entry in meta.files] == ["film/b.mkv", "film/c"] and meta.size == 8
    assert meta.info_hash == seen_by_libtorrent(folder(*files, pieces=b"x" * 40))[0]


@pytest.mark.parametrize(
    "path", [[b".pad", b"notes.txt"], [b"my.pad", b"1"], [b"x_____padding_file_1_"], [b".pad"]]
)
def test_what_only_resembles_padding_is_shown(path: list[bytes]) -> None:
    assert len(parse(folder({b"length": 1, b"path": path})).files) == 1


def test_links_inside_a_torrent_have_no_size_as_in_libtorrent() -> None:
    link = {b"attr": b"lh", b"path": [b"b"], b"symlink path": [b"a"]}
    data = folder({b"length": 5, b"path": [b"a"], b"attr": b"x"}, link)
    assert seen_by_us(data) == seen_by_libtorrent(data)
    assert parse(data).size == 5


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("GBK", "开放电影"), ("gb18030", "开放电影"), ("Big5", "開放電影"), ("Shift_JIS", "映画"), ("windows-1251", "Кино"),
     ("CP1252", "café"), ("ISO-8859-1", "café"), ("KOI8-R", "Кино"), ("EUC-KR", "영화"), ("UTF-8", "café")],
)  # fmt: skip
def test_names_are_read_in_the_declared_encoding(encoding: str, name: str) -> None:
    raw = name.encode(encoding)
    data = torrent(
        info(name=raw, length=None, files=[{b"length": 1, b"path": [raw]}]), encoding=encoding.encode()
    )
    assert seen_by_us(data)[1:] == (name, [(f"{name}/{name}", 1)])
    assert seen_by_us(data)[0] == seen_by_libtorrent(data)[0]


@pytest.mark.parametrize(
    "encoding", [b"GBK", b"punycode", b"hex", b"unicode_escape", b"nonsense", b"\xff", 5, [b"x"]]
)
def test_names_in_utf8_are_read_as_such_whatever_is_declared(encoding: Any) -> None:
    assert parse(torrent(info(name="café".encode()), encoding=encoding)).name == "café"


def test_utf8_names_beside_those_of_another_encoding_win() -> None:
    item = {b"length": 1, b"path": ["开".encode("gbk")], b"path.utf-8": ["开放".encode()]}
    data = torrent(info(name="开".encode("gbk"), length=None, files=[item]), encoding=b"GBK")
    assert seen_by_us(data)[1:] == ("开", [("开/开放", 1)])


def test_deep_folders_are_shown_as_far_as_they_are_read() -> None:
    meta = parse(folder({b"length": 1, b"path": [b"a"] * 150}))
    assert meta.files[0].path == "film/" + "/".join("a" * 100)


def test_a_single_file() -> None:
    meta = parse(
        torrent(info(private=1), announce=b"udp://a:1", announce_list=[[b"udp://a:1", b"udp://b:1"], [b"x"]])
    )
    assert (meta.name, meta.size, meta.files, meta.private) == ("film", 5, (FileEntry("film", 5),), True)
    assert meta.trackers == ("udp://a:1", "udp://b:1")
    assert meta.info_hash == hashlib.sha1(fastbencode.bencode(info(private=1))).hexdigest()
    assert parse_magnet(meta.magnet.uri) == meta.magnet


def test_a_folder_leaves_padding_out() -> None:
    meta = parse(
        folder(
            {b"length": 3, b"path": [b"a", b"b.txt"]},
            {b"length": 9, b"path": [b".pad", b"9"], b"attr": b"p"},
            {b"length": 4, b"path": [b"raw"], b"path.utf-8": ["ü".encode()]},
        )
    )
    assert meta.files == (FileEntry("film/a/b.txt", 3), FileEntry("film/ü", 4))
    assert meta.size == 7


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ([b"..", b"..", b"etc", b"passwd"], "film/etc/passwd"),
        ([b"/etc/passwd"], "film/_etc_passwd"),
        ([b"a", b"", b".", b"b"], "film/a/b"),
        ([b"c:\\x\\y"], "film/c:_x_y"),
        ([b".."], "film/_"),
        ([b"a\x00\nb"], "film/a b"),
        ([b"\xff\xfe"], "film/\ufffd\ufffd"),
    ],
)
def test_no_path_leaves_its_folder(path: list[bytes], shown: str) -> None:
    assert parse(folder({b"length": 1, b"path": path})).files[0].path == shown


def test_the_utf8_name_is_preferred_and_a_missing_one_replaced() -> None:
    assert parse(torrent(info(**{"name.utf-8": "fílm".encode()}))).name == "fílm"
    nameless = parse(torrent(info(name=None)))
    assert nameless.name == nameless.info_hash


@pytest.mark.parametrize(
    "inner",
    [
        b"d6:pieces20:" + b"x" * 20 + b"4:name1:a6:lengthi5ee",  # keys out of order
        b"d6:lengthi0005e4:name1:a6:pieces020:" + b"x" * 20 + b"e",  # zeros in front
    ],
)
def test_the_hash_is_over_the_bytes_as_they_stand(inner: bytes) -> None:
    data = b"d5:zzzzz1:a4:info" + inner + b"8:announce9:udp://a:1e\n"
    assert parse(data).info_hash == hashlib.sha1(inner).hexdigest()


def test_an_info_inside_something_else_is_not_taken() -> None:
    inner = fastbencode.bencode(info())
    data = b"d5:extrad4:infod4:name1:xee4:info" + inner + b"e"
    assert parse(data).info_hash == hashlib.sha1(inner).hexdigest()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", SkipReason.EMPTY_FILE),
        (b"<!DOCTYPE html><html>", SkipReason.WEB_PAGE),
        (b"\xef\xbb\xbf \n<html>", SkipReason.WEB_PAGE),
        (b"magnet:?xt=urn:btih:" + b"a" * 40, SkipReason.MAGNET_IN_FILE),
        (b"x" * (MAX_TORRENT_FILE + 1), SkipReason.FILE_TOO_LARGE),
        (gzip.compress(b"x" * (MAX_TORRENT_FILE + 1), mtime=0), SkipReason.FILE_TOO_LARGE),
        (gzip.compress(bytes(200_000_000), mtime=0), SkipReason.FILE_TOO_LARGE),
        (gzip.compress(b"<html>", mtime=0), SkipReason.WEB_PAGE),
        (gzip.compress(b"d4:infod4:name1:aee", mtime=0)[:-12], SkipReason.DAMAGED_GZIP),
        (b"\x1f\x8bnonsense", SkipReason.DAMAGED_GZIP),
        (b"hello", SkipReason.NOT_A_TORRENT_FILE),
        (b"d4:info", SkipReason.NOT_A_TORRENT_FILE),
        (b"i5e", SkipReason.NOT_A_TORRENT_FILE),
        (b"de", SkipReason.NOT_A_TORRENT_FILE),
        (b"d4:infoi5ee", SkipReason.NOT_A_TORRENT_FILE),
        (b"d4:infode4:infodee", SkipReason.REPEATED_KEY),
        (b"d1:aee", SkipReason.NOT_A_TORRENT_FILE),
        (b"di5e1:ae", SkipReason.NOT_A_TORRENT_FILE),
        (b"l" * 1_000_000, SkipReason.NOT_A_TORRENT_FILE),
        (b"d1:a" * 1_000_000, SkipReason.NOT_A_TORRENT_FILE),
        (b"l" + b"le" * 1_500_000 + b"e", SkipReason.TOO_MANY_VALUES),
        (b"i" + b"9" * 1_000_000 + b"e", SkipReason.NOT_A_TORRENT_FILE),
        (b"999999999:", SkipReason.NOT_A_TORRENT_FILE),
        (b"9" * 1_000_000 + b":", SkipReason.NOT_A_TORRENT_FILE),
        (torrent(info(pieces=None, **{"meta version": 2, "file tree": {}})), SkipReason.V2_ONLY_FILE),
        (torrent(info(pieces=None)), SkipReason.DAMAGED_PIECES),
        (torrent(info(pieces=b"x" * 19)), SkipReason.DAMAGED_PIECES),
        (torrent(info(length=None)), SkipReason.IMPOSSIBLE_SIZE),
        (torrent(info(length=-1)), SkipReason.IMPOSSIBLE_SIZE),
        (torrent(info(length=b"5")), SkipReason.IMPOSSIBLE_SIZE),
        (torrent(info(length=2**63)), SkipReason.IMPOSSIBLE_SIZE),
        (folder(), SkipReason.NO_FILES),
        (torrent(info(files=5)), SkipReason.NO_FILES),
        (torrent(info(files=[5])), SkipReason.DAMAGED_FILE_LIST),
        (folder({b"length": 1}), SkipReason.FILE_WITHOUT_PATH),
        (folder({b"length": 1, b"path": []}), SkipReason.FILE_WITHOUT_PATH),
        (
            folder({b"length": 2**62, b"path": [b"a"]}, {b"length": 2**62, b"path": [b"b"]}),
            SkipReason.IMPOSSIBLE_SIZE,
        ),
        (folder(*[{}] * 100_001), SkipReason.TOO_MANY_FILES),
        (repeated_in_info(b"6:lengthi7e"), SkipReason.REPEATED_KEY),
        (repeated_in_info(b"4:name5:other"), SkipReason.REPEATED_KEY),
        (repeated_in_info(b"6:pieces20:" + b"y" * 20), SkipReason.REPEATED_KEY),
        (repeated_in_info(b"5:filesle5:filesle"), SkipReason.REPEATED_KEY),
        (folder_of(b"d6:lengthi1e6:lengthi2e4:pathl1:aee"), SkipReason.REPEATED_KEY),
        (folder_of(b"d6:lengthi1e4:pathl1:ae4:pathl1:bee"), SkipReason.REPEATED_KEY),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_an_unusable_file_is_refused_with_a_reason_in_time(data: bytes, reason: SkipReason) -> None:
    started = time.process_time()
    with pytest.raises(InvalidTorrentFile) as caught:
        parse(data)
    assert time.process_time() - started < 5
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("data", "params"),
    [
        (b"x" * (MAX_TORRENT_FILE + 1), {"limit": 10}),
        (b"l" + b"le" * 1_500_000 + b"e", {"limit": 1_000_000}),
        (folder(*[{}] * 100_001), {"limit": 100_000}),
        (b"d4:infode4:infodee", {"key": "info"}),
        (repeated_in_info(b"5:filesle5:filesle"), {"key": "files"}),
        (folder_of(b"d6:lengthi1e4:pathl1:ae4:pathl1:bee"), {"key": "path"}),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_refused_file_names_the_limit_or_the_key(data: bytes, params: dict[str, str | int]) -> None:
    with pytest.raises(InvalidTorrentFile) as caught:
        parse(data)
    assert caught.value.params == params


names = st.text(
    st.characters(min_codepoint=48, max_codepoint=122, categories=("L", "N")), min_size=1, max_size=20
)


@settings(max_examples=60, deadline=None)
@given(
    names,
    st.lists(
        st.tuples(names, st.integers(1, 10**6)), min_size=1, max_size=6, unique_by=lambda f: f[0].lower()
    ),
)
def test_libtorrent_reads_the_same(name: str, files: list[tuple[str, int]]) -> None:
    total = sum(size for _, size in files)
    pieces = b"\x01" * 20 * -(-total // 16384)
    listed = [{b"length": size, b"path": [path.encode()]} for path, size in files]
    data = torrent(info(name=name.encode(), length=None, files=listed, pieces=pieces), announce=b"udp://a:1")
    ours, theirs = parse(data), lt.load_torrent_buffer(data).ti
    assert ours.info_hash == str(theirs.info_hashes().v1)
    assert ours.name == theirs.name()
    layout = theirs.layout()
    assert [(entry.path, entry.size) for entry in ours.files] == [
        (layout.file_path(index), layout.file_size(index)) for index in range(layout.num_files())
    ]


values = st.recursive(
    st.integers(-(10**18), 10**18) | st.binary(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.binary(max_size=5), inner, max_size=4),
)


@given(values)
def test_bencode_is_read_as_the_strict_decoder_reads_it(value: Any) -> None:
    assert bencode.decode(fastbencode.bencode(value)).value == value


def is_refused_by_libtorrent(data: bytes) -> bool:
    try:
        return not any(lt.load_torrent_buffer(data).ti.info_hashes().v1.to_bytes())
    except RuntimeError:
        return True


SAMPLE = folder({b"length": 3, b"path": [b"a", b"b.txt"]}, {b"length": 4, b"path": [b"c"], b"attr": b"x"})


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.binary(max_size=4)), max_size=4), st.booleans())
def test_a_mutated_file_is_read_or_refused(edits: list[tuple[int, bytes]], insert: bool) -> None:
    data = bytearray(SAMPLE)
    for place, new in edits:
        data[place : place + (0 if insert else len(new))] = new
    try:
        meta = parse(bytes(data))
    except InvalidTorrentFile as refusal:
        assert is_refused_by_libtorrent(bytes(data)) or refusal.reason == SkipReason.REPEATED_KEY
        return
    assert len(meta.info_hash) == 40
    assert all(".." not in entry.path.split("/") for entry in meta.files)
