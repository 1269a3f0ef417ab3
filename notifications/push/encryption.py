"""Encrypt a message for one browser (RFC 8291), as a single record of `aes128gcm` (RFC 8188)."""

from __future__ import annotations

import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
POINT_BYTES = 65  # 0x04, then both coordinates
AUTH_BYTES = 16
SALT_BYTES = 16
RECORD_SIZE = 4096  # bytes; every push service takes that many (RFC 8030, section 7.2)
LAST_RECORD = b"\x02"


def is_key(point: bytes, auth: bytes) -> bool:
    """Return whether these can be the keys of a browser: a point of P-256 in its long form, and 16 bytes."""
    if len(point) != POINT_BYTES or len(auth) != AUTH_BYTES:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError:
        return False
    return True


def encrypt(
    plain: bytes,
    receiver: bytes,
    auth: bytes,
    *,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the body of a request. `receiver` and `auth` are the browser's keys, as `is_key` accepts them.

    A message has its own sender key and salt. Only the tests of published examples choose them.
    """
    sender = sender or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(SALT_BYTES)
    key, nonce = _key_and_nonce(sender, receiver, auth, salt)
    sealed = AESGCM(key).encrypt(nonce, plain + LAST_RECORD, None)
    header = salt + struct.pack("!LB", RECORD_SIZE, POINT_BYTES) + public_point(sender)
    return header + sealed


def public_point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half of a key as a point in its long form."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _key_and_nonce(
    sender: ec.EllipticCurvePrivateKey, receiver: bytes, auth: bytes, salt: bytes
) -> tuple[bytes, bytes]:
    shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, receiver))
    secret = _derived(shared, auth, b"WebPush: info\0" + receiver + public_point(sender), 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    return key, _derived(secret, salt, b"Content-Encoding: nonce\0", 12)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
