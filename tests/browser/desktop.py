"""A desktop that shows notifications and lets tests click them: the D-Bus service that Chromium talks to on Linux.

A script can't click a notification: only a real click lets a service worker open or focus a window.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.needs import lacking

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
CALL, RETURN, SIGNAL = 1, 2, 4  # kinds of messages
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>"""


@dataclass(frozen=True)
class Shown:
    """A notification as the desktop got it. `actions`: the keys of its buttons by their labels."""

    id: int
    title: str
    body: str
    actions: dict[str, str]


class Reader:
    """Reads the values of a message in a row."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def align(self, size: int) -> None:
        self.at += -self.at % size

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        self.align(4)
        self.at += 4
        return int(struct.unpack_from("<I", self.data, self.at - 4)[0])

    def text(self) -> str:
        return self._text(self.number())

    def signature(self) -> str:
        return self._text(self.byte())

    def _text(self, length: int) -> str:
        self.at += length + 1
        return self.data[self.at - length - 1 : self.at - 1].decode()

    def texts(self) -> list[str]:
        length = self.number()
        end, found = self.at + length, []
        while self.at < end:
            found.append(self.text())
        return found

    def fields(self) -> dict[int, str | int]:
        """Read the fields of a header by their numbers."""
        length = self.number()
        end, found = self.at + length, {}
        while self.at < end:
            self.align(8)
            number, kind = self.byte(), self.signature()
            found[number] = {"s": self.text, "o": self.text, "g": self.signature, "u": self.number}[kind]()
        return found


def written(kinds: str, *values: object) -> bytes:
    """Write values of the kinds s, o, g, u, and a (a list of texts)."""
    data = b""
    for kind, value in zip(kinds, values, strict=True):
        if kind == "g":
            data += bytes([len(str(value))]) + str(value).encode() + b"\0"
            continue
        data += b"\0" * (-len(data) % 4)
        if kind == "u":
            data += struct.pack("<I", value)
        elif kind == "a":
            inner = b""
            for text in value:  # type: ignore[attr-defined]
                inner += b"\0" * (-len(inner) % 4) + written("s", text)
            data += struct.pack("<I", len(inner)) + inner
        else:
            text = str(value).encode()
            data += struct.pack("<I", len(text)) + text + b"\0"
    return data


class Desktop:
    """The service. `shown` are the notifications that it got, the oldest first."""

    def __init__(self, bus: Path) -> None:
        self.shown: list[Shown] = []
        self._news = threading.Condition()
        self._serial = 0
        self._writing = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(bus))
        self._socket.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        assert self._socket.recv(200).startswith(b"OK")
        self._socket.sendall(b"BEGIN\r\n")
        self._call(b"", "Hello")
        self._call(written("su", NAME, 0), "RequestName", "su")
        threading.Thread(target=self._serve, daemon=True).start()

    def wait_for(self, title: str, seconds: float = 20) -> Shown:
        """Return the notification with this title as soon as it is shown."""
        with self._news:
            assert self._news.wait_for(lambda: self._with(title), seconds), f"{title!r} not in {self.shown}"
            return self._with(title)[-1]

    def _with(self, title: str) -> list[Shown]:
        return [one for one in self.shown if one.title == title]

    def click(self, shown: Shown, label: str = "") -> None:
        """Click a notification, or its button."""
        key = shown.actions[label] if label else "default"
        self._send(SIGNAL, {1: ("o", PATH), 2: ("s", NAME), 3: ("s", "ActionInvoked")}, "us", shown.id, key)

    def close(self) -> None:
        self._socket.close()

    def _call(self, body: bytes, member: str, kinds: str = "") -> None:
        fields = {1: ("o", BUS_PATH), 2: ("s", BUS), 3: ("s", member), 6: ("s", BUS)}
        self._write(CALL, fields, kinds, body)

    def _send(self, kind: int, fields: dict[int, tuple[str, object]], kinds: str, *values: object) -> None:
        self._write(kind, fields, kinds.replace("a", "as"), written(kinds, *values))

    def _write(self, kind: int, fields: dict[int, tuple[str, object]], kinds: str, body: bytes) -> None:
        if kinds:
            fields = fields | {8: ("g", kinds)}
        header = b""
        for number, (of, value) in fields.items():
            header += b"\0" * (-len(header) % 8) + bytes([number]) + written("g", of)
            header += (b"\0" * (-len(header) % 4) if of != "g" else b"") + written(of, value)
        with self._writing:
            self._serial += 1
            start = struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body), self._serial, len(header))
            self._socket.sendall(start + header + b"\0" * (-(len(start) + len(header)) % 8) + body)

    def _serve(self) -> None:
        stream = self._socket.makefile("rb")
        while len(start := stream.read(16)) == 16:
            kind, body_length, serial, length = struct.unpack("<xBxxIII", start)
            rest = stream.read(length + -length % 8)
            body = stream.read(body_length)
            if kind == CALL:
                self._answer(_fields(start, rest), serial, Reader(body))

    def _answer(self, fields: dict[int, str | int], serial: int, body: Reader) -> None:
        to = {5: ("u", serial), 6: ("s", fields[7])}
        member = fields[3]
        if member == "GetCapabilities":
            self._send(RETURN, to, "a", ["actions", "body", "persistence"])
        elif member == "GetServerInformation":
            self._send(RETURN, to, "ssss", "desktop", "tests", "1", "1.2")
        elif member == "Notify":
            shown = self._read(body)
            self._send(
                RETURN, to, "u", shown.id
            )  # first, since a click on an id that it doesn't know is lost
            with self._news:
                self.shown.append(shown)
                self._news.notify_all()
        else:
            self._send(RETURN, to, "")

    def _read(self, body: Reader) -> Shown:
        body.text()  # the app
        replaces = body.number()
        body.text()  # the icon
        title, text, actions = body.text(), body.text(), body.texts()
        keys = dict(zip(actions[1::2], actions[::2], strict=True))
        return Shown(replaces or len(self.shown) + 1, title, text, keys)


def _fields(start: bytes, rest: bytes) -> dict[int, str | int]:
    reader = Reader(start + rest)
    reader.at = 12
    return reader.fields()


@contextmanager
def desktop() -> Iterator[tuple[Desktop, dict[str, str]]]:
    """Start a bus with the service, and yield it with the environment for a browser."""
    if shutil.which("dbus-daemon") is None:
        lacking("dbus-daemon is not installed.")
    folder = Path(tempfile.mkdtemp(prefix="torbox-web-desktop-"))
    bus, config = folder / "bus", folder / "bus.conf"
    config.write_text(CONFIG.format(path=bus))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert daemon.stdout and daemon.stdout.readline(), "The bus did not start."
        service = Desktop(bus)
        yield service, {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}"}
        service.close()
    finally:
        daemon.terminate()
        daemon.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
