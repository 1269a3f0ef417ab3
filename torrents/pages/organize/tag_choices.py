"""The tags to choose from for some torrents, and what a person chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from accounts.models import User
from torrents.models import Torrent
from torrents.models.tags import MAX_TAG
from torrents.services.actions import tagging
from torrents.tags_in_use import MAX_OFFERED, tags_in_use


@dataclass(frozen=True)
class TagChoice:
    """A tag, with the number of all its torrents, and how many of the chosen torrents have it: `on` of `chosen`."""

    name: str
    uses: int
    on: int
    chosen: int

    @property
    def is_on_all(self) -> bool:
        return self.on == self.chosen

    @property
    def is_on_some(self) -> bool:
        return 0 < self.on < self.chosen


def tag_choices(user: User, torrents: Sequence[Torrent]) -> list[TagChoice]:
    """Return the household's tags by use, then the others that these torrents have."""
    had = Counter(tag for torrent in torrents for tag in dict.fromkeys(torrent.tags))
    uses = dict(tags_in_use(user))
    names = [*uses, *(tag for tag, _ in had.most_common(MAX_OFFERED) if tag not in uses)]
    return [TagChoice(name, uses.get(name, had[name]), had[name], len(torrents)) for name in names]


@dataclass(frozen=True)
class TagChange:
    """The tags to add and to remove."""

    add: list[str]
    remove: list[str]

    @classmethod
    def posted(cls, form: QueryDict) -> TagChange:
        """Return the change from a form: `tags` that are ticked, those that were (`had`), and typed ones (`new`)."""
        ticked, had = _bounded(form.getlist("tags")), _bounded(form.getlist("had"))
        add = [tag for tag in ticked if tag not in had] + tagging.clean(form.get("new", ""))
        return cls(list(dict.fromkeys(add)), [tag for tag in had if tag not in ticked])


def _bounded(tags: Sequence[str]) -> list[str]:
    return [tag for tag in tags[: 2 * MAX_OFFERED] if 0 < len(tag) <= MAX_TAG]
