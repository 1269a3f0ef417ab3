"""The app's settings with beat going round faster, so that what takes minutes with the real TorBox takes seconds."""

from torbox_web.settings import *  # noqa: F403
from torbox_web.settings import every

CELERY_BEAT_SCHEDULE = {
    "refresh": every(5, "refresh_due_accounts"),
    "watch": every(3, "watch_accounts"),
    "send": every(4, "send_due_requests"),
    "prune": every(20, "prune"),
}
