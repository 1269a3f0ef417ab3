"""A passkey in software: the responses of a phone to `navigator.credentials`, without a browser."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class Passkey:
    """A key for a site. `verifies`: whether it checks a finger, a face, or a PIN."""

    def __init__(self, origin: str = "https://testserver", verifies: bool = True) -> None:
        self.origin, self.rp_id = origin, origin.split("//")[1].split(":")[0]
        self.flags = PRESENT | (VERIFIED if verifies else 0)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.user_handle = secrets.token_bytes(16), ""

    def create(self, options: dict[str, Any]) -> str:
        """Return the response to `navigator.credentials.create`, as the form posts it."""
        self.user_handle = options["publicKey"]["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        about = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(self.flags | WITH_KEY) + about}
        response = {"attestationObject": b64(cbor.encode(made))}
        return self._answer("webauthn.create", options, response)

    def get(self, options: dict[str, Any]) -> str:
        """Return the response to `navigator.credentials.get`."""
        data, client = self._data(self.flags), self._client_data("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": self.user_handle,
        }
        return self._answer("webauthn.get", options, response)

    def _answer(self, kind: str, options: dict[str, Any], response: dict[str, str]) -> str:
        client = {"clientDataJSON": b64(self._client_data(kind, options))}
        extensions = {"credProps": {"rk": True}}
        answer = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key"}
        return json.dumps(answer | {"response": client | response, "clientExtensionResults": extensions})

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + bytes(4)


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
