"""What can go wrong while saving, as states and causes of a job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..models import Job


@dataclass
class Blocked(Exception):
    """The job waits: for space, a folder, hours, or TorBox. It is tried again by itself after `retry_after` seconds."""

    state: str
    cause: str = Job.Cause.NONE
    params: dict[str, Any] = field(default_factory=dict)
    retry_after: float = 60


@dataclass
class Failed(Exception):
    """The job ends, until someone tries it again."""

    cause: str
    params: dict[str, Any] = field(default_factory=dict)
    upstream_detail: str = ""


def of_os_error(error: OSError) -> Blocked | Failed:
    """Return what an error of the file system means: full, a quota, read-only, no permission, gone, or a wrong name."""
    raise NotImplementedError
