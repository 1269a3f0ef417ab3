"""The app's settings with a faster beat, quick password hashes, and more sign-ins, for instances that tests start."""

from torbox_web.rate_limits import RATE_LIMITS
from torbox_web.schedule import every
from torbox_web.settings import *  # noqa: F403
from torbox_web.settings import SAVE_DIR

ACCOUNT_RATE_LIMITS = RATE_LIMITS | {"login": "300/m/ip"}  # everyone signs in from the same address

CELERY_BEAT_SCHEDULE = {
    "refresh": every(2, "torrents.tasks.refresh_due_accounts"),
    "watch": every(1, "torrents.tasks.watch_accounts"),
    "send": every(2, "torrents.tasks.send_due_requests"),
    "usage": every(20, "torrents.tasks.read_due_usage"),
    "prune": every(20, "torrents.tasks.prune"),
    "tell": every(2, "notifications.tasks.read_events"),
    "states": every(20, "notifications.tasks.look_at_states"),
    "deliver": every(2, "notifications.tasks.queue_deliveries"),
    "summarize": every(20, "notifications.tasks.summarize"),
    "forget": every(20, "notifications.tasks.prune"),
}
if SAVE_DIR is not None:
    CELERY_BEAT_SCHEDULE |= {
        "save": every(2, "saving.tasks.look"),
        "follow_up": every(20, "saving.tasks.follow_up"),
    }
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
