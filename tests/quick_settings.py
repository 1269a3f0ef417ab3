"""The app's settings with a faster beat and quick password hashes, for instances that tests start."""

from torbox_web.settings import *  # noqa: F403
from torbox_web.settings import every

CELERY_BEAT_SCHEDULE = {
    "refresh": every(2, "refresh_due_accounts"),
    "watch": every(1, "watch_accounts"),
    "send": every(2, "send_due_requests"),
    "usage": every(20, "read_due_usage"),
    "prune": every(20, "prune"),
}
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
