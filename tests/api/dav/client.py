"""A WebDAV client that reads what a listing says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from django.test import Client

DAV = "{DAV:}"


def propfind(program: Client, path: str = "/dav/", body: str = "", **headers: str) -> Any:
    """Send a PROPFIND with depth 1, unless `depth` says otherwise."""
    sent = {"depth": "1"} | headers
    return program.generic("PROPFIND", path, body, content_type="application/xml", headers=sent)


def listed(response: Any) -> dict[str, Element]:
    """Return the resources of a listing by their decoded paths."""
    assert response.status_code == 207, response.content
    root = fromstring(b"".join(response.streaming_content))
    return {unquote(one.findtext(f"{DAV}href") or ""): one for one in root.findall(f"{DAV}response")}


def names(program: Client, path: str) -> list[str]:
    """Return the names in a folder, those of folders with a slash."""
    return [found.removeprefix(path) for found in list(listed(propfind(program, path)))[1:]]


def prop(resource: Element, name: str) -> str | None:
    """Return the text of a property that was found; None if it wasn't."""
    return resource.findtext(f"{DAV}propstat/{DAV}prop/{DAV}{name}")


def asking_for(names: Iterable[str]) -> str:
    properties = "".join(f"<D:{name}/>" for name in names)
    return f'<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop>{properties}</D:prop></D:propfind>'
