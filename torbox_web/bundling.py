"""One file out of many, when static files are collected: the sources stay one file per behaviour or component.

A style sheet takes in what it imports. Of JavaScript it understands what our modules use, and refuses the rest:

    import "./one.js";   import { a, b } from "./one.js";   export class A   export function a   export const a =

Without collecting (DEBUG), browsers follow the same imports by themselves.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

Read = Callable[[str], str]
"""The text of a source by its name below static/."""

CSS_IMPORT = re.compile(r"""^@import (?:url\()?["']([^"']+)["']\)?;\n?""", re.MULTILINE)
CSS_URL = re.compile(r"""url\("(?![a-z]+:|/|#)([^"]+)"\)""")
JS_IMPORT = re.compile(r"""^import (?:\{ ([\w, ]+) \} from )?["'](\.[^"']+)["'];\n""", re.MULTILINE)
JS_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|function|const) (\w+))", re.MULTILINE)
JS_REST = re.compile(r"^(?:import|export)\b.*|\bimport[.(].*", re.MULTILINE)


class CannotBundle(ValueError):
    """A source says something that bundling would change the meaning of."""


def styles(name: str, read: Read) -> str:
    """A style sheet with its imports in their places, addresses in them still right."""

    def taken_in(found: re.Match[str]) -> str:
        imported = resolved(name, found[1])
        text = styles(imported, read)
        return f"/* {imported} */\n" + CSS_URL.sub(
            lambda address: f'url("{moved(address[1], imported, name)}")', text
        )

    return CSS_IMPORT.sub(taken_in, read(name))


def modules(name: str, read: Read) -> str:
    """A module and all it imports as one that imports nothing. Each keeps its names to itself, as a function."""
    parts: dict[str, str] = {}
    _add(name, read, parts)
    return "\n".join(parts.values())


def _add(name: str, read: Read, parts: dict[str, str]) -> None:
    """What a module imports comes before it; what several import is there once."""
    if name in parts:
        return
    parts[name] = ""  # its place, should what it imports import it
    source = read(name)
    imports = [(names, resolved(name, address)) for names, address in JS_IMPORT.findall(source)]
    for _, imported in imports:
        if parts.get(imported) == "":
            raise CannotBundle(f"{name} and {imported} import each other.")
        _add(imported, read, parts)
    del parts[name]
    parts[name] = _as_function(name, source, imports)


def _as_function(name: str, source: str, imports: list[tuple[str, str]]) -> str:
    exported = JS_EXPORT.findall(source)
    body = JS_EXPORT.sub("", JS_IMPORT.sub("", source))
    if rest := JS_REST.search(body):
        raise CannotBundle(f"{name} says “{rest[0]}”; see torbox_web/bundling.py for what it may say.")
    given = "".join(f"const {{ {names} }} = {variable(imported)};\n" for names, imported in imports if names)
    result = f"return {{ {', '.join(exported)} }};\n" if exported else ""
    head = f"const {variable(name)} = " if exported else ""
    return f"// {name}\n{head}(() => {{\n{given}{body}{result}}})();\n"


def variable(name: str) -> str:
    return "from_" + re.sub(r"\W", "_", name)


def resolved(name: str, address: str) -> str:
    """What `address` means in the file `name`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def moved(address: str, name: str, to: str) -> str:
    """An address of the file `name` as it has to be in the file `to`."""
    return posixpath.relpath(resolved(name, address), posixpath.dirname(to))
