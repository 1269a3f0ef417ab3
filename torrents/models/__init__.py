from .activity import Activity, ActivityQuerySet
from .file_names import FileNames
from .heartbeats import Heartbeat
from .requests import AddRequest, Batch, ControlRequest, CreateCall, RequestState, Seed
from .torrents import Torrent, TorrentFile, TorrentQuerySet

__all__ = [
    "Activity",
    "ActivityQuerySet",
    "AddRequest",
    "Batch",
    "ControlRequest",
    "CreateCall",
    "FileNames",
    "Heartbeat",
    "RequestState",
    "Seed",
    "Torrent",
    "TorrentFile",
    "TorrentQuerySet",
]
