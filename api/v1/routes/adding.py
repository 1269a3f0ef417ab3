"""Preview and add torrents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.http import HttpResponse
from ninja import Header

from accounts.models import TorBoxAccount, User
from torbox import magnet_scanner
from torrents.models import Seed, Torrent
from torrents.services.actions import choosing, placing, previewing, tagging, torrent_links
from torrents.services.actions.adding import BATCH, Options
from torrents.services.actions.previewing import FoundTorrents, PreviewLine, SkippedLine
from torrents.skip_reason_text import skip_sentence

from ...models.idempotency import MAX_KEY
from ...services import idempotency
from .. import auth
from ..calling import ProgramRequest
from ..json_answers import json_answer
from ..problems import Code, Problem, answers
from ..schemas.adding import (
    AddedAs,
    AddedItem,
    AddedOut,
    PreviewLineOut,
    PreviewOut,
    SeedChoice,
    SkippedOut,
    Source,
    ToAdd,
)
from ..torrent_rows import torrent_out
from .torrents import router

SEEDS = {SeedChoice.AUTOMATIC: Seed.AUTOMATIC, SeedChoice.YES: Seed.YES, SeedChoice.NO: Seed.NO}


@router.post(
    "/torrents/preview",
    auth=auth.add,
    response=answers(PreviewOut, 404, 409, 413, 415),
    operation_id="preview_torrents",
    tags=["adding"],
    summary="Preview torrents",
)
def preview_torrents(request: ProgramRequest, source: Source) -> PreviewOut:
    """Return what would be added, and whether TorBox has it already. Changes nothing."""
    accounts = _accounts(request.user)
    named = _named(accounts, source.account_id)
    asked = named or choosing.first_to_ask(accounts)
    if asked is None:
        raise Problem(Code.NOWHERE_TO_ADD)
    shown = previewing.preview(person=request.user, account=asked, found=understood(request.user, source))
    return PreviewOut(
        items=[_line_out(line) for line in shown.lines],
        skipped=[_skipped_out(one) for one in shown.skipped],
        repeated=shown.repeated,
    )


@router.post(
    "/torrents",
    auth=auth.add,
    response=answers(AddedOut, 404, 409, 413, 415, status=202),
    operation_id="add_torrents",
    tags=["adding"],
    summary="Add torrents",
)
def add_torrents(
    request: ProgramRequest,
    to_add: ToAdd,
    idempotency_key: str = Header(  # type: ignore[type-arg]
        "",
        max_length=MAX_KEY,
        description="Any text of yours. Within a day, the same request with the same key adds nothing again.",
    ),
) -> HttpResponse:
    """Add torrents, and answer at once. They are sent to TorBox afterward, and what fails is tried again.

    Torrents that you have already stay as they are.
    """
    found = understood(request.user, to_add)

    def run() -> dict[str, Any]:
        return _added(request.user, found, to_add).model_dump(mode="json")

    if not idempotency_key:
        return _accepted(run())
    try:
        answer, _ = idempotency.once(
            token=request.auth,
            key=idempotency_key,
            request_hash=idempotency.hash_of(request.body),
            run=run,
        )
    except idempotency.OtherRequest:
        raise Problem(Code.KEY_USED) from None
    return _accepted(answer)


def understood(person: User, source: Source) -> FoundTorrents:
    """Return the torrents in what a program sent. Links to .torrent files are fetched."""
    text = "\n".join([source.text, *source.magnets, *source.hashes])
    files = [(file.name, file.content) for file in source.files]
    return previewing.understand(
        magnet_scanner.scan(text),
        files,
        fetch=lambda links: torrent_links.fetch_links(person, links, {}),
    )


def _added(person: User, found: FoundTorrents, to_add: ToAdd) -> AddedOut:
    """Add torrents to the account that was named, or that fits best."""
    named = _named(_accounts(person), to_add.account_id)
    hashes = list(found.new_torrents)
    if not hashes:
        return AddedOut(items=[], skipped=[_skipped_out(one) for one in found.skipped])
    placed = placing.place(person=person, found=found, options_for=partial(_options, to_add), named=named)
    if placed.result is None:
        raise Problem(Code.NOWHERE_TO_ADD)
    rows = _seen(person, hashes)
    new = {row.info_hash for row in placed.result.added}
    return AddedOut(
        items=[_item(one, rows.get(one), is_new=one in new) for one in hashes],
        skipped=[_skipped_out(one) for one in found.skipped],
    )


def _options(to_add: ToAdd, count: int) -> Options:
    return Options(
        seed=SEEDS[to_add.seed],
        allow_zip=to_add.allow_zip,
        name=to_add.name if count == 1 else "",
        as_queued=to_add.as_queued,
        only_if_cached=to_add.only_if_cached,
        hidden=to_add.hidden,
        tags=tuple(tagging.clean(",".join(to_add.tags))),
    )


def _item(info_hash: str, row: Torrent | None, *, is_new: bool) -> AddedItem:
    if row is None:
        return AddedItem(hash=info_hash, result=AddedAs.NOT_HIDDEN, torrent=None)
    result = AddedAs.ADDED if is_new else AddedAs.EXISTING
    return AddedItem(hash=info_hash, result=result, torrent=torrent_out(row))


def _seen(person: User, hashes: Sequence[str]) -> dict[str, Torrent]:
    """Return the torrents that the person sees with these hashes, the newest of each."""
    rows: dict[str, Torrent] = {}
    for start in range(0, len(hashes), BATCH):
        some = Torrent.objects.visible_to(person).filter(info_hash__in=hashes[start : start + BATCH])
        rows |= {row.info_hash: row for row in some.for_display(person).order_by("added_at", "pk")}
    return rows


def _accounts(person: User) -> list[TorBoxAccount]:
    return list(TorBoxAccount.objects.addable_by(person).with_sharing())


def _named(accounts: Sequence[TorBoxAccount], account_id: int | None) -> TorBoxAccount | None:
    """Return the account with this id, or None without one. Raises `Problem` if the person can't add to it."""
    if account_id is None:
        return None
    named = next((account for account in accounts if account.pk == account_id), None)
    if named is None:
        raise Problem(Code.NOT_FOUND)
    return named


def _line_out(line: PreviewLine) -> PreviewLineOut:
    return PreviewLineOut(
        hash=line.new_torrent.magnet.info_hash,
        name=line.name,
        size=line.size,
        file_count=line.file_count,
        cached=line.cached,
        torrent=torrent_out(line.existing) if line.existing else None,
    )


def _skipped_out(skipped: SkippedLine) -> SkippedOut:
    return SkippedOut(
        reason=skipped.reason,
        text=skipped.text,
        line=skipped.line,
        detail=skip_sentence(skipped.reason, skipped.params, skipped.line),
    )


def _accepted(answer: dict[str, Any]) -> HttpResponse:
    response = json_answer(AddedOut.model_validate(answer))
    response.status_code = 202
    return response
