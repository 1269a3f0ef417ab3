"""Write archives that Python's library can't: encrypted zip files, 7z, and rar, whole or in parts."""

from __future__ import annotations

import struct
import subprocess
import zlib
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

MARKER = b"Rar!\x1a\x07\x00"
VOLUME, NEW_NAMES, FIRST = 0x0001, 0x0010, 0x0100
BEFORE, AFTER, LONG, DIRECTORY = 0x0001, 0x0002, 0x8000, 0x00E0


def make_zip(path: Path, files: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_zip_with_link(path: Path, name: str, to: str) -> Path:
    info = ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with ZipFile(path, "w") as archive:
        archive.writestr("first.txt", b"harmless")
        archive.writestr(info, to)
    return path


def make_encrypted_zip(path: Path, name: str, content: bytes) -> Path:
    """Encrypt by the rules of a zip file from 1990: bit 0 says so. What stands in it can't be read without a password."""
    make_zip(path, {name: content})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    return path


def make_7z(path: Path, files: dict[str, bytes]) -> Path:
    source = path.parent / f"{path.name} source"
    for name, content in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    subprocess.run(["bsdtar", "--format=7zip", "-cf", path, "-C", source, *files], check=True)
    subprocess.run(["rm", "-r", source], check=True)
    return path


def make_rar(folder: Path, names: list[str], file: str, content: bytes) -> list[Path]:
    """Write a rar archive of one file that isn't compressed, in as many parts as there are names."""
    size = -(-len(content) // len(names))
    paths = []
    for number, name in enumerate(names):
        piece = content[number * size : (number + 1) * size]
        is_last = number == len(names) - 1
        volume = (VOLUME | NEW_NAMES | (0 if number else FIRST)) if len(names) > 1 else 0
        split = (BEFORE if number else 0) | (0 if is_last else AFTER)
        body = MARKER + _block(0x73, volume, bytes(6)) + _file(file, piece, content, split) + piece
        path = folder / name
        path.write_bytes(body + _block(0x7B, 0x4000 | (0 if is_last else 1)))
        paths.append(path)
    return paths


def _file(name: str, piece: bytes, content: bytes, split: int) -> bytes:
    coded = name.encode()
    facts = struct.pack(
        "<IIBIIBBHI",
        len(piece),
        len(content),
        3,
        zlib.crc32(content),
        0x5A210000,
        20,
        0x30,
        len(coded),
        0o100644,
    )
    return _block(0x74, LONG | split, facts + coded)


def _block(kind: int, flags: int, facts: bytes = b"") -> bytes:
    rest = struct.pack("<BHH", kind, flags, 7 + len(facts)) + facts
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest
