"""A real aria2, on a port of this machine."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import requests

from tests.needs import lacking
from tests.servers import free_port

SECRET = "hunter22-of-aria2"
STARTS_WITHIN = 60.0  # seconds, on a busy machine


class Aria2Daemon:
    """An `aria2c` that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("aria2c"):
            lacking("aria2c isn't installed.")
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}/jsonrpc"
        self.log = folder / "aria2.log"
        self.start()

    def start(self, *options: str) -> None:
        words = [
            "aria2c", "--no-conf", "--quiet", "--enable-rpc", f"--rpc-listen-port={self.port}", f"--rpc-secret={SECRET}",
            f"--dir={self.folder}", "--enable-dht=false", "--enable-dht6=false", *options,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            words, cwd=self.folder, stdout=self.log.open("ab"), stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            assert time.monotonic() < deadline and self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)

    def call(self, method: str, *params: object) -> object:
        """Return what aria2 answers, past the app."""
        message = {"jsonrpc": "2.0", "id": "test", "method": method, "params": [f"token:{SECRET}", *params]}
        return requests.post(self.url, json=message, timeout=10).json().get("result")

    def gids(self) -> list[str]:
        """Return the downloads that aria2 knows."""
        found = [self.call("aria2.tellActive", ["gid"])]
        found += [self.call(f"aria2.{kind}", 0, 100, ["gid"]) for kind in ("tellWaiting", "tellStopped")]
        return [each["gid"] for listed in found for each in listed]  # type: ignore[attr-defined]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            return bool(self.call("aria2.getVersion"))
        except requests.RequestException:
            return False
