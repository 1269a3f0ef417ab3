from .activity import Activity, ActivityQuerySet
from .file_names import FileNames
from .files import TorrentFile
from .heartbeats import Heartbeat
from .requests import AddRequest, Batch, ControlRequest, CreateCall, EditRequest, RequestState, Seed
from .saved_views import SavedView, SavedViewQuerySet
from .tags import TorrentTag
from .torrents import Torrent, TorrentQuerySet
from .usage import Usage, UsageDay

__all__ = [
    "Activity",
    "ActivityQuerySet",
    "AddRequest",
    "Batch",
    "ControlRequest",
    "CreateCall",
    "EditRequest",
    "FileNames",
    "Heartbeat",
    "RequestState",
    "SavedView",
    "SavedViewQuerySet",
    "Seed",
    "Torrent",
    "TorrentFile",
    "TorrentQuerySet",
    "TorrentTag",
    "Usage",
    "UsageDay",
]
