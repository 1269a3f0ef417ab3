"""Rules of automatic saving, as owners make them while saving."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User

from ..models import Folder, Rule


def always_save(*, owner: User, tags: Iterable[str], folder: Folder) -> None:
    """From now on, save torrents with one of these tags to a folder. A rule that is there already stays as it is."""
    for tag in tags:
        Rule.objects.get_or_create(
            kind=Rule.Kind.TAG, tag=tag, adder=None, folder=folder, defaults={"made_by": owner}
        )
