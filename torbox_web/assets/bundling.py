"""Bundle style sheets and modules when static files are collected, so that the sources can be many small files.

A style sheet includes its imports. In JavaScript only the syntax of our modules is understood, the rest is refused:

    import "./one.js";   import { a, b } from "./one.js";   export class A   export function a   export const a =

Under DEBUG nothing is collected, and browsers follow the imports themselves.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

Read = Callable[[str], str]
"""Return the text of a source by its name below static/."""

CSS_IMPORT = re.compile(r"""^@import (?:url\()?["']([^"']+)["']\)?;\n?""", re.MULTILINE)
CSS_URL = re.compile(r"""url\("(?![a-z]+:|/|#)([^"]+)"\)""")
JS_IMPORT = re.compile(r"""^import (?:\{ ([\w, ]+) \} from )?["'](\.[^"']+)["'];\n""", re.MULTILINE)
JS_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|function|const) (\w+))", re.MULTILINE)
JS_REST = re.compile(r"^(?:import|export)\b.*|\bimport[.(].*", re.MULTILINE)


class CannotBundle(ValueError):
    """A source contains code whose meaning bundling would change."""


def styles(name: str, read: Read) -> str:
    """Return a style sheet with its imports in place and their URLs adjusted."""

    def taken_in(found: re.Match[str]) -> str:
        imported = resolved(name, found[1])
        text = styles(imported, read)
        return f"/* {imported} */\n" + CSS_URL.sub(
            lambda address: f'url("{moved(address[1], imported, name)}")', text
        )

    return CSS_IMPORT.sub(taken_in, read(name))


def modules(name: str, read: Read) -> str:
    """Return a module and all its imports as one module. Each becomes a function, which keeps its names private."""
    parts: dict[str, str] = {}
    _add(name, read, parts)
    return "\n".join(parts.values())


def _add(name: str, read: Read, parts: dict[str, str]) -> None:
    """Add a module after its imports, each of them once."""
    if name in parts:
        return
    parts[name] = ""  # marks a module in progress, to detect circular imports
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
        raise CannotBundle(
            f"{name} contains “{rest[0]}”. torbox_web/assets/bundling.py lists the syntax it can use."
        )
    given = "".join(f"const {{ {names} }} = {variable(imported)};\n" for names, imported in imports if names)
    result = f"return {{ {', '.join(exported)} }};\n" if exported else ""
    head = f"const {variable(name)} = " if exported else ""
    return f"// {name}\n{head}(() => {{\n{given}{body}{result}}})();\n"


def variable(name: str) -> str:
    return "from_" + re.sub(r"\W", "_", name)


def resolved(name: str, address: str) -> str:
    """Return the name of the file that the URL `address` in the file `name` refers to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def moved(address: str, name: str, to: str) -> str:
    """Return a relative URL of the file `name` as it must be written in the file `to`."""
    return posixpath.relpath(resolved(name, address), posixpath.dirname(to))
