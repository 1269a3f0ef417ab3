"""Torrents as JSON text, in the field order of the documented example.

Lists are long and mostly unchanged, so the text of a torrent that doesn't change is kept.
"""

from __future__ import annotations

import json
import math
from random import Random
from typing import Any

from simulator import content, lifecycle, magnets, names
from simulator.accounts import QueueItem
from simulator.clock import old_stamp, stamp
from simulator.content_library import MAX_BYTES, Invented, Work
from simulator.lifecycle import Torrent, View
from simulator.options import Options

FILES_MARK = '"\\u0000files"'
ZIPPED_FROM = 100
"""Number of files from which TorBox zips (docs/torbox-api.md#quirks, 10)."""
quote = json.encoder.encode_basestring


def torrent_text(torrent: Torrent, at: float, options: Options) -> str:
    kept = torrent.row
    if kept and kept["version"] == options.version and _holds(kept, at):
        return str(kept["text"])
    seen = lifecycle.view(torrent, at)
    text = _text(torrent, seen, at, options)
    if not seen.moving:
        torrent.row.update(version=options.version, since=seen.since, until=seen.until, text=text)
    return text


def _holds(kept: dict[str, Any], at: float) -> bool:
    return bool(kept["since"] <= at < kept["until"])


def _text(torrent: Torrent, seen: View, at: float, options: Options) -> str:
    row = torrent_row(torrent, seen, at, options)
    text = json.dumps(row | {"files": "\0files"}, ensure_ascii=False, separators=(",", ":"))
    return text.replace(FILES_MARK, files_text(torrent, seen, options), 1)


def when(seconds: float | None, options: Options) -> str | None:
    if seconds is None or math.isinf(seconds):
        return None
    return stamp(seconds) if options.timestamps == "z" else old_stamp(seconds)


def shown_hash(info_hash: str, options: Options) -> str:
    return info_hash.upper() if options.upper_hashes else info_hash


def torrent_row(torrent: Torrent, seen: View, at: float, options: Options) -> dict[str, Any]:
    work, size = torrent.work, torrent.work.size if seen.known else 0
    shown = shown_hash(work.info_hash, options)
    row = {
        "id": torrent.id,
        "auth_id": torrent.auth_id,
        "server": 1 + torrent.id % 12,
        "hash": shown,
        "name": torrent.name or (work.name if seen.known else work.info_hash),
        "magnet": torrent.magnet,
        "size": size,
        "active": seen.active,
        "created_at": when(torrent.created_at, options),
        "updated_at": when(_updated_at(torrent, seen, at, options), options),
        "download_state": seen.state,
        "seeds": seen.seeds,
        "peers": seen.peers,
        "ratio": round(seen.uploaded / size, 2) if size else 0,
        "progress": _progress(seen.progress, options),
        "download_speed": seen.speed,
        "upload_speed": seen.upload,
        "eta": seen.eta,
        "torrent_file": torrent.uploaded,
    }
    return row | _storage(torrent, seen, size, options) | _rest(torrent, seen, options)


def _updated_at(torrent: Torrent, seen: View, at: float, options: Options) -> float:
    true = at if seen.moving else max(seen.since, torrent.created_at)
    return true if options.updated_at == "forward" else 2 * torrent.created_at - true


def _cached_at(torrent: Torrent, seen: View, options: Options) -> float | None:
    """Return when the bytes entered the shared cache, which the account's own downloads also do."""
    if torrent.cached_at is not None or options.cached_rows == "found":
        return torrent.cached_at
    return torrent.stored_at if seen.present or seen.state == "expired" else None


def _storage(torrent: Torrent, seen: View, size: int, options: Options) -> dict[str, Any]:
    purged = seen.state == "expired"
    dated = (seen.present or purged) and options.row_expires_at == "ready"
    return {
        "expires_at": when(torrent.expires_at, options) if dated else None,
        "download_present": seen.present,
        "files": None,
        "download_path": torrent.work.info_hash,
        "availability": _availability(seen),
        "download_finished": seen.finished,
        "tracker": torrent.work.trackers[0] if torrent.work.trackers and seen.active else None,
        "total_uploaded": seen.uploaded,
        "total_downloaded": 0 if purged else int(size * seen.progress),
        "cached": _cached_at(torrent, seen, options) is not None and not purged,
    }


def _rest(torrent: Torrent, seen: View, options: Options) -> dict[str, Any]:
    rest = {
        "owner": torrent.auth_id,
        "seed_torrent": torrent.seed == 2 or (seen.present and seen.active),
        "allow_zipped": torrent.allow_zip,
        "long_term_seeding": False,
        "tracker_message": None,
        "cached_at": when(_cached_at(torrent, seen, options), options),
        "private": torrent.work.private,
        "alternative_hashes": list(torrent.alternative_hashes),
        "tags": list(torrent.tags),
    }
    if options.row_airlocked:
        rest["airlocked"] = torrent.airlocked
    if options.inactive_check:
        rest["inactive_check"] = 0
    if options.unknown_fields:
        rest |= {"x_new_field": {"nested": [1, None]}, "download_label": None}
    return rest


def _availability(seen: View) -> float:
    if seen.present and not seen.active:
        return 1
    return round(seen.seeds * 0.53, 2) if seen.active else 0


def _progress(share: float, options: Options) -> float:
    if options.progress == "int":
        return int(share)
    return round(share * 100, 2) if options.progress == "percent" else share


def file_ids(work: Work, options: Options) -> list[int]:
    """Return the ids of files. They are handles: for about half of all works they are unordered and don't start at 0."""
    count = len(work.files)
    if options.file_ids == "zero_based" or int(work.info_hash[0], 16) < 7:
        return list(range(count))
    ids = list(range(count + 5))
    Random(work.info_hash).shuffle(ids)
    return ids[:count]


def files_text(torrent: Torrent, seen: View, options: Options) -> str:
    """Return the files as JSON. Formatted by hand for speed, because files are most of a long list."""
    if options.files_null:
        return "null"
    if not seen.known or seen.state == "expired":
        return "[]"
    work = torrent.work
    ids, files, sums = file_ids(work, options), work.files, _checksums(work, seen)
    zipped = "true" if torrent.allow_zip and seen.present and len(files) >= ZIPPED_FROM else "false"
    given = (shown_hash(work.info_hash, options), seen.present, zipped)
    texts = [_file_text(*one, *given) for one in zip(ids, files, sums, strict=True)]
    return "[" + ",".join(texts) + "]"


def _checksums(work: Work, seen: View) -> list[str]:
    """Return the MD5 of every other file as JSON text, as far as the content is stored and small enough to be read.

    TorBox has null for most files.
    """
    if not seen.present or isinstance(work, Invented):
        return ["null"] * len(work.files)
    return [
        "null" if number % 2 or size > MAX_BYTES else f'"{content.md5(work.seed, path, size)}"'
        for number, (path, size) in enumerate(work.files)
    ]


def _file_text(id_: int, file: tuple[str, int], md5: str, shown: str, present: bool, zipped: str) -> str:
    path, size = file
    quoted = quote(path)[1:-1]
    short = quoted.rpartition("/")[2]
    stored = f"{shown.lower()}/{quoted}" if present else ""
    return (
        f'{{"id":{id_},"md5":{md5},"hash":"{shown}","name":"{quoted}","size":{size},"zipped":{zipped},'
        f'"s3_path":"{stored}","infected":false,"mimetype":"{names.mime(path)}","short_name":"{short}",'
        f'"absolute_path":"/completed/{quoted}","opensubtitles_hash":null}}'
    )


def queue_row(item: QueueItem, auth_id: str, options: Options) -> dict[str, Any]:
    addition = item.addition
    return {
        "id": item.id,
        "auth_id": auth_id,
        "created_at": when(item.created_at, options),
        "magnet": addition.magnet or (None if addition.uploaded else magnets.build(addition.work.info_hash)),
        "torrent_file": f"{addition.work.info_hash}.torrent" if addition.uploaded else None,
        "hash": shown_hash(addition.work.info_hash, options),
        "name": addition.name or addition.work.name,
        "type": "torrent",
        "name_override": addition.name,
        "seed_torrent_override": None if addition.seed == 1 else addition.seed,
    }
