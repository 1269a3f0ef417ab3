"""What a PROPFIND asks for, and the answer to it: the properties of resources as XML (RFC 4918)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.http import http_date

from links.content_types import content_type_of

from .tree import Entry

DAV = "{DAV:}"
XML = "http://www.w3.org/XML/1998/namespace"
MAX_BODY = 64 * 1024  # bytes
MAX_UNKNOWN = (
    3_000  # characters of properties that we don't have. Each of many thousand resources may name them
)
BEGINNING = '<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">\n'
END = "</D:multistatus>\n"
CHUNK = 200  # resources


class BadBody(Exception):
    """The body isn't a PROPFIND that can be read."""


@dataclass(frozen=True)
class Asked:
    """The properties that are asked for, as ElementTree names them. None: all. `only_names`: without their values."""

    names: tuple[str, ...] | None = None
    only_names: bool = False


def asked_in(body: bytes) -> Asked:
    """Return what a body asks for. Without a body, all. Raises `BadBody`, also for more than any client asks for."""
    if not body.strip():
        return Asked()
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise BadBody from None
    if root.tag != f"{DAV}propfind":
        raise BadBody
    if root.find(f"{DAV}propname") is not None:
        return Asked(only_names=True)
    properties = root.find(f"{DAV}prop")
    if properties is None:
        return Asked()
    names = tuple(dict.fromkeys(one.tag for one in properties))
    if sum(len(_unknown(name)) for name in names if name not in FILE) > MAX_UNKNOWN:
        raise BadBody
    return Asked(names)


def multistatus(entries: Iterable[Entry], asked: Asked, base: str) -> Iterator[str]:
    """Yield the answer in pieces. `base`: the path of our top folder, with a slash at the end."""
    yield BEGINNING
    piece: list[str] = []
    for entry in entries:
        piece.append(_response(entry, asked, base))
        if len(piece) == CHUNK:
            yield "".join(piece)
            piece = []
    yield "".join(piece) + END


def href(entry: Entry, base: str) -> str:
    """Return the path of a resource as it is in URLs. Those of folders end with a slash."""
    path = base + "/".join(quote(part, safe="") for part in entry.path)
    return f"{path}/" if entry.is_folder and entry.path else path


def etag(entry: Entry) -> str:
    return f'"{entry.version}"'


def _response(entry: Entry, asked: Asked, base: str) -> str:
    known = FOLDER if entry.is_folder else FILE
    names = known if asked.names is None else [name for name in asked.names if name in known]
    found = "".join(_element(name, "" if asked.only_names else known[name](entry)) for name in names)
    missing = [name for name in asked.names or () if name not in known]
    parts = [f"<D:href>{escape(href(entry, base))}</D:href>"]
    if found or not missing:
        parts.append(_propstat(found, "200 OK"))
    if missing:
        parts.append(_propstat("".join(_unknown(name) for name in missing), "404 Not Found"))
    return f"<D:response>{''.join(parts)}</D:response>\n"


def _propstat(properties: str, status: str) -> str:
    return f"<D:propstat><D:prop>{properties}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"


def _element(name: str, value: str) -> str:
    tag = f"D:{name.removeprefix(DAV)}"
    return f"<{tag}>{value}</{tag}>" if value else f"<{tag}/>"


def _unknown(name: str) -> str:
    """Return an empty element for a property of any namespace."""
    space, _, local = name.removeprefix("{").rpartition("}")
    if space == XML:  # no other prefix may stand for it
        return f"<xml:{local}/>"
    return f"<X:{local} xmlns:X={quoteattr(space)}/>" if space else f'<{local} xmlns=""/>'


def _created(entry: Entry) -> str:
    return entry.changed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Property = Callable[[Entry], str]
BOTH: dict[str, Property] = {
    f"{DAV}displayname": lambda entry: escape(entry.name),
    f"{DAV}creationdate": _created,
    f"{DAV}getlastmodified": lambda entry: http_date(entry.changed_at.timestamp()),
    f"{DAV}getetag": lambda entry: escape(etag(entry)),
    f"{DAV}supportedlock": lambda _: "",
    f"{DAV}lockdiscovery": lambda _: "",
}
FOLDER: dict[str, Property] = {
    f"{DAV}resourcetype": lambda _: "<D:collection/>",
    **BOTH,
    f"{DAV}getcontenttype": lambda _: "httpd/unix-directory",
}
FILE: dict[str, Property] = {
    f"{DAV}resourcetype": lambda _: "",
    **BOTH,
    f"{DAV}getcontentlength": lambda entry: str(entry.size),
    f"{DAV}getcontenttype": lambda entry: escape(content_type_of(entry.name, entry.mime_type)),
}
