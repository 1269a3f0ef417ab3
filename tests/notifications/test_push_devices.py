"""Browsers that become devices of a person and stop being one, and the addresses that are refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import crypto, services
from notifications import tasks
from notifications.channels.address import address_of
from notifications.device_names import device_name
from notifications.models import Channel, ChannelKind, Delivery
from notifications.push import endpoints
from notifications.push.subscriptions import Subscription
from notifications.services import devices, signed_in_devices
from tests.factories import PASSWORD, make_user, sign_in
from tests.notifications.browsers import CHROME, FCM, IPHONE, Browser
from tests.notifications.receivers import Reply, receiving, soon

pytestmark = pytest.mark.django_db


@pytest.fixture
def greta():
    return make_user("greta")


@pytest.fixture
def otto():
    return make_user("otto")


def post(client: Client, what: str, body: Any, **options: Any):
    path = reverse(f"notifications:push_{what}")
    return client.post(path, json.dumps(body), content_type="application/json", **options)


def turn_on(client: Client, browser: Browser, user_agent: str = CHROME):
    return post(
        client, "subscribe", {"subscription": browser.subscription}, headers={"user-agent": user_agent}
    )


def turn_off(client: Client, browser: Browser):
    return post(client, "unsubscribe", {"endpoint": browser.endpoint})


def key_for(client: Client) -> dict[str, Any]:
    return client.get(reverse("notifications:push_key")).json()


def signed_in(person) -> Client:
    """Return a browser that opened a page, so that it's among the sessions of the person."""
    client = sign_in(Client(), person)
    client.get(reverse("accounts:settings"))
    return client


def test_a_browser_becomes_a_device_whose_address_is_encrypted(greta):
    browser, client = Browser.new(), signed_in(greta)
    answer = turn_on(client, browser)
    device = Channel.objects.get()
    assert answer.json() == {"channel": device.pk}
    assert (device.person, device.kind, device.household) == (greta, ChannelKind.PUSH, False)
    found = Subscription.from_text(address_of(device))
    assert (found.endpoint, found.key, found.auth) == (browser.endpoint, browser.point, browser.auth)
    shown = f"{device!r} {found!r} {vars(device)}"
    assert browser.endpoint not in shown and browser.subscription["keys"]["auth"] not in shown


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, "Chrome on Linux"),
        (CHROME + " Edg/130.0.0.0", "Edge on Linux"),
        (CHROME + " OPR/115.0", "Opera on Linux"),
        (IPHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", "Firefox on Android"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/115 Mobile SamsungBrowser/25", "Samsung Internet on Android"),
        ("curl/8", "Unknown browser"),
    ],
)  # fmt: skip
def test_a_device_has_the_name_of_its_browser_and_system(greta, user_agent, name):
    turn_on(signed_in(greta), Browser.new(), user_agent)
    device = Channel.objects.get()
    assert device_name(device.browser, device.platform) == name


def test_a_browser_that_subscribes_twice_is_one_device_with_its_newest_keys(greta):
    browser, client = Browser.new(), signed_in(greta)
    first = turn_on(client, browser).json()
    Channel.objects.update(failing_since=timezone.now(), failures=3, trouble="timeout", status=500)
    renewed = Browser.new()
    assert turn_on(client, renewed).json() == first
    device = Channel.objects.get()
    assert Subscription.from_text(address_of(device)).auth == renewed.auth
    assert (device.failing_since, device.failures, device.trouble, device.status) == (None, 0, "", None)


def test_a_browser_with_another_endpoint_keeps_its_device_and_what_waits_for_it(greta):
    client = signed_in(greta)
    turn_on(client, Browser.new("old"))
    device = Channel.objects.get()
    Delivery.objects.create(channel=device, person=greta, source="activity:1")
    assert turn_on(client, Browser.new("new")).json() == {"channel": device.pk}
    device.refresh_from_db()
    assert Subscription.from_text(address_of(device)).endpoint.endswith("/new")
    assert Delivery.objects.filter(channel=device).exists()


def test_devices_are_recognized_after_a_new_encryption_key(greta, settings):
    browser, client = Browser.new(), signed_in(greta)
    turn_on(client, browser)
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    turn_on(client, browser)
    assert Channel.objects.get().fingerprint == crypto.fingerprint(browser.endpoint)
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    call_command("rotatekeys")
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    turn_off(client, browser)
    assert not Channel.objects.exists()


def test_a_browser_moves_to_the_person_who_turned_push_on_last(greta, otto):
    browser = Browser.new()
    turn_on(signed_in(greta), browser)
    turn_on(signed_in(otto), browser)
    assert [device.person for device in Channel.objects.all()] == [otto]


def test_nobody_turns_off_the_device_of_someone_else(greta, otto):
    browser = Browser.new()
    turn_on(signed_in(greta), browser)
    assert turn_off(signed_in(otto), browser).status_code == 200
    assert Channel.objects.get().person == greta


def test_a_person_has_twenty_devices_at_most(greta, otto):
    for number in range(20):
        devices.subscribe(greta, Browser.new(f"{number}").subscription, CHROME)
    client = signed_in(greta)
    answer = turn_on(client, Browser.new("one-more"))
    assert answer.status_code == 409 and "20 devices" in answer.json()["error"]
    assert turn_on(client, Browser.new("19")).status_code == 200  # it is one of them
    assert turn_on(signed_in(otto), Browser.new("one-more")).status_code == 200
    assert Channel.objects.filter(person=greta).count() == 20


KNOWN = [
    "https://fcm.googleapis.com/fcm/send/abc:def",
    "https://fcm.googleapis.com/wp/abc",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
    "https://eu.push.services.mozilla.com/wpush/v2/gAAA",
    "https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%2b",
    "https://web.push.apple.com/QGuQ",
    "https://FCM.googleapis.com/fcm/send/abc",
]
REFUSED = [
    "http://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com:8443/fcm/send/abc",
    "https://fcm.googleapis.com:443/fcm/send/abc",
    "https://fcm.googleapis.com:/fcm/send/abc",
    "https://fcm.googleapis.com./fcm/send/abc",
    "https://user@fcm.googleapis.com/fcm/send/abc",
    "https://user:word@fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com@127.0.0.1/",
    "https://fcm.googleapis.com#@127.0.0.1/",
    "https://127.0.0.1\\@fcm.googleapis.com/",
    "https://fcm.googleapis.com\\.evil.example/",
    "https://fcm.googleapis.com.evil.example/",
    "https://evilfcm.googleapis.com/",
    "https://storage.googleapis.com/",
    "https://push.apple.com/",
    "https://notify.windows.com/",
    "https://evilnotify.windows.com/",
    "https://evil.example/.push.apple.com",
    "https://evil.example?.push.apple.com",
    "https://127.0.0.1?.push.apple.com",
    "https://a%2eb.push.apple.com/",
    "https://..push.apple.com/",
    "https://[::1].push.apple.com/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://localhost/",
    "https://router.lan/",
    "https://ntfy.sh/up?up=1",
    "//fcm.googleapis.com/",
    "fcm.googleapis.com",
    "file:///etc/passwd",
    "https:///fcm.googleapis.com",
    "https://fcm.googleapis.com/a b",
    "https://fcm.googleapis.com/\r\nHost: evil.example",
    " https://fcm.googleapis.com/",
    "https://fcm.googleapis.com/ünïcode",
    "https://fcm.googleapis.cоm/",  # a Cyrillic letter
    "https://fcm.googleapis.com/" + "x" * 2000,
    "https://[fcm.googleapis.com/",
    "",
]


@pytest.mark.parametrize("endpoint", KNOWN)
def test_the_endpoints_of_browsers_are_accepted(greta, endpoint):
    browser = Browser.new()
    browser.endpoint = endpoint
    assert turn_on(signed_in(greta), browser).status_code == 200
    assert endpoints.origin_of(endpoint) == "/".join(endpoint.lower().split("/")[:3])


@pytest.mark.parametrize("endpoint", REFUSED)
def test_an_address_that_is_not_that_of_a_push_service_is_refused(greta, endpoint):
    browser = Browser.new()
    browser.endpoint = endpoint
    answer = turn_on(signed_in(greta), browser)
    assert answer.status_code == 400 and "push service" in answer.json()["error"]
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": None},
        {"endpoint": ["https://fcm.googleapis.com/"]},
        {"keys": None},
        {"keys": {}},
        {"keys": {"p256dh": "AAAA", "auth": "AAAA"}},
        {"keys": {"p256dh": "BA" * 44, "auth": "AAAAAAAAAAAAAAAAAAAAAA"}},
        {"keys": {"p256dh": 5, "auth": {}}},
        {"keys": {"p256dh": "é" * 87, "auth": "!" * 22}},
    ],
)
def test_a_subscription_without_usable_keys_is_refused(greta, changes):
    client = signed_in(greta)
    answer = post(client, "subscribe", {"subscription": Browser.new().subscription | changes})
    assert answer.status_code == 400 and answer.json()["error"]
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "no json", "[]", "null", "[" * 5000, '{"subscription": 5}', " " * 9000 + "{}"]
)
def test_a_body_that_is_no_subscription_is_refused(greta, body):
    path = reverse("notifications:push_subscribe")
    answer = signed_in(greta).post(path, body, content_type="application/json")
    assert answer.status_code == 400 and answer.json()["error"]


def test_turning_push_on_needs_the_token_of_a_page_of_ours(greta):
    client = Client(enforce_csrf_checks=True)
    client.force_login(greta)
    assert turn_on(client, Browser.new()).status_code == 403
    page = client.get(reverse("accounts:settings"))
    answer = post(
        client, "subscribe", {"subscription": Browser.new().subscription},
        headers={"x-csrftoken": str(page.context["csrf_token"])},
    )  # fmt: skip
    assert answer.status_code == 200


def test_a_person_turns_push_on_ten_times_a_minute_at_most(greta):
    client, browser = signed_in(greta), Browser.new()
    statuses = [turn_on(client, browser).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_the_page_learns_the_key_and_the_device_that_its_browser_is(greta):
    client, browser = signed_in(greta), Browser.new()
    before = key_for(client)
    assert len(before["key"]) == 87 and (before["channel"], before["gone"]) == (None, False)
    assert before["person"] == greta.pk
    device = turn_on(client, browser).json()["channel"]
    assert key_for(client) == before | {"channel": device}
    assert key_for(signed_in(greta)) == before  # another browser


def test_a_browser_learns_that_its_device_was_removed_until_it_turns_push_off(greta):
    client, browser = signed_in(greta), Browser.new()
    turn_on(client, browser)
    Channel.objects.all().delete()
    assert (key_for(client)["channel"], key_for(client)["gone"]) == (None, True)
    turn_off(client, browser)
    assert key_for(client)["gone"] is False


def test_nobody_turns_push_on_while_the_push_key_cannot_be_read(greta, settings):
    client = signed_in(greta)
    key_for(client)
    kept = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [crypto.Fernet.generate_key().decode()]
    for answer in (client.get(reverse("notifications:push_key")), turn_on(client, Browser.new())):
        assert answer.status_code == 503 and "push key" in answer.json()["error"]
    call_command("newpushkey")
    assert turn_on(client, Browser.new()).status_code == 200
    settings.ENCRYPTION_KEYS = kept


def test_signing_out_removes_the_device_of_that_browser_only(greta):
    phone, laptop = signed_in(greta), signed_in(greta)
    turn_on(phone, Browser.new("phone"))
    kept = turn_on(laptop, Browser.new("laptop")).json()["channel"]
    phone.post(reverse("account_logout"))
    assert [device.pk for device in Channel.objects.all()] == [kept]


def test_a_session_that_ends_by_age_takes_its_device_along(greta, settings):
    client = signed_in(greta)
    turn_on(client, Browser.new())
    session = client.session
    session["began"] = (timezone.now() - timedelta(days=settings.SESSION_DAYS, hours=1)).timestamp()
    session.save()
    client.get(reverse("torrents:list"))
    assert not Channel.objects.exists()


def end_everywhere_else(phone: Client, laptop: Client, greta) -> None:
    laptop.post(reverse("usersessions_list"))


def change_password_elsewhere(phone: Client, laptop: Client, greta) -> None:
    new = "quite another password"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert laptop.post(reverse("account_change_password"), form).status_code == 302


def suspend(phone: Client, laptop: Client, greta) -> None:
    services.disable(greta)


def let_it_expire(phone: Client, laptop: Client, greta) -> None:
    session = phone.session
    session.set_expiry(timezone.now() - timedelta(minutes=1))
    session.save()


ENDS = (end_everywhere_else, change_password_elsewhere, suspend, let_it_expire)


@pytest.mark.parametrize("end", ENDS, ids=[end.__name__ for end in ENDS])
def test_a_device_whose_session_ended_elsewhere_is_removed(greta, end):
    phone, laptop = signed_in(greta), signed_in(greta)
    lost = turn_on(phone, Browser.new("phone")).json()["channel"]
    kept = turn_on(laptop, Browser.new("laptop")).json()["channel"]
    for device in (lost, kept):
        Delivery.objects.create(channel_id=device, person=greta, source=f"activity:{device}")
    end(phone, laptop, greta)
    for device in (lost, kept):
        signed_in_devices.forget_signed_out(device)
    left = set(Channel.objects.values_list("pk", flat=True))
    assert left == (set() if end is suspend else {kept})


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_to_a_device_that_is_signed_out(greta, settings):
    phone = signed_in(greta)
    device = turn_on(phone, Browser.new()).json()["channel"]
    Delivery.objects.create(channel_id=device, person=greta, source="test:1", is_test=True)
    let_it_expire(phone, phone, greta)
    with receiving() as service:
        settings.NOTIFICATION_ORIGINS = {FCM: service.origin}
        tasks.deliver()
        assert not service.received and not Channel.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_more_is_sent_to_a_device_that_is_signed_out_meanwhile(greta, settings):
    phone = signed_in(greta)
    device = turn_on(phone, Browser.new()).json()["channel"]
    for number in range(2):
        Delivery.objects.create(channel_id=device, person=greta, source=f"test:{number}", is_test=True)

    def deliver() -> None:
        tasks.deliver()
        connection.close()

    with receiving() as service, ThreadPoolExecutor(1) as thread:
        settings.NOTIFICATION_ORIGINS = {FCM: service.origin}
        service.answers(Reply(201, "", silent=1.0))
        delivered = thread.submit(deliver)
        soon(lambda: service.received)
        let_it_expire(phone, phone, greta)
        delivered.result()
        assert len(service.received) == 1 and not Channel.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_outbox_reaches_a_device_until_its_push_service_says_that_it_is_gone(greta, settings):
    browser = Browser.new()
    device = turn_on(signed_in(greta), browser).json()["channel"]
    with receiving() as service:
        settings.NOTIFICATION_ORIGINS = {FCM: service.origin}
        service.answers(Reply(201, ""), Reply(410, ""))
        for number in range(2):
            Delivery.objects.create(channel_id=device, person=greta, source=f"test:{number}", is_test=True)
            tasks.deliver()
        message = browser.read(service.received[0].body)
        assert message["title"] and message["url"].startswith("/")
    assert len(service.received) == 2 and not Channel.objects.exists()


def test_a_new_password_leaves_push_on_in_the_browser_where_it_was_chosen(greta):
    laptop = signed_in(greta)
    device = turn_on(laptop, Browser.new()).json()["channel"]
    change_password_elsewhere(laptop, laptop, greta)
    assert signed_in_devices.forget_signed_out() == 0
    assert key_for(laptop)["channel"] == device


def test_of_two_devices_only_the_one_that_is_asked_about_is_looked_at(greta):
    phone, laptop = signed_in(greta), signed_in(greta)
    turn_on(phone, Browser.new("phone"))
    other = turn_on(laptop, Browser.new("laptop")).json()["channel"]
    let_it_expire(phone, laptop, greta)
    assert signed_in_devices.forget_signed_out(other) == 0
    assert signed_in_devices.forget_signed_out() == 1
