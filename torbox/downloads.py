"""Calls that get something out of TorBox: download links, magnets, .torrent files."""

from __future__ import annotations

import contextlib
import re
from urllib.parse import urlsplit

from torbox import bencode
from torbox.api import Api, options
from torbox.errors import Malformed, NotFound, TooLarge
from torbox.torrentfiles import MAX_TORRENT_FILE
from torbox.transport import Call

LINK_LIMIT = 8192  # characters; browsers and proxies take no more


class Fetching(Api):
    """Endpoints for links and exports."""

    def request_download(
        self,
        *,
        torrent_id: int,
        file_id: int | None = None,
        zip_link: bool = False,
        torrent_file: bool = False,
        user_ip: str | None = None,
        append_name: bool | None = None,
    ) -> str:
        """Return a link to one file, or with `zip_link` to all files, that can be opened for about an hour.

        TorBox's `redirect` option is never used, because its URL would be a permalink with the API key in it.
        `user_ip` lets TorBox choose a nearby server. Raises NotFound and Refused.
        See docs/torbox-api.md#requestdl.
        """
        query = options(
            torrent_id=torrent_id,
            file_id=file_id,
            zip_link=zip_link or None,
            torrent_file=torrent_file or None,
            user_ip=user_ip,
            append_name=append_name,
        )
        call = Call(method="GET", path="torrents/requestdl", query=query, key_in_query=True)
        return self._checked_link(self._transport.fetch(call).data)

    def export_magnet(self, torrent_id: int) -> str:
        """Return the magnet link of a torrent. TorBox refuses it for cached ones (docs/torbox-api.md#exportdata)."""
        query = options(torrent_id=torrent_id, type="magnet")
        data = self._transport.fetch(Call(method="GET", path="torrents/exportdata", query=query)).data
        if not isinstance(data, str) or not data.lower().startswith("magnet:?"):
            raise Malformed.at("data", "is not a magnet link")
        return data

    def export_file(self, torrent_id: int) -> bytes:
        """Return the bytes of the .torrent file. TorBox refuses it for cached torrents."""
        query = options(torrent_id=torrent_id, type="file")
        return self._torrent_file(Call(method="GET", path="torrents/exportdata", query=query))

    def request_torrent_file(self, torrent_id: int) -> bytes:
        """Return the .torrent file through requestdl's older `torrent_file` option.

        Servers without the option ignore it and link to a file of the torrent, so the downloaded bytes are checked.
        Raises NotFound if they are not a .torrent file.
        """
        link = self.request_download(torrent_id=torrent_id, torrent_file=True)
        data = b""
        with contextlib.suppress(TooLarge):
            data = self._transport.download(link, MAX_TORRENT_FILE)
        if not _is_bencode(data):
            raise NotFound(note="TorBox has no .torrent file for this torrent.")
        return data

    def magnet_to_file(self, magnet: str) -> bytes:
        """Return the bytes of a .torrent file for a magnet link, if TorBox can find its metadata."""
        return self._torrent_file(
            Call(method="POST", path="torrents/magnettofile", json={"magnet": magnet}, patience=60.0)
        )

    def _torrent_file(self, call: Call) -> bytes:
        data = self._transport.fetch_bytes(call)
        if not _is_bencode(data):
            raise Malformed.at("body", "is not a complete .torrent file")
        return data

    def _checked_link(self, link: object) -> str:
        if not isinstance(link, str) or len(link) > LINK_LIMIT or not _is_web_address(link):
            raise Malformed.at("data", "is not a web address")
        if self._transport.hide(link) != link:
            raise Malformed.at("data", "is a link that contains the API key")
        return link


def _is_web_address(link: str) -> bool:
    if re.search(r"[\s\x00-\x20\x7f-\x9f\ud800-\udfff\\]", link):
        return False
    try:
        parts = urlsplit(link)
        return parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:
        return False


def _is_bencode(data: bytes) -> bool:
    try:
        bencode.decode(data)
    except bencode.InvalidBencode:
        return False
    return True
