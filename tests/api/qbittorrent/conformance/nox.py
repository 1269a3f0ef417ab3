"""Debian's qbittorrent-nox, with a folder of its own, and without a way out of this machine."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.needs import lacking
from tests.servers import free_port

COMPARED = "v4.5.2"  # the version that differences.md is about, Debian 12's
NAME, PASSWORD = "admin", "adminadmin"
SALT = b"conformance test"
STARTS_WITHIN = 60.0  # seconds, on a busy machine
# It may use the loopback interface only.
CONFIG = r"""[LegalNotice]
Accepted=true
[BitTorrent]
Session\DefaultSavePath={folder}/saved
Session\DHTEnabled=false
Session\Interface=lo
Session\InterfaceAddress=127.0.0.1
Session\InterfaceName=lo
Session\LSDEnabled=false
Session\PeXEnabled=false
Session\QueueingSystemEnabled=true
[Network]
PortForwardingEnabled=false
[Preferences]
WebUI\Address=127.0.0.1
WebUI\Password_PBKDF2="@ByteArray({password})"
WebUI\UseUPnP=false
WebUI\Username={name}
"""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Start it with `folder`/saved for what it saves. Its address is that of the Web API."""
    program = shutil.which("qbittorrent-nox") or lacking("qbittorrent-nox isn't installed.")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60).stdout
    if COMPARED not in said:
        lacking(f"differences.md is about qBittorrent {COMPARED}, and this is {said.strip()}.")
    config = folder / "qBittorrent" / "config" / "qBittorrent.conf"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG.format(folder=folder, name=NAME, password=_hashed(PASSWORD)))
    url = f"http://127.0.0.1:{free_port()}"
    words = [program, f"--profile={folder}", f"--webui-port={url.rpartition(':')[2]}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        _wait_for(url, process, folder / "log")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def _hashed(password: str) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), SALT, 100_000, 64)
    return ":".join(base64.b64encode(part).decode() for part in (SALT, digest))


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"{url}/api/v2/app/version", timeout=5)
            return
        except requests.RequestException:
            time.sleep(0.1)
    pytest.fail(f"qbittorrent-nox did not start:\n{log.read_text()[-3000:]}")
