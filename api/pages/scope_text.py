"""What a token may do, in words, and how programs use it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from localization.formats import enumerated
from torrents.formatting import isolated, with_markup

from .. import protocols
from ..models import ApiToken
from ..scopes import Protocol, Scope

IN_A_LIST = {
    # Translators: what an API token may do, in a list after other such words, like “links” in “Read, links”.
    Scope.READ: pgettext_lazy("API token, in a list", "read"),
    # Translators: what an API token may do, in a list after other such words, like “links” in “Read, links”.
    Scope.ADD: pgettext_lazy("API token, in a list", "add"),
    # Translators: what an API token may do, in a list after other such words, like “links” in “Read, links”.
    Scope.MANAGE: pgettext_lazy("API token, in a list", "manage"),
    # Translators: what an API token may do, in a list after other such words, like “links” in “Read, links”.
    Scope.LINKS: pgettext_lazy("API token, in a list", "links"),
}
SENTENCES = {
    Scope.READ: gettext_lazy("See torrents, files, tags, activity, and usage."),
    Scope.ADD: gettext_lazy("Add magnet links and .torrent files."),
    Scope.MANAGE: gettext_lazy("Pause, tag, rename, save, and delete torrents."),
    Scope.LINKS: gettext_lazy("Get download links, and open files over WebDAV."),
    Scope.QBITTORRENT: gettext_lazy("Let Sonarr, Radarr, or a phone remote see, add, and delete torrents."),
}
# What each way in asks of a token. A guest can’t do what the last two need.
OF_PROTOCOL = {
    Protocol.REST: (Scope.READ, Scope.LINKS, Scope.ADD, Scope.MANAGE),
    Protocol.QBITTORRENT: (Scope.QBITTORRENT,),
    Protocol.WEBDAV: (Scope.READ, Scope.LINKS),
}
NOT_FOR_GUESTS = (Scope.ADD, Scope.MANAGE)


def offered_to(person: User) -> list[Scope]:
    """Return what a person can choose: what some way in asks for that is on, and what they may do themselves."""
    asked = {scope for protocol in protocols.on() for scope in OF_PROTOCOL[protocol]}
    return [scope for scope in Scope if scope in asked and not (person.is_guest and scope in NOT_FOR_GUESTS)]


def in_words(scopes: Iterable[str]) -> str:
    """Return “Read, add” for scopes as they are stored."""
    chosen = set(scopes)
    words = [IN_A_LIST.get(scope, scope.label) for scope in Scope if scope in chosen]
    first, *others = map(str, words or [""])
    return enumerated([first if Scope.QBITTORRENT.label == first else capfirst(first), *others])


def how_to_use(token: ApiToken) -> list[SafeString]:
    """Return a sentence for each way in that is on and open to a token."""
    scopes: Collection[str] = token.scopes
    name = {"name": SafeString(f"<strong>{isolated(token.person.username)}</strong>")}
    said = []
    if protocols.is_on(Protocol.QBITTORRENT) and Scope.QBITTORRENT in scopes:
        said.append(
            with_markup(
                _(
                    "In Sonarr, Radarr, or a phone remote, enter %(name)s as the username and this token as the password."
                ),
                **name,
            )
        )
    if protocols.is_on(Protocol.WEBDAV) and {Scope.READ, Scope.LINKS} <= set(scopes):
        said.append(
            with_markup(
                _("In a WebDAV player, enter %(name)s as the username and this token as the password."),
                **name,
            )
        )
    if protocols.is_on(Protocol.REST) and set(scopes) & set(OF_PROTOCOL[Protocol.REST]):
        header = SafeString('<code class="mono">Authorization: Bearer …</code>')
        # Translators: %(header)s is a line that a program sends.
        said.append(with_markup(_("In a script, send it with every request: %(header)s"), header=header))
    return said
