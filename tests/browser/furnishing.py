"""A household with something in every state, names of the worst kind included."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.browser.conftest import Stack

DAY = 86_400
HOSTILE = [
    "<script>document.title = 'hacked'</script><img src=x onerror=alert(1)>",
    "\u202egnp.live\u202c \u2066reversed\u2069",
    "Line one\nline two\r\tline three\u2028four",
    "🎬🍿 \U0001f468\u200d\U0001f469\u200d\U0001f467 Emoji film 🏴\u200d☠️",
    "W" * 2000,
    '" onmouseover="alert(1)" x="',
    "{{ 7 * 7 }} {% debug %} ${7*7} javascript:alert(1)",
]


def new_key(stack: Stack, **account: Any) -> str:
    """A TorBox account of its own, on a TorBox in its first state and in real time."""
    stack.sim.restart()
    stack.sim.control.clear_faults()
    stack.sim.control.freeze()
    key = str(uuid.uuid4())
    usual = {"name": "family", "plan": "pro", "usage": [day % 7 * 10**11 for day in range(30)]}
    stack.sim.control.seed(accounts=[{"key": key} | usual | account])
    return key


def furnish(stack: Stack, key: str) -> None:
    """One torrent in each state with friendly names, and one for every hostile name."""
    files = {"Sintel.2010.1080p.mkv": 2_000, "Extras/Sintel.2010.en.srt": 94, "Extras/Sintel.2010.de.srt": 97}
    torrents: list[dict[str, Any]] = [
        {"name": "debian-13.2.0-amd64-DVD-1.iso", "files": 3900, "state": "downloading", "progress": 0.62},
        {
            "name": "Sintel (2010) 1080p",
            "files": files,
            "state": "completed",
            "uploaded": True,
            "tags": ["Films"],
        },
        {
            "name": "Blender Open Movies — Complete Collection",
            "files": {"a.mkv": 4000},
            "state": "seeding",
            "tags": ["Films", "Kids", *(name[:100] for name in HOSTILE[1:])],
        },
        {"name": "Big Buck Bunny 4K 60fps", "files": 1400, "state": "stalled"},
        {"name": "Old Time Radio Theatre 1951", "files": 700, "state": "failed"},
        {"name": "Paused lecture", "files": 500, "state": "paused"},
        {"name": "Fedora 41", "files": 2100, "state": "queued"},
        {"name": "Night Mail (1936)", "files": 1900, "state": "completed", "age": 27 * DAY},
        {
            "name": "Grandmother’s slides",
            "files": 1968,
            "state": "completed",
            "age": 90 * DAY,
            "airlocked": True,
        },
        *({"name": name, "files": {f"{name[:80]}.mkv": 900}, "state": "completed"} for name in HOSTILE),
    ]
    stack.sim.control.seed(torrents=[{"key": key} | spec for spec in torrents])
