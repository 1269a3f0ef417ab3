""".torrent files: read like libtorrent reads them, and refused in bounded time when hostile."""

from __future__ import annotations

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
    ("data", "word"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf \n<html>", "web page"),
        (b"magnet:?xt=urn:btih:" + b"a" * 40, "magnet link"),
        (b"x" * (MAX_TORRENT_FILE + 1), "10 MiB"),
        (b"hello", "damaged"),
        (b"d4:info", "damaged"),
        (b"i5e", "damaged"),
        (b"de", "damaged"),
        (b"d4:infoi5ee", "damaged"),
        (b"d4:infode4:infodee", "damaged"),
        (b"d1:aee", "damaged"),
        (b"di5e1:ae", "damaged"),
        (b"l" * 1_000_000, "damaged"),
        (b"d1:a" * 1_000_000, "damaged"),
        (b"l" + b"le" * 1_500_000 + b"e", "damaged"),
        (b"i" + b"9" * 1_000_000 + b"e", "damaged"),
        (b"999999999:", "damaged"),
        (b"9" * 1_000_000 + b":", "damaged"),
        (torrent(info(pieces=None, **{"meta version": 2, "file tree": {}})), "v2-only"),
        (torrent(info(pieces=None)), "piece hashes"),
        (torrent(info(pieces=b"x" * 19)), "piece hashes"),
        (torrent(info(length=None)), "sizes"),
        (torrent(info(length=-1)), "sizes"),
        (torrent(info(length=b"5")), "sizes"),
        (torrent(info(length=2**63)), "sizes"),
        (folder(), "no files"),
        (torrent(info(files=5)), "no files"),
        (torrent(info(files=[5])), "file list"),
        (folder({b"length": 1}), "no path"),
        (folder({b"length": 1, b"path": []}), "no path"),
        (folder({b"length": 1, b"path": [b"a"] * 101}), "no path"),
        (folder({b"length": 2**62, b"path": [b"a"]}, {b"length": 2**62, b"path": [b"b"]}), "sizes"),
        (folder(*[{}] * 100_001), "too many files"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_unusable_gets_a_sentence_in_time(data: bytes, word: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidTorrentFile, match=word) as caught:
        parse(data)
    assert time.process_time() - started < 5
    assert str(caught.value).endswith(".")


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


SAMPLE = folder({b"length": 3, b"path": [b"a", b"b.txt"]}, {b"length": 4, b"path": [b"c"], b"attr": b"x"})


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.binary(max_size=4)), max_size=4), st.booleans())
def test_a_mutated_file_is_read_or_refused(edits: list[tuple[int, bytes]], insert: bool) -> None:
    data = bytearray(SAMPLE)
    for place, new in edits:
        data[place : place + (0 if insert else len(new))] = new
    try:
        meta = parse(bytes(data))
    except InvalidTorrentFile:
        return
    assert len(meta.info_hash) == 40
    assert all(".." not in entry.path.split("/") for entry in meta.files)
