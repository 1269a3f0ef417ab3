"""Works: the content of a torrent. The bytes are made up but always the same.

`make` builds a work with a real .torrent (valid piece hashes and info hash), `invent` makes up content for
any info hash, `from_torrent` reads an uploaded .torrent. A work that was made here and is uploaded again has the
same bytes, because the seed of its content is derived from the .torrent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any, NamedTuple

from simulator import bencode, content, magnets, names

PIECE = 16 * 1024
MAX_BYTES = 8 * 1024 * 1024
TRACKER = "udp://tracker.example.org:6969"


class File(NamedTuple):
    path: str
    """Full path including the root folder, as mylist gives it."""
    size: int


@dataclass(frozen=True, eq=False)
class Work:
    info_hash: str
    name: str
    seed: str
    listed: tuple[File, ...] = ()
    torrent_bytes: bytes | None = field(default=None, repr=False)
    trackers: tuple[str, ...] = (TRACKER,)
    private: bool = False

    @property
    def files(self) -> tuple[File, ...]:
        return self.listed

    @cached_property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @cached_property
    def magnet(self) -> str:
        return magnets.build(self.info_hash, self.name, self.trackers)

    def file(self, path: str) -> File:
        """Find a file by its full path, or by its path below the root folder."""
        wanted = (path, f"{self.name}/{path}")
        found = next((file for file in self.files if file.path in wanted), None)
        if found is None:
            raise KeyError(f"{self.name} has no file {path}")
        return found

    def read(self, path: str, start: int, stop: int) -> Iterator[bytes]:
        file = self.file(path)
        return content.read(self.seed, file.path, file.size, start, stop)

    def expected_bytes(self, path: str) -> bytes:
        file = self.file(path)
        return content.whole(self.seed, file.path, file.size)


@dataclass(frozen=True, eq=False)
class Invented(Work):
    """A work without a stored file list, so that an account of 50,000 works fits in memory."""

    most_files: int = 0

    @property
    def files(self) -> tuple[File, ...]:
        rng = Random(int(self.info_hash, 16))
        drawn, _ = names.title(rng)
        kind = names.guess(self.name) or drawn
        low, high = names.ROOM[kind]
        found = names.files(rng, kind, self.name, rng.randint(low, high))
        return tuple(File(f"{self.name}/{path}", size) for path, size in found[: self.most_files or None])


def invent(info_hash: str, name: str | None = None, most_files: int = 0) -> Invented:
    """Make up content for a hash the simulator doesn't know. Raises ValueError if it isn't a hash."""
    rng = Random(int(info_hash, 16))
    _, title = names.title(rng)
    safe = (name or title).replace("/", "_").replace("\0", "_").strip() or title
    return Invented(info_hash, safe[:200], seed=info_hash, most_files=most_files)


def make(
    name: str,
    files: Mapping[str, int] | Iterable[tuple[str, int]] | int = 100_000,
    *,
    source: str = "",
    private: bool = False,
    trackers: tuple[str, ...] = (TRACKER,),
) -> Work:
    """Make a work with a real .torrent.

    `files` are paths below the root folder, or the size of a single file. `source` goes into the info dictionary
    and distinguishes works that are otherwise equal.
    """
    single = isinstance(files, int)
    listed = (File(name, files),) if isinstance(files, int) else _below(name, files)
    if sum(file.size for file in listed) > MAX_BYTES:
        raise ValueError(f"{name}: a generated work has at most {MAX_BYTES} bytes")
    seed = content_seed(name, listed, source)
    info = _info(name, listed, seed, single) | ({"source": source} if source else {})
    info |= {"private": 1} if private else {}
    return Work(_hash(info), name, seed, listed, _torrent(info, trackers), trackers, private)


def _below(name: str, files: Mapping[str, int] | Iterable[tuple[str, int]]) -> tuple[File, ...]:
    pairs = files.items() if isinstance(files, Mapping) else files
    return tuple(File(f"{name}/{path}", size) for path, size in pairs)


def famous(info_hash: str, name: str, files: Iterable[tuple[str, int]]) -> Work:
    """Return a work known by its hash, without a .torrent."""
    listed = tuple(File(f"{name}/{path}", size) for path, size in files)
    return Work(info_hash, name, info_hash, listed)


def from_torrent(data: bytes) -> Work:
    """Read a .torrent. Raises ValueError if it has no v1 file list."""
    try:
        meta = bencode.decode(data)
        return _from_meta(meta, data)
    except (KeyError, TypeError, AttributeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f"not a torrent: {error!r}") from error


def _from_meta(meta: dict[bytes, Any], data: bytes) -> Work:
    info = meta[b"info"]
    name = info[b"name"].decode()
    listed = tuple(_listed(info, name))
    if not name or not listed or len(info[b"pieces"]) % 20:
        raise ValueError("no name, no files or broken pieces")
    digest = hashlib.sha1(bencode.raw_value(data, b"info")).hexdigest()
    source = info.get(b"source", b"").decode()
    return Work(
        digest,
        name,
        content_seed(name, listed, source),
        listed,
        data,
        _trackers(meta),
        info.get(b"private") == 1,
    )


def _listed(info: dict[bytes, Any], name: str) -> Iterator[File]:
    if b"files" not in info:
        yield File(name, _size(info))
        return
    for row in info[b"files"]:
        path = "/".join(part.decode() for part in row[b"path"])
        yield File(f"{name}/{path}", _size(row))


def _size(row: dict[bytes, Any]) -> int:
    size = row[b"length"]
    if not isinstance(size, int) or size < 0:
        raise ValueError("a file without a length")
    return size


def _trackers(meta: dict[bytes, Any]) -> tuple[str, ...]:
    tiers = [tracker for tier in meta.get(b"announce-list", []) for tracker in tier]
    found = ([meta[b"announce"]] if b"announce" in meta else []) + tiers
    return tuple(dict.fromkeys(tracker.decode() for tracker in found))


def content_seed(name: str, files: tuple[File, ...], source: str = "") -> str:
    text = "\0".join([name, source, *(f"{file.path}={file.size}" for file in files)])
    return hashlib.sha1(text.encode()).hexdigest()


def _info(name: str, files: tuple[File, ...], seed: str, single: bool) -> dict[str, Any]:
    body = b"".join(content.whole(seed, file.path, file.size) for file in files)
    starts = range(0, len(body), PIECE)
    pieces = b"".join(hashlib.sha1(body[at : at + PIECE]).digest() for at in starts)
    shared = {"name": name, "piece length": PIECE, "pieces": pieces}
    if single:
        return shared | {"length": files[0].size}
    rows = [{"length": file.size, "path": file.path.split("/")[1:]} for file in files]
    return shared | {"files": rows}


def _hash(info: dict[str, Any]) -> str:
    return hashlib.sha1(bencode.encode(info)).hexdigest()


def _torrent(info: dict[str, Any], trackers: tuple[str, ...]) -> bytes:
    head: dict[str, Any] = {"announce": trackers[0]} if trackers else {}
    if len(trackers) > 1:
        head["announce-list"] = [[tracker] for tracker in trackers]
    return bencode.encode(head | {"info": info})


def with_stand_in(work: Work) -> Work:
    """Return `work` with a .torrent of its name and files, for a hash whose real .torrent can't be made.

    The file is well-formed, but has another info hash and blank pieces.
    """
    shared = {"name": work.name, "piece length": 2**24, "pieces": b"\0" * 20 * (work.size // 2**24 + 1)}
    rows = [{"length": file.size, "path": file.path.split("/")[1:] or [file.path]} for file in work.files]
    return Work(
        work.info_hash, work.name, work.seed, work.files,
        _torrent(shared | {"files": rows}, work.trackers), work.trackers,
    )  # fmt: skip


def renamed(work: Work, name: str | None) -> Work:
    """Return an invented work with the name in its magnet. Every other work keeps its own name."""
    if name is None or not isinstance(work, Invented):
        return work
    return replace(invent(work.info_hash, name), trackers=work.trackers)
