"""Find another name for a file when somebody else has put one there in the meantime."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from django.db import IntegrityError, transaction

from links.target_paths import shortened

from .. import target_names
from ..models import Job, JobFile
from . import part_files
from .failures import Failed

MOST_NUMBERS = 1000


def give_other_name(root: Path, file: JobFile) -> None:
    """Give a file a target with a number that nothing has yet, and move its partial file along. Raises OSError."""
    path = PurePosixPath(file.target)
    for number in range(2, MOST_NUMBERS):
        target = str(path.with_name(shortened(path.name, number=number)))
        if not os.path.lexists(root / target) and _take(file, target):
            part_files.move_part(root, file, target)
            file.target = target
            return
    raise Failed(Job.Cause.NAME)


def _take(file: JobFile, target: str) -> bool:
    try:
        with transaction.atomic():
            fields = {"target": target, "target_key": target_names.key(target)}
            return bool(JobFile.objects.filter(pk=file.pk).update(**fields))
    except IntegrityError:
        return False
