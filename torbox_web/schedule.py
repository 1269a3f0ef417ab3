"""Beat's schedule: what runs by itself, and how often."""

from __future__ import annotations

Entry = dict[str, object]


def every(seconds: float, task: str) -> Entry:
    """Return a schedule entry that expires before its next run, so that messages don't pile up for a stalled worker."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds * 0.9}}


ALWAYS = {
    "refresh": every(10, "torrents.tasks.refresh_due_accounts"),
    "watch": every(5, "torrents.tasks.watch_accounts"),
    "send": every(15, "torrents.tasks.send_due_requests"),
    "usage": every(3600, "torrents.tasks.read_due_usage"),
    "prune": every(3600, "torrents.tasks.prune"),
    "tell": every(10, "notifications.tasks.read_events"),
    "states": every(300, "notifications.tasks.look_at_states"),
    "deliver": every(10, "notifications.tasks.queue_deliveries"),
    "summarize": every(900, "notifications.tasks.summarize"),
    "forget": every(3600, "notifications.tasks.prune"),
    "forget_links": every(3600, "links.tasks.prune"),
    "forget_answers": every(3600, "api.tasks.prune"),
    "fetch_links": every(15, "api.tasks.fetch_links"),
}
SAVING = {
    "save": every(10, "saving.tasks.look"),
    "follow_up": every(300, "saving.tasks.follow_up"),
    "forget_jobs": every(3600, "saving.tasks.prune"),
}


def entries(*, saves: bool) -> dict[str, Entry]:
    """Return the schedule. `saves`: saving to disk is on."""
    return ALWAYS | (SAVING if saves else {})
