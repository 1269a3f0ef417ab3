"""The commands of control.py as JSON under /_sim/."""

from __future__ import annotations

import base64
import inspect
import json
from collections.abc import Callable
from typing import Any

from simulator import wire
from simulator.content_library import Work
from simulator.control import Control
from simulator.errors import Unsupported

PREFIX = "/_sim/"
PATHS = {"fail/clear": "clear_faults", "calls/reset": "reset_calls", "make": "make_work", "work": "work"}
COMMANDS = {name for name, _ in inspect.getmembers(Control, inspect.isfunction) if not name.startswith("_")}


def handle(control: Control, request: wire.Request) -> wire.Response:
    """Run a command. Its arguments are a JSON object (POST) or the query (GET)."""
    name = request.path.removeprefix(PREFIX).strip("/")
    command = PATHS.get(name, name)
    if command not in COMMANDS:
        return wire.json_response({"ok": False, "error": f"no command {name!r}"}, 404)
    try:
        result = getattr(control, command)(**_arguments(request, getattr(control, command)))
    except (Unsupported, TypeError, ValueError, KeyError) as error:
        return wire.json_response({"ok": False, "error": f"{type(error).__name__}: {error}"}, 400)
    return wire.json_response({"ok": True, "result": _plain(result)})


def _arguments(request: wire.Request, command: Callable[..., Any]) -> dict[str, Any]:
    if not request.body:
        return {name: _literal(value) for name, value in request.query}
    values = json.loads(request.body)
    if not isinstance(values, dict):
        raise Unsupported("send a JSON object")
    return values


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _plain(result: Any) -> Any:
    if isinstance(result, Work):
        return {
            "hash": result.info_hash,
            "name": result.name,
            "magnet": result.magnet,
            "files": [{"path": file.path, "size": file.size} for file in result.files],
            "torrent": base64.b64encode(result.torrent_bytes or b"").decode() or None,
        }
    return base64.b64encode(result).decode() if isinstance(result, bytes) else result
