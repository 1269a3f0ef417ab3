"""What push services and browsers get, checked by http_ece and py_vapid, and by the example of RFC 8291."""

from __future__ import annotations

import json
import threading
import time

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command
from django.db import connection
from py_vapid import Vapid02

from accounts import crypto
from notifications.models import PushKey
from notifications.push import encryption, vapid
from tests.notifications.browsers import FCM, Browser, b64, from_b64

WATERMELON = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3"
    "jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def claims_of(header: str) -> dict[str, object]:
    return json.loads(from_b64(header.split(".")[1]))


def test_the_example_of_rfc_8291_comes_out_byte_for_byte():
    sender = ec.derive_private_key(int.from_bytes(from_b64(SENDER)), ec.SECP256R1())
    body = encryption.encrypt(
        WATERMELON, from_b64(RECEIVER), from_b64(AUTH), sender=sender, salt=from_b64(SALT)
    )
    assert b64(body) == BODY


@pytest.mark.parametrize("length", [0, 1, 16, 3000, 3993])
def test_another_implementation_decrypts_messages_of_any_length_in_one_record(length):
    browser, plain = Browser.new(), b"x" * length
    body = encryption.encrypt(plain, browser.point, browser.auth)
    assert browser.decrypt(body) == plain
    assert len(body) == 86 + length + 17 <= 4096


def test_equal_messages_look_different_and_only_their_browser_reads_them():
    browser, other = Browser.new(), Browser.new()
    bodies = [encryption.encrypt(b"same", browser.point, browser.auth) for _ in range(2)]
    assert bodies[0][:16] != bodies[1][:16] and bodies[0][21:86] != bodies[1][21:86]
    with pytest.raises(http_ece.ECEException):
        other.decrypt(bodies[0])


@pytest.mark.parametrize(
    "point",
    [b"", b"\x04" * 65, b"\x02" + b"\x01" * 32, b"\x04" + b"\0" * 64, b"\x05" + from_b64(RECEIVER)[1:]],
    ids=["nothing", "off the curve", "short form", "zero", "wrong form"],
)
def test_only_points_of_the_curve_are_keys(point):
    assert not encryption.is_key(point, b"a" * 16)
    assert encryption.is_key(from_b64(RECEIVER), from_b64(AUTH))
    assert not encryption.is_key(from_b64(RECEIVER), b"a" * 15)


@pytest.mark.django_db
def test_another_implementation_accepts_the_signature_and_its_claims():
    header = vapid.authorization(FCM)
    assert Vapid02.verify(header)
    assert header.endswith(f",k={vapid.public_key()}")
    claims = claims_of(header)
    assert claims["aud"] == FCM
    assert time.time() < claims["exp"] <= time.time() + 12 * 3600
    head, payload, signature = header.removeprefix("vapid t=").partition(",")[0].split(".")
    forged = b64(json.dumps(claims | {"aud": "https://evil.example"}).encode())
    assert not Vapid02.verify(header.replace(payload, forged))
    assert json.loads(from_b64(head)) == {"typ": "JWT", "alg": "ES256"}
    assert len(from_b64(signature)) == 64


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("site", "contact"),
    [
        ("https://home.example:8443/torbox", "https://home.example:8443/torbox"),
        ("http://localhost:8000", "mailto:admin@localhost"),
    ],
)
def test_the_signature_names_someone_to_contact(settings, site, contact):
    settings.SITE_URL = site
    assert claims_of(vapid.authorization(FCM))["sub"] == contact


@pytest.mark.django_db
def test_a_service_gets_one_signature_for_an_hour_and_never_that_of_another():
    mozilla = "https://updates.push.services.mozilla.com"
    assert vapid.authorization(FCM) == vapid.authorization(FCM) != vapid.authorization(mozilla)
    assert claims_of(vapid.authorization(mozilla))["aud"] == mozilla
    before = vapid.authorization(FCM)
    call_command("newpushkey")
    assert vapid.authorization(FCM) != before and Vapid02.verify(vapid.authorization(FCM))


@pytest.mark.django_db
def test_the_private_key_is_stored_encrypted_and_never_shown():
    public = vapid.public_key()
    stored = PushKey.objects.get()
    private = crypto.decrypt(stored.encrypted_private)
    number = int.from_bytes(from_b64(private))
    key = ec.derive_private_key(number, ec.SECP256R1())
    assert b64(encryption.public_point(key)) == public == stored.public
    assert private not in f"{stored!r} {stored} {stored.encrypted_private}"


@pytest.mark.django_db
def test_a_key_that_is_encrypted_again_stays_the_same_key(settings):
    public, old = vapid.public_key(), PushKey.objects.get().encrypted_private
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    call_command("rotatekeys")
    assert PushKey.objects.get().encrypted_private != old
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert vapid.public_key() == public and Vapid02.verify(vapid.authorization(FCM))


@pytest.mark.django_db
def test_a_key_that_cannot_be_read_is_never_replaced_by_itself(settings):
    public, kept = vapid.public_key(), settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode()]
    for use in (vapid.public_key, lambda: vapid.authorization("https://web.push.apple.com")):
        with pytest.raises(crypto.KeyUnreadable):
            use()
    settings.ENCRYPTION_KEYS = kept
    assert vapid.public_key() == public


@pytest.mark.django_db(transaction=True)
def test_browsers_that_ask_at_the_same_time_get_the_same_key():
    keys, start = [], threading.Barrier(4)

    def ask() -> None:
        start.wait()
        keys.append(vapid.public_key())
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 4 and set(keys) == {vapid.public_key()}
    assert PushKey.objects.count() == 1
