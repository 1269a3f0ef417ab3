"""Ask TorBox about torrents that may not be in the list, and export those that are."""

from __future__ import annotations

import base64

from ninja import Router

import torbox
from accounts.models import TorBoxAccount, User
from links.services import exporting
from torbox import torrentfiles
from torrents.access import visible_torrent
from torrents.services.actions import cache_check, choosing, looking_up

from ...scopes import Scope
from .. import auth
from ..calling import ProgramRequest
from ..field_problems import field_problem
from ..problems import Code, Problem, after, answers
from ..schemas.lookups import (
    CachedItem,
    CachedOut,
    CachedSent,
    FoundFile,
    LookupOut,
    LookupSent,
    MagnetOut,
    TorrentFileOut,
)

router = Router(tags=["lookups"])
AGAIN_AFTER = 5  # seconds, if as many lookups are running as may
asking = auth.TokenAuth(Scope.READ, changes=True)  # calls TorBox, so it counts like a change


@router.post(
    "/cached",
    auth=asking,
    response=answers(CachedOut, 404, 409, 413, 415, 502),
    operation_id="check_cached",
    summary="Check what is cached",
)
def check_cached(request: ProgramRequest, sent: CachedSent) -> CachedOut:
    """Return which of these torrents TorBox has already."""
    account = _account(request.user, sent.account_id)
    hashes = dict.fromkeys(one.lower() for one in sent.hashes)
    found = cache_check.check(account, hashes, list_files=sent.files)
    return CachedOut(items=[_cached_item(one, found.get(one), sent.files) for one in hashes])


@router.post(
    "/lookup",
    auth=asking,
    response=answers(LookupOut, 404, 409, 413, 415, 502),
    operation_id="look_up",
    summary="Look up a torrent",
)
def look_up(request: ProgramRequest, sent: LookupSent) -> LookupOut:
    """Ask the BitTorrent network for name, size, files, seeds, and peers of a torrent. That takes some seconds."""
    account = _account(request.user, sent.account_id)
    if (sent.hash is None) == (sent.file is None):
        raise Problem(Code.INVALID, errors=[field_problem("body", "hash", "missing")])
    info_hash = (sent.hash or "").lower() or _hash_in(sent.file or b"")
    try:
        found = looking_up.look_up(
            account,
            info_hash=info_hash,
            torrent_file=sent.file,
            timeout=sent.seconds,
            use_cache_lookup=sent.use_cache,
            peers_only=sent.peers_only,
        )
    except looking_up.TooManyLookups:
        raise Problem(Code.BUSY, headers=after(AGAIN_AFTER)) from None
    return LookupOut(
        hash=found.info_hash or info_hash,
        name=found.name,
        size=found.size,
        seeds=found.seeds,
        peers=found.peers,
        trackers=list(found.trackers),
        files=[FoundFile(path=file.path, size=file.size) for file in found.files],
    )


@router.get(
    "/torrents/{int:torrent_id}/magnet",
    auth=asking,
    response=answers(MagnetOut, 404),
    operation_id="export_magnet",
    summary="Export a magnet link",
)
def export_magnet(request: ProgramRequest, torrent_id: int) -> MagnetOut:
    """Return a torrent as a magnet link: TorBox’s, or ours where TorBox has none."""
    found = exporting.magnet(visible_torrent(request, torrent_id))
    return MagnetOut(uri=found.uri, source=found.source)


@router.get(
    "/torrents/{int:torrent_id}/torrent-file",
    auth=asking,
    response=answers(TorrentFileOut, 404, 409, 502),
    operation_id="export_torrent_file",
    summary="Export a .torrent file",
)
def export_torrent_file(request: ProgramRequest, torrent_id: int) -> TorrentFileOut:
    """Return a torrent as a .torrent file, if TorBox or we have one."""
    torrent = visible_torrent(request, torrent_id)
    try:
        data = exporting.torrent_file(torrent)
    except exporting.NothingToExport:
        raise Problem(Code.NOTHING_TO_EXPORT) from None
    return TorrentFileOut(name=f"{torrent}.torrent", content=base64.b64encode(data).decode())


def _account(person: User, account_id: int | None) -> TorBoxAccount:
    """Return the account to ask with. Raises `Problem`."""
    accounts = list(TorBoxAccount.objects.visible_to(person))
    if account_id is not None:
        accounts = [account for account in accounts if account.pk == account_id]
        if not accounts:
            raise Problem(Code.NOT_FOUND)
    account = choosing.first_to_ask(accounts)
    if account is None:
        raise Problem(Code.NO_ACCOUNT)
    return account


def _hash_in(data: bytes) -> str:
    try:
        return torrentfiles.parse(data).info_hash
    except torrentfiles.InvalidTorrentFile:
        raise Problem(Code.INVALID, errors=[field_problem("body", "file", "invalid")]) from None


def _cached_item(info_hash: str, found: torbox.CachedTorrent | None, files: bool) -> CachedItem:
    listed = [FoundFile(path=file.path, size=file.size) for file in found.files] if found else []
    return CachedItem(
        hash=info_hash,
        cached=found is not None,
        name=found.name if found else "",
        size=found.size if found else 0,
        files=listed if files else None,
    )
