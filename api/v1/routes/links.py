"""Links to download with, and lasting links."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from links import tokens
from links.client_ip import public_address
from links.endings import NoSuchItem
from links.link_urls import list_url, only_url, page_url
from links.models import LastingLink
from links.services import making
from links.services.downloading import STARTABLE, Link, LinkError, Wanted, link_for, links_for
from links.services.opening import Opened
from links.views.responses import ERRORS
from torrents.access import visible_torrent

from .. import auth
from ..calling import ProgramRequest
from ..field_problems import field_problem
from ..positions import MAX_CURSOR, after, cursor_of
from ..problems import Code, Problem, answers, details
from ..schemas.links import (
    DownloadItem,
    DownloadOut,
    DownloadSent,
    DownloadsOut,
    DownloadsSent,
    LinkKind,
    LinkOut,
    LinkPage,
    LinkPart,
    LinkSent,
)

router = Router(tags=["links"])
ORDER = ("-created_at", "-pk")
SOON = timedelta(seconds=60)  # what an answer may take to arrive
CODES = {
    LinkError.NOT_READY: Code.NOT_READY,
    LinkError.NOT_FOUND: Code.NOT_AT_TORBOX,
    LinkError.REFUSED: Code.REFUSED,
    LinkError.KEY_REJECTED: Code.KEY_REJECTED,
    LinkError.THROTTLED: Code.THROTTLED,
    LinkError.UNREADABLE: Code.TORBOX_TROUBLE,
    LinkError.NO_ANSWER: Code.TORBOX_DOWN,
    LinkError.OUT_OF_TIME: Code.TORBOX_DOWN,
}


class Listed(BaseModel):
    """Which links."""

    limit: int = Field(100, ge=1, le=500, description="How many at most.")
    cursor: str = Field("", max_length=MAX_CURSOR, description="`next_cursor` of the page before.")


@router.post(
    "/torrents/{int:torrent_id}/download",
    auth=auth.links,
    response=answers(DownloadOut, 404, 409, 413, 415, 502),
    operation_id="get_download",
    summary="Get a download link",
)
def get_download(request: ProgramRequest, torrent_id: int, wanted: DownloadSent) -> DownloadOut:
    """Return TorBox’s link to one file, or to a zip of the whole torrent."""
    torrent = visible_torrent(request, torrent_id)
    file = get_object_or_404(torrent.files.all(), pk=wanted.file_id) if wanted.file_id else None
    if not torrent.downloadable:
        raise Problem(Code.NOT_READY)
    url = link_for(person=request.user, torrent=torrent, file=file, user_ip=public_address(request))
    return DownloadOut(
        name=Wanted(torrent, file).name, url=url, start_until=timezone.now() + STARTABLE - SOON
    )


@router.post(
    "/torrents/{int:torrent_id}/downloads",
    auth=auth.links,
    response=answers(DownloadsOut, 404, 409, 413, 415, 502),
    operation_id="get_downloads",
    summary="Get download links to several files",
)
def get_downloads(request: ProgramRequest, torrent_id: int, wanted: DownloadsSent) -> DownloadsOut:
    """Return TorBox’s links to up to 80 files of a torrent, each with the reason if there is none."""
    torrent = visible_torrent(request, torrent_id)
    if not torrent.downloadable:
        raise Problem(Code.NOT_READY)
    files = torrent.files.order_by("path", "pk")
    if wanted.file_ids:
        files = files.filter(pk__in=wanted.file_ids)
    found = links_for(
        person=request.user,
        wanted=[Wanted(torrent, file) for file in files[:80]],
        user_ip=public_address(request),
    )
    return DownloadsOut(
        items=[_download_item(link) for link in found], start_until=timezone.now() + STARTABLE - SOON
    )


@router.get(
    "/links",
    auth=auth.links,
    response=answers(LinkPage),
    operation_id="list_links",
    summary="List lasting links",
)
def list_links(request: ProgramRequest, wanted: Query[Listed]) -> LinkPage:
    """Return your lasting links, ended ones too, the newest first, a page at a time."""
    rows = _mine(request)
    if wanted.cursor:
        rows = rows.filter(after(wanted.cursor, ORDER, "newest"))
    found = list(rows.order_by(*ORDER)[: wanted.limit + 1])
    shown = found[: wanted.limit]
    return LinkPage(
        items=[_link_out(link) for link in shown],
        next_cursor=cursor_of(shown[-1], ORDER, "newest") if len(found) > len(shown) else None,
    )


@router.post(
    "/links",
    auth=auth.links,
    response=answers(LinkOut, 404, 409, 413, 415, status=201),
    operation_id="make_link",
    summary="Make a lasting link",
)
def make_link(request: ProgramRequest, sent: LinkSent) -> Status[LinkOut]:
    """Make a link that works without signing in, until it ends or you no longer see the torrent."""
    torrent = visible_torrent(request, sent.torrent_id)
    try:
        made = making.share(
            person=request.user,
            torrent=torrent,
            part=sent.part,
            path=sent.path,
            expires_at=sent.expires_at,
            max_uses=sent.max_uses,
            password=sent.password,
        )
    except making.NotAllowed:
        raise Problem(Code.LINKS_OFF) from None
    except NoSuchItem:
        raise Problem(Code.INVALID, errors=[field_problem("body", "path", "invalid")]) from None
    return Status(201, _link_out(made.link))


@router.delete(
    "/links/{int:link_id}",
    auth=auth.links,
    response=answers(LinkOut, 404),
    operation_id="revoke_link",
    summary="Revoke a lasting link",
)
def revoke_link(request: ProgramRequest, link_id: int) -> LinkOut:
    """End one of your links at once."""
    link = get_object_or_404(_mine(request), pk=link_id)
    making.revoke(person=request.user, links=[link])
    return _link_out(get_object_or_404(_mine(request), pk=link_id))


def _mine(request: ProgramRequest) -> QuerySet[LastingLink]:
    return LastingLink.objects.of(request.user).select_related("torrent").defer("torrent__magnet")


def _download_item(link: Link) -> DownloadItem:
    problem = None
    if link.error:
        problem = details(
            Problem(CODES[link.error], upstream_detail=link.upstream_detail), str(ERRORS[link.error])
        )
    return DownloadItem(name=link.name, path=link.path, url=link.url or None, problem=problem)


def _link_out(link: LastingLink) -> LinkOut:
    return LinkOut(
        id=link.pk,
        kind=LinkKind(link.kind),
        url=_url(link),
        torrent_id=link.torrent_id,
        part=LinkPart(link.part),
        path=link.path,
        name=link.name,
        created_at=link.created_at,
        expires_at=link.expires_at,
        max_uses=link.max_uses,
        uses=link.uses,
        has_password=bool(link.password),
        revoked_at=link.revoked_at,
    )


def _url(link: LastingLink) -> str:
    token = tokens.token_of(link.nonce)
    if link.is_list:
        return list_url(Opened(link, token))
    if link.kind == LastingLink.Kind.EXPORT:
        return only_url(token, str(link.torrent))
    return page_url(token)
