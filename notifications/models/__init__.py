from .channels import Channel, ChannelKind, ChannelQuerySet, PushKey, Trouble
from .deliveries import Delivery, DeliveryState
from .inbox import Notification, NotificationQuerySet
from .preferences import EventChoice, NotificationSettings, Summary, TorrentChoice
from .progress import Cursor

__all__ = [
    "Channel",
    "ChannelKind",
    "ChannelQuerySet",
    "Cursor",
    "Delivery",
    "DeliveryState",
    "EventChoice",
    "Notification",
    "NotificationQuerySet",
    "NotificationSettings",
    "PushKey",
    "Summary",
    "TorrentChoice",
    "Trouble",
]
