"""The files of a torrent."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from torrents.access import visible_torrent

from .. import auth
from ..calling import ProgramRequest
from ..json_answers import json_answer, tag_of, unchanged
from ..positions import MAX_CURSOR, after, cursor_of
from ..problems import answers
from ..schemas.files import FileOut, FilePage

router = Router(tags=["torrents"])
ORDER = ("remote_id", "pk")  # stays when the list is read again


class FileQuery(BaseModel):
    """Which part of the files."""

    limit: int = Field(1000, ge=1, le=5000, description="How many at most.")
    cursor: str = Field("", max_length=MAX_CURSOR, description="`next_cursor` of the page before.")


@router.get(
    "/torrents/{int:torrent_id}/files",
    auth=auth.read,
    response=answers(FilePage, 304, 404),
    operation_id="list_files",
    summary="List the files of a torrent",
)
def list_files(request: ProgramRequest, torrent_id: int, wanted: Query[FileQuery]) -> HttpResponse:
    """Return the files of a torrent in no particular order, a page at a time. There are none until TorBox knows them."""
    torrent = visible_torrent(request, torrent_id)
    tag = tag_of(torrent.pk, torrent.files_digest, torrent.file_count, request.META["QUERY_STRING"])
    if same := unchanged(request, tag):
        return same
    files = torrent.files.order_by(*ORDER)
    if wanted.cursor:
        files = files.filter(after(wanted.cursor, ORDER, "file"))
    found = list(files[: wanted.limit + 1])
    shown = found[: wanted.limit]
    page = FilePage(
        items=[FileOut(id=one.pk, path=one.path, size=one.size, mime_type=one.mime_type) for one in shown],
        next_cursor=cursor_of(shown[-1], ORDER, "file") if len(found) > len(shown) else None,
    )
    return json_answer(page, tag)
