"""The rows of the Links page: what a person made, and what others made on their TorBox accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Case, Count, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import TorBoxAccount, User
from localization.formats import Moment, age, moment
from torrents.formatting import isolated, joined, with_markup
from torrents.models import Torrent

from ..endings import Ending
from ..link_urls import list_url, page_url
from ..models import LastingLink, LastingLinkQuerySet
from ..services.opening import ending_of, reopened
from . import link_text

Kind = LastingLink.Kind
PAGE_SIZE = 50
MAX_BY_OTHERS = 200  # rows on a page, of all accounts


@dataclass(frozen=True)
class LinkRow:
    """A row. `address` is what *Copy* copies; it is empty if there is nothing to copy, or it can't be shown again."""

    link: LastingLink
    title: str
    about: SafeString
    uses: str
    used: Moment | None
    ends: str
    in_short: SafeString
    ending: Ending | None
    address: str = ""

    @classmethod
    def of(cls, link: LastingLink, ending: Ending | None, *, by_other: bool = False) -> Self:
        return cls(
            link=link,
            title=link_text.title(link) if _is_named(link) else _("A torrent you can’t see anymore"),
            about=_about(link, by_other=by_other),
            uses=link_text.uses(link),
            used=moment(link.last_used_at),
            ends=link_text.ends(link, ending),
            in_short=joined(filter(None, [_used(link), link_text.ends_after_use(link, ending)])),
            ending=ending,
            address="" if ending or by_other else address_of(link),
        )

    @property
    def is_changeable(self) -> bool:
        """Return whether its maker can change what it leads to or when it ends."""
        return self.link.kind != Kind.EXPORT and self.ending not in (Ending.REVOKED, Ending.UNAVAILABLE)

    @property
    def is_renewable(self) -> bool:
        is_over = self.ending not in (None, Ending.UNAVAILABLE)
        return is_over and self.link.kind != Kind.EXPORT and not self.link.revoked_by_other

    @property
    def is_revocable(self) -> bool:
        return self.ending in (None, Ending.UNAVAILABLE)

    @property
    def has_menu(self) -> bool:
        return self.is_changeable or self.is_revocable

    @property
    def opens(self) -> bool:
        """Return whether its address is a page for people."""
        return bool(self.address) and self.link.kind == Kind.SHARE


@dataclass(frozen=True)
class OnAccount:
    """The links that other people made to torrents on a TorBox account."""

    account: TorBoxAccount
    rows: Sequence[LinkRow]


def mine(person: User) -> LastingLinkQuerySet:
    """Return the links that a person's page lists, annotated with whether each has ended (`is_over`).

    `is_seen`: the person sees what it leads to. `is_named`: or could see it if it hadn't been deleted.
    """
    named = Torrent.objects.on_visible_accounts(person).filter(pk=OuterRef("torrent")).order_by()
    links = LastingLink.objects.of(person).exclude(kind=Kind.EXPORT, revoked_at__isnull=False)
    links = links.annotate(
        is_named=Q(torrent=None) | Exists(named), is_seen=Q(torrent=None) | Exists(named.listed())
    )
    now = timezone.now()
    ended = Q(revoked_at__isnull=False) | Q(expires_at__lte=now) | Q(max_uses__lte=F("uses"))
    return links.annotate(is_over=Case(When(ended | Q(is_seen=False), then=True), default=False))


def seen(person: User) -> LastingLinkQuerySet:
    """Return the links of a person that a page of their own can show: they see what it leads to."""
    return mine(person).filter(Q(is_seen=True)).exclude(kind=Kind.EXPORT)


def by_use(links: LastingLinkQuerySet) -> LastingLinkQuerySet:
    """Sort links by their last use, or by when they were made if there was none. Of `mine`, ended ones come last."""
    return links.annotate(touched_at=Coalesce("last_used_at", "created_at")).order_by(
        *(["is_over"] if "is_over" in links.query.annotations else []), "-touched_at", "-pk"
    )


def counts(links: LastingLinkQuerySet) -> tuple[int, int]:
    """Return how many links of `mine` there are, and how many of them work."""
    found = links.aggregate(every=Count("pk"), working=Count("pk", filter=Q(is_over=False)))
    return found["every"], found["working"]


def rows_of(links: Sequence[LastingLink]) -> list[LinkRow]:
    """Return the rows for links of `mine`."""
    now = timezone.now()
    return [LinkRow.of(link, ending(link, now)) for link in links]


def working_by_others(person: User) -> LastingLinkQuerySet:
    """Return the links of other people on a person's TorBox accounts that haven't ended."""
    return LastingLink.objects.by_others_on(person).in_force(timezone.now())


def by_others(person: User) -> tuple[list[OnAccount], bool]:
    """Return those links for each account, and whether there are more than MAX_BY_OTHERS."""
    links = by_use(working_by_others(person)).select_related("torrent__account", "maker")
    found = list(links.defer("torrent__magnet")[: MAX_BY_OTHERS + 1])
    accounts: dict[TorBoxAccount, list[LinkRow]] = {}
    for link in found[:MAX_BY_OTHERS]:
        if link.torrent:
            rows = accounts.setdefault(link.torrent.account, [])
            rows.append(LinkRow.of(link, None, by_other=True))
    groups = sorted(accounts.items(), key=lambda group: (group[0].label, group[0].pk))
    return [OnAccount(account, rows) for account, rows in groups], len(found) > MAX_BY_OTHERS


def ending(link: LastingLink, now: datetime) -> Ending | None:
    """Return how a link of `mine` ended, or None if it works."""
    if not link.revoked_at and not getattr(link, "is_seen", True):
        return Ending.UNAVAILABLE
    return ending_of(link, now)


def address_of(link: LastingLink) -> str:
    """Return the address of a link's page, playlist, or feed; "" if it has none or can't be shown again."""
    opened = None if link.kind == Kind.EXPORT else reopened(link)
    if opened is None:
        return ""
    return list_url(opened) if link.is_list else page_url(opened.token)


def _is_named(link: LastingLink) -> bool:
    return getattr(link, "is_named", True)


def _about(link: LastingLink, *, by_other: bool) -> SafeString:
    if not _is_named(link):
        return SafeString()
    facts = [link_text.leads_to(link)]
    if by_other:
        # Translators: who made a link, after what it leads to: “1 file · by Jon”
        facts.append(with_markup(_("by %(name)s"), name=isolated(link.maker.display_name)))
    return joined(facts)


def _used(link: LastingLink) -> str:
    if link.last_used_at is None:
        return _("Not used yet")
    # Translators: how long ago a link was used, such as “Used 2 hours ago” or “Used Nov 20”
    return _("Used %(when)s") % {"when": age(link.last_used_at)}
