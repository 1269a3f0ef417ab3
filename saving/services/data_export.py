"""What the data export of a person says about saving to disk."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from torrents.models import Torrent

from ..models import Job, Rule

FACTS = ("state", "cause", "bytes_total", "bytes_done", "created_at", "ended_at")


def export_of(person: User) -> dict[str, Any]:
    """Return what a person had saved, and the rules that they made or that are about them, ready for JSON.

    Torrents that they may no longer see aren't named.
    """
    jobs = list(
        Job.objects.filter(person=person).select_related("torrent", "folder").order_by("created_at", "pk")
    )
    theirs = Torrent.objects.on_visible_accounts(person).filter(save_jobs__person=person)
    seen = set(theirs.values_list("pk", flat=True))
    rules = Rule.objects.filter(made_by=person) | Rule.objects.filter(adder=person)
    return {
        "jobs": [_job(job, job.torrent_id in seen) for job in jobs],
        "rules": [
            {"tag": rule.tag, "folder": rule.folder.name, "since": rule.since, "saved": rule.saved}
            for rule in rules.select_related("folder").order_by("since", "pk")
        ],
    }


def _job(job: Job, seen: bool) -> dict[str, Any]:
    facts = {name: getattr(job, name) for name in FACTS}
    return {"torrent": str(job.torrent) if seen else "", "folder": job.folder.name, **facts}
