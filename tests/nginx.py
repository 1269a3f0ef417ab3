"""Debian's nginx as a child process, with the examples of deploy/proxy/nginx/ on free ports.

    with Nginx(app="127.0.0.1:4711") as nginx:
        nginx.site("subpath.conf", https=8443, http=8080)
        nginx.start(8443, 8080)

It keeps everything, including a self-signed certificate, in a temporary folder, and ends with the `with` block or with
this process.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from tests.needs import lacking
from tests.servers import WHILE_WE_LIVE

EXAMPLES = Path(__file__).parents[1] / "deploy" / "proxy" / "nginx"
NAMES = ("home.example", "torbox.home.example")
STARTS_WITHIN = 30.0  # seconds, on a busy machine
# One process, as the user that runs the tests, which writes nowhere else.
MAIN = """
daemon off;
master_process off;
pid FOLDER/pid;
error_log stderr warn;
events {}
http {
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    include FOLDER/sites/*.conf;
}
"""


class Nginx:
    def __init__(self, app: str) -> None:
        """Set up an nginx in front of `app` (host and port)."""
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        self.program = program or lacking("nginx is not installed.")
        self.app = app
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="torbox-web-nginx-"))
        (self.folder / "sites").mkdir()
        self.certificate = self.folder / "fullchain.pem"
        self.public_key = make_certificate(self.folder)
        (self.folder / "nginx.conf").write_text(MAIN.replace("FOLDER", str(self.folder)))
        return self

    def __exit__(self, *problem: object) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
            self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def site(self, example: str, https: int, http: int, changed: dict[str, str] | None = None) -> None:
        """Add an example with its ports, a certificate, and the app's address. `changed` has further replacements."""
        text = (EXAMPLES / example).read_text()
        replaced = {
            "listen 80;": f"listen 127.0.0.1:{http};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{https} ssl http2;",
            "proxy_pass http://127.0.0.1:8000": f"proxy_pass http://{self.app}",
            "/etc/ssl/torbox/": f"{self.folder}/",
            "/var/log/nginx/": f"{self.folder}/",
        }
        for old, new in (replaced | (changed or {})).items():
            assert old in text, f"{example} has no {old!r} any more"
            text = text.replace(old, new)
        text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)  # not every machine has IPv6
        (self.folder / "sites" / f"{https}.conf").write_text(text)

    def test(self) -> subprocess.CompletedProcess[str]:
        """Run `nginx -t` on the configuration."""
        return subprocess.run([*self._command(), "-t"], capture_output=True, text=True, timeout=60)

    def start(self, *ports: int) -> None:
        """Start it, and wait until it responds on each port."""
        command = ["/bin/sh", "-c", WHILE_WE_LIVE, "sh", *self._command()]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + STARTS_WITHIN
        while not all(map(listens, ports)):
            ended = self.process.poll() is not None or time.monotonic() > deadline
            assert not ended, (self.folder / "log").read_text()
            time.sleep(0.02)

    def requests(self) -> str:
        """Return the access log."""
        return (self.folder / "access.log").read_text()

    def _command(self) -> list[str]:
        return [self.program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def make_certificate(folder: Path, names: tuple[str, ...] = NAMES) -> str:
    """Write fullchain.pem and privkey.pem for the names of the examples, and return the base64 hash of the public key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    alternatives = [*map(x509.DNSName, names), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "fullchain.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "privkey.pem").write_bytes(private)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(public).digest()).decode()
