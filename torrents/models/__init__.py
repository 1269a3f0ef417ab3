from .activity import Activity
from .requests import AddRequest, ControlRequest, CreateCall, RequestState, Seed
from .torrents import Torrent, TorrentFile, TorrentQuerySet

__all__ = [
    "Activity",
    "AddRequest",
    "ControlRequest",
    "CreateCall",
    "RequestState",
    "Seed",
    "Torrent",
    "TorrentFile",
    "TorrentQuerySet",
]
