"""A podcast of media behind a link: RSS 2.0 with the tags of podcast apps. TorBox is asked for nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.utils.translation import gettext as _

from localization import locales
from torrents.formatting import display_name

from .content_types import content_type_of
from .link_urls import file_url, list_url
from .services.contents import LinkFile
from .services.opening import Opened
from .target_paths import EXTENSION

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MINUTES = 15  # after which an app should look again


class Podcast(Rss201rev2Feed):
    """A feed that podcast apps take, and that their directories leave out."""

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:itunes": ITUNES}

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("itunes:block", "Yes")
        handler.addQuickElement("itunes:summary", self.feed["description"])
        handler.addQuickElement("itunes:type", "episodic")

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("itunes:title", item["title"])
        handler.addQuickElement("itunes:summary", item["description"])

    def latest_post_date(self) -> datetime:
        """Return the date of the newest item, or when the link was made: the same feed must always read the same."""
        dates: list[datetime] = [item["pubdate"] for item in self.items]
        return max(dates, default=self.feed["made_at"])


def podcast(opened: Opened, files: Sequence[LinkFile]) -> str:
    """Return a feed with an episode for each file, in their order, which is that of the newest torrent first."""
    url = list_url(opened)
    title = _text(opened.link.name) or _("Media")
    feed = Podcast(
        title, url, title, language=locales.tag(), feed_url=url, ttl=MINUTES, made_at=opened.link.created_at
    )
    earlier: dict[int, int] = {}  # how many files of the same torrent came before
    for file in files:
        before = earlier[file.torrent.pk] = earlier.get(file.torrent.pk, -1) + 1
        address = file_url(opened.token, file)
        feed.add_item(
            title=_text(EXTENSION.sub("", file.name)) or _("Untitled"),
            link=address,
            description=_text(file.torrent.name),
            # Apps sort by date. So episodes of one torrent are a second apart, to stay in order.
            pubdate=file.torrent.added_at - timedelta(seconds=before),
            unique_id=file.ref,
            unique_id_is_permalink=False,
            enclosures=[Enclosure(address, str(file.size or 0), content_type_of(file.name, file.mime_type))],
        )
    return str(feed.writeString("utf-8"))


def _text(name: str) -> str:
    """Return a name without what XML can't hold."""
    return display_name(NOT_IN_XML.sub("", name))
