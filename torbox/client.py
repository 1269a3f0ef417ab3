"""The TorBox client: one method per endpoint, grouped by what it does.

    control       create_torrent, create_torrent_async, control_torrent, control_queued, edit_torrent
    listing       list_torrents, list_page, get_torrent, list_queued, user, usage_stats
    metadata      check_cached, check_cached_get, torrent_info, torrent_info_from
    downloads     request_download, export_magnet, export_file, magnet_to_file

Every method raises only the errors of `torbox.errors`, and ValueError for invalid arguments.
Surprising behavior of TorBox is described in docs/torbox-api.md#quirks.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from torbox.control import Changing
from torbox.downloads import Fetching
from torbox.listing import ListApi
from torbox.metadata import LookingUp
from torbox.transport import BODY_DEADLINE, USER_AGENT, Gate, Transport


class Client(Changing, ListApi, LookingUp, Fetching):
    """TorBox for one API key. Don't share it between threads. Close it, or use it in a `with` block.

    `base_url` has no version part, as in https://api.torbox.app. `timeout`: seconds to connect, and seconds to wait
    for each further part of a response. `body_deadline`: seconds for a whole body. `retries`: how often a safe read is
    sent again after an outage; writes are never sent again. `gate` is entered around each call with the endpoint's
    name, to count or delay it. Raises AuthError for an invalid key and ValueError for an invalid address.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        timeout: tuple[float, float] = (5.0, 30.0),
        user_agent: str = USER_AGENT,
        retries: int = 2,
        body_deadline: float = BODY_DEADLINE,
        gate: Gate | None = None,
    ) -> None:
        self._transport = Transport(
            base_url=base_url,
            api_key=api_key,
            timeout=timeout,
            user_agent=user_agent,
            retries=retries,
            body_deadline=body_deadline,
            gate=gate,
        )

    def __repr__(self) -> str:
        return f"Client({self._transport!r})"

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
