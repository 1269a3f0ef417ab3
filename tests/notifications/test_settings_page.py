"""Settings › Notifications: what people see, what they may do, and what is stored, with and without htmx."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from localization import locales
from notifications.events import Kind
from notifications.models import (
    Channel,
    Delivery,
    DeliveryState,
    EventChoice,
    NotificationSettings,
    Summary,
    Trouble,
)
from notifications.pages.summary import notification_state
from notifications.services import choices, signed_in_devices
from notifications.trouble_text import failing_line
from tests import factories
from tests.notifications.factories import make_channel, make_delivery, make_device
from tests.notifications.notes import tell
from tests.notifications.telling import deliver, make_hook

pytestmark = pytest.mark.django_db
PAGE = "/me/notifications/"
ADD = f"{PAGE}channels/add/"
FINE = {"stalled_hours": "6", "summary": "never"}
HTMX = {"hx-request": "true"}
sends = pytest.mark.django_db(
    transaction=True
)  # channels are served in threads, with connections of their own


@pytest.fixture
def mara(cast):
    """An owner of the household with a TorBox account."""
    return cast.owner


@pytest.fixture
def jon(cast):
    return cast.member


def browser(person: User) -> Client:
    return factories.sign_in(Client(), person)


def words(answer) -> str:
    """Return what a page says, without markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def at(channel: Channel, what: str = "") -> str:
    return f"{PAGE}channels/{channel.pk}/{what and f'{what}/'}"


def row(answer, channel: Channel) -> str:
    """Return the markup of a channel's line."""
    return answer.content.decode().partition(f'id="channel-{channel.pk}"')[2].partition("</li>")[0]


def boxes(answer) -> dict[str, bool]:
    """Return the boxes of the table by name, and whether each is checked."""
    found = re.findall(r'<input class="check soft"[^>]*name="([^"]+)"([^>]*)>', answer.content.decode())
    return {name: "checked" in rest for name, rest in found}


def sent(*checked: str, places: tuple[object, ...] = ("bell",), **fields: str) -> dict[str, object]:
    """Return the form of the page with these boxes checked."""
    return {**FINE, **fields, "places": list(map(str, places)), **dict.fromkeys(checked, "on")}


# --- the channels -------------------------------------------------------------------------------------


def test_without_channels_the_bell_is_the_only_place(mara):
    page = browser(mara).get(PAGE)
    assert "This browser" in words(page) and "Send test" not in words(page)
    assert {name.rpartition("-")[2] for name in boxes(page)} == {"bell"}
    assert notification_state(mara) == "Bell only"


def test_a_row_shows_the_address_without_its_secret(mara):
    channel = make_channel(mara, "discord", label="Films <b>")
    page = browser(mara).get(PAGE)
    assert "Films &lt;b&gt;" in row(page, channel) and "discord.com/•••••ab12" in row(page, channel)
    assert "secret-token" not in page.content.decode()


def test_devices_are_named_by_browser_and_their_use(mara):
    now = timezone.now()
    plain = make_device(mara, last_used_at=now - timedelta(hours=2))
    named = make_device(mara, browser="safari", platform="iphone", label="Mara’s phone")
    page = browser(mara).get(PAGE)
    assert "Chrome on Linux" in row(page, plain) and "Push · last used 2 hours ago" in row(page, plain)
    assert "Mara’s phone" in row(page, named) and "Push · Safari on iPhone" in row(page, named)
    assert "Replace URL" not in row(page, plain)


def test_the_browser_that_shows_the_page_is_the_first_row(mara):
    client = browser(mara)
    other, this = make_device(mara, platform="windows"), make_device(mara)
    session = client.session
    signed_in_devices.hold(session, this.pk)
    page = client.get(PAGE)
    assert "This browser" in row(page, this) and "Push · Chrome on Linux" in row(page, this)
    assert "This browser" not in row(page, other) and "Chrome on Windows" in row(page, other)
    this.delete()  # in another browser
    assert "This browser" in words(client.get(PAGE)) and "Chrome on Linux" not in words(client.get(PAGE))


def test_members_see_household_channels_without_address_and_may_only_test_them(mara, jon):
    channel = make_channel(mara, "discord", household=True)
    page, theirs = browser(mara).get(PAGE), browser(jon).get(PAGE)
    assert "•••••ab12" in row(page, channel) and at(channel, "remove") in row(page, channel)
    assert "Discord · for the household" in row(theirs, channel)
    assert "ab12" not in theirs.content.decode()
    assert at(channel, "test") in row(theirs, channel)
    assert not [what for what in ("", "rename", "remove") if f'"{at(channel, what)}"' in row(theirs, channel)]


def test_a_person_who_is_no_longer_an_owner_cannot_redirect_the_household(mara, jon):
    channel = make_channel(mara, "discord", household=True, failing_since=timezone.now())
    factories.make_user("Second owner", role="owner")
    mara.role = User.Role.MEMBER
    mara.save()
    page = browser(mara).get(PAGE)
    assert "ab12" not in page.content.decode()
    for what in ("", "rename", "remove"):
        assert browser(mara).get(at(channel, what)).status_code == 404
        assert f'"{at(channel, what)}"' not in row(page, channel)
    tell(mara, Kind.CHANNEL, channel=channel)
    panel = browser(mara).get("/notifications/panel/").content.decode()
    assert at(channel) not in panel and "Open settings" in panel


def test_only_those_who_manage_a_household_channel_read_what_its_service_answers(mara, jon):
    """A service may repeat a message, which another person wasn't meant to read."""
    fails = {"failing_since": timezone.now(), "trouble": Trouble.REFUSED}
    channel = make_channel(mara, "discord", household=True, upstream_detail="Bad title: Party", **fails)
    assert "Discord says “Bad title: Party”." in row(browser(mara).get(PAGE), channel)
    assert "Discord refused the message." in row(browser(jon).get(PAGE), channel)


def test_private_channels_of_others_do_not_exist(mara, jon):
    channel = make_channel(jon, "discord", label="Private")
    assert "Private" not in words(browser(mara).get(PAGE))
    for what in ("", "rename", "remove"):
        assert browser(mara).get(at(channel, what)).status_code == 404
    assert browser(mara).post(at(channel, "test")).status_code == 404
    assert not Delivery.objects.exists()


def test_a_failing_channel_says_since_when_and_why_and_offers_another_address(mara):
    since = timezone.now() - timedelta(days=3)
    fails = {"failing_since": since, "trouble": Trouble.REFUSED, "upstream_detail": "Unknown <i>webhook"}
    channel = make_channel(mara, "discord", **fails)
    line = unescape(row(browser(mara).get(PAGE), channel))
    assert f"Not delivered since {since:%b} {since.day}. Discord says “Unknown <i>webhook”." in line
    assert 'data-tone="failed"' in line and f'href="{at(channel)}"' in line
    assert "<i>" not in row(browser(mara).get(PAGE), channel)


def test_a_day_that_ends_in_a_dot_ends_the_sentence(mara):
    since = datetime(2026, 11, 26, 12, tzinfo=UTC)
    channel = make_channel(mara, "discord", failing_since=since)
    with time_machine.travel(since + timedelta(days=3)), locales.spoken("de"):
        line = failing_line(channel)
    assert "26. Nov." in line and ".." not in line


# --- adding, replacing, renaming, removing ------------------------------------------------------------


def test_adding_asks_for_the_service_then_for_its_fields(mara):
    client = browser(mara)
    assert "kind=discord" in client.get(ADD).content.decode()
    assert 'name="url"' in client.get(ADD, {"kind": "discord"}).content.decode()
    url = "https://discord.com/api/webhooks/1/another-secret-cd34"
    answer = client.post(ADD, {"kind": "discord", "url": url, "label": "Films"}, follow=True)
    channel = Channel.objects.get()
    assert (channel.person, channel.kind, channel.label, channel.household) == (
        mara,
        "discord",
        "Films",
        False,
    )
    assert "Added" in words(answer) and "Films" in row(answer, channel)


def test_a_dialog_leads_back_to_the_page(mara):
    client = browser(mara)
    dialog = client.get(ADD, {"kind": "pushbullet"}, headers=HTMX)
    assert "<modal-dialog>" in dialog.content.decode() and "<html" not in dialog.content.decode()
    answer = client.post(ADD, {"kind": "pushbullet", "token": "o.abcdefghijkl"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == PAGE and Channel.objects.count() == 1


def test_a_bad_address_gets_one_sentence_and_stores_nothing(mara):
    answer = browser(mara).post(ADD, {"kind": "discord", "url": "https://example.org/", "label": "Films"})
    assert answer.status_code == 422 and "Check this field." in words(answer)
    assert (
        'value="Films"' in answer.content.decode() and "https://example.org/" not in answer.content.decode()
    )
    assert not Channel.objects.exists()


def test_only_owners_are_offered_household_channels(mara, jon):
    asked = {"kind": "discord"}
    assert 'name="household"' in browser(mara).get(ADD, asked).content.decode()
    assert 'name="household"' not in browser(jon).get(ADD, asked).content.decode()
    url = "https://discord.com/api/webhooks/1/another-secret-cd34"
    browser(jon).post(ADD, {**asked, "url": url, "household": "on"})
    assert not Channel.objects.get().household


def test_a_private_address_is_refused_with_the_reason(jon):
    answer = browser(jon).post(ADD, {"kind": "gotify", "server": "https://127.0.0.1:1", "token": "A" * 12})
    assert answer.status_code == 422 and "private network" in words(answer)


def test_the_secret_of_a_webhook_is_shown_once(mara, hooks):
    client = browser(mara)
    answer = client.post(ADD, {"kind": "webhook", "url": "https://hooks.example/mara"})
    secret = re.search(r'value="(whsec_[^"]+)"', answer.content.decode())
    assert answer.status_code == 200 and secret and "no-store" in answer.headers["Cache-Control"]
    channel = Channel.objects.get()
    for address in (PAGE, at(channel), at(channel, "rename"), at(channel, "remove")):
        assert secret[1] not in client.get(address).content.decode()


def test_addresses_cannot_be_tried_endlessly(mara):
    client = browser(mara)
    answers = [client.post(ADD, {"kind": "discord", "url": "x"}) for _ in range(3)]
    assert not [answer for answer in answers if "Too many" in words(answer)]  # nothing was looked up
    tries = [{"kind": "gotify", "server": "https://gotify.invalid", "token": "A" * 12} for _ in range(21)]
    answers = [client.post(ADD, one) for one in tries]
    assert "Too many attempts" in words(answers[-1]) and not Channel.objects.exists()


def test_a_channel_gets_another_address_and_name(mara):
    channel = make_channel(mara, "discord", failing_since=timezone.now(), trouble=Trouble.GONE)
    client = browser(mara)
    client.post(at(channel), {"url": "https://discord.com/api/webhooks/2/another-secret-cd34"})
    client.post(at(channel, "rename"), {"label": "Films"})
    channel.refresh_from_db()
    assert (channel.shown, channel.label, channel.trouble) == ("discord.com/•••••cd34", "Films", "")


def test_a_device_can_be_renamed_but_has_no_address(mara):
    device = make_device(mara)
    client = browser(mara)
    assert client.get(at(device)).status_code == 404
    client.post(at(device, "rename"), {"label": "Kitchen"})
    assert notification_state(mara) == "Push" and "Kitchen" in words(client.get(PAGE))


def test_removing_asks_first_and_says_what_is_lost(mara):
    channel = make_channel(mara, "discord", household=True)
    make_delivery(channel)
    client = browser(mara)
    asked = words(client.get(at(channel, "remove")))
    assert (
        "Your household won’t get messages" in asked and "1 message that waits for it won’t be sent." in asked
    )
    assert Channel.objects.exists()
    assert client.post(at(channel, "remove"), headers=HTMX).headers["HX-Redirect"] == PAGE
    assert not Channel.objects.exists() and not Delivery.objects.exists()


# --- tests --------------------------------------------------------------------------------------------


@sends
def test_the_answer_to_a_test_appears_beside_its_button(mara, hooks):
    channel, client = make_hook(mara), browser(mara)
    waiting = client.post(at(channel, "test"), headers=HTMX).content.decode()
    asks = re.search(r'hx-get="([^"]+)" hx-trigger="load delay:500ms"', waiting)
    assert "Sending…" in waiting and asks
    still = client.get(asks[1], headers=HTMX)
    assert asks[1] in still.content.decode() and "HX-Retarget" not in still.headers
    deliver()
    ended = client.get(asks[1], headers=HTMX)
    assert "Delivered just now" in words(ended) and "hx-get" not in ended.content.decode()
    assert (ended.headers["HX-Retarget"], ended.headers["HX-Reswap"]) == (
        f"#answer-{channel.pk}",
        "innerHTML",
    )
    assert len(hooks.taken) == 1


@sends
def test_a_refused_test_says_why_and_marks_the_row(mara, hooks):
    hooks.otherwise = lambda path: 404
    channel, client = make_hook(mara), browser(mara)
    client.post(at(channel, "test"), headers=HTMX)
    deliver()
    test = Delivery.objects.get()
    ended = client.get(f"{at(channel, 'test')}{test.pk}/", headers=HTMX)
    assert 'data-tone="failed"' in ended.content.decode() and "The server says “no”." in words(ended)
    assert "Not delivered since" in words(ended)  # the quiet line of the row, out of band
    assert "Replace URL" in row(client.get(PAGE), channel)


@sends
def test_without_htmx_the_page_says_what_came_of_the_test(mara, hooks):
    channel, client = make_hook(mara), browser(mara)
    page = client.post(at(channel, "test"), follow=True)
    assert "Sending…" in row(page, channel)
    deliver()
    assert "Delivered just now" in row(client.get(PAGE), channel)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert "Delivered" not in row(client.get(PAGE), channel)


def test_a_test_without_an_answer_stops_asking(mara, hooks):
    channel, client = make_hook(mara), browser(mara)
    client.post(at(channel, "test"))
    test = Delivery.objects.get()
    with time_machine.travel(timezone.now() + timedelta(seconds=41)):
        late = client.get(f"{at(channel, 'test')}{test.pk}/", headers=HTMX)
    assert "No answer yet. Look here again later." in words(late) and "hx-get" not in late.content.decode()


def test_the_answer_to_a_test_is_only_for_who_sent_it(mara, jon):
    channel = make_channel(mara, "discord", household=True)
    test = make_delivery(channel, is_test=True)
    assert browser(jon).get(f"{at(channel, 'test')}{test.pk}/", headers=HTMX).status_code == 404
    told = make_delivery(channel, source="activity:1")
    assert browser(mara).get(f"{at(channel, 'test')}{told.pk}/", headers=HTMX).status_code == 404


def test_tests_cannot_be_sent_endlessly(mara):
    channel, client = make_channel(mara, "discord"), browser(mara)
    answers = [client.post(at(channel, "test"), headers=HTMX) for _ in range(21)]
    assert "Too many tests." in words(answers[-1]) and Delivery.objects.count() == 20


# --- what to send -------------------------------------------------------------------------------------


def test_the_boxes_show_the_defaults_and_what_was_chosen(mara):
    channel = make_channel(mara, "discord")
    choices.choose(mara, {("added", channel.pk): True, ("ready", channel.pk): False})
    found = boxes(browser(mara).get(PAGE))
    checked = {name for name, is_checked in found.items() if is_checked}
    assert {"ready-bell", "failed-bell", "key-bell", f"failed-{channel.pk}", f"added-{channel.pk}"} <= checked
    assert not {f"ready-{channel.pk}", "added-bell"} & checked


def test_what_is_checked_is_stored_and_the_rest_is_not_wanted(mara):
    channel, client = make_channel(mara, "discord"), browser(mara)
    form = sent("ready-bell", f"stalled-{channel.pk}", places=("bell", channel.pk))
    assert client.post(PAGE, form).url == PAGE
    checked = {name for name, is_checked in boxes(client.get(PAGE)).items() if is_checked}
    assert checked == {"ready-bell", f"stalled-{channel.pk}"}


def test_places_that_the_page_did_not_show_stay_as_they_were(mara):
    client = browser(mara)
    form = sent("ready-bell")
    channel = make_channel(mara, "discord")  # in another tab
    client.post(PAGE, form)
    assert f"ready-{channel.pk}" in [name for name, on in boxes(client.get(PAGE)).items() if on]
    assert not EventChoice.objects.filter(channel=channel).exists()


def test_a_channel_of_someone_else_cannot_be_chosen(mara, jon):
    channel = make_channel(jon, "discord")
    browser(mara).post(PAGE, sent(f"ready-{channel.pk}", places=("bell", channel.pk)))
    assert not EventChoice.objects.filter(channel=channel).exists()


def test_devices_share_one_column(mara):
    make_device(mara)
    make_device(mara)
    found = boxes(browser(mara).get(PAGE))
    assert {name.rpartition("-")[2] for name in found} == {"bell", "push"} and found["ready-push"]


def test_channels_of_one_service_are_told_apart(mara):
    make_channel(mara, "discord", label="Films")
    url = "https://discord.com/api/webhooks/2/another-secret-cd34"
    browser(mara).post(ADD, {"kind": "discord", "url": url})
    page = browser(mara).get(PAGE).content.decode()
    assert "Ready: Films" in page and "Ready: Discord" in page


def test_a_line_says_where_an_event_goes(mara):
    make_device(mara)
    choices.choose(mara, {("added", "bell"): False})
    page = browser(mara).get(PAGE)
    where = re.findall(r'event-where">([^<]*)<', page.content.decode())
    assert where[0] == "Bell, push" and "Off" in where and "Stalled for 6 hours" in words(page)


def test_events_of_a_torbox_account_are_for_who_owns_one(mara, jon):
    assert "Plan about to end" in words(browser(mara).get(PAGE))
    assert "Plan about to end" not in words(browser(jon).get(PAGE))


# --- quiet hours and summary --------------------------------------------------------------------------


def test_quiet_hours_zone_and_summary_are_stored(jon):
    fields = {"quiet_from": "22:00", "quiet_until": "07:00", "time_zone": "Europe/Zurich"}
    browser(jon).post(PAGE, sent(**fields, summary="weekly", stalled_hours="24"))
    stored = NotificationSettings.objects.get(person=jon)
    jon.refresh_from_db()
    assert (stored.quiet_from, stored.quiet_until) == (time(22), time(7))
    assert (stored.summary, stored.stalled_hours) == (Summary.WEEKLY, 24)
    assert jon.time_zone == "Europe/Zurich" and stored.summarized_at is not None
    assert notification_state(jon) == "Bell only · quiet 10:00\u202fPM–7:00\u202fAM"
    page = browser(jon).get(PAGE)
    assert 'value="22:00"' in page.content.decode() and "Stalled for 1 day" in words(page)


def test_a_summary_that_goes_on_keeps_up_to_when_it_told(jon):
    client = browser(jon)
    client.post(PAGE, sent(summary="daily"))
    told = NotificationSettings.objects.get().summarized_at
    client.post(PAGE, sent(summary="weekly"))
    assert NotificationSettings.objects.get().summarized_at == told


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quiet_from": "22:00"}, "Enter both times"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "can’t start and end at the same time"),
        ({"quiet_from": "late", "quiet_until": "07:00"}, "Enter a time such as 22:00."),
    ],
)
def test_bad_quiet_hours_get_one_sentence_and_lose_nothing_else(jon, fields, said):
    answer = browser(jon).post(PAGE, sent("link-bell", **fields, summary="daily"))
    assert answer.status_code == 422 and words(answer).count(said) == 1
    assert len(re.findall(r'class="errorlist"', answer.content.decode())) == 1
    checked = [name for name, is_checked in boxes(answer).items() if is_checked]
    assert checked == ["link-bell"] and 'value="daily" selected' in answer.content.decode()
    assert not NotificationSettings.objects.exists() and not EventChoice.objects.exists()


def test_new_quiet_hours_let_held_messages_be_looked_at_again(jon):
    channel, later = make_channel(jon, "discord"), timezone.now() + timedelta(hours=5)
    held = make_delivery(channel, held=True, due_at=later, source="activity:1")
    browser(jon).post(PAGE, sent(quiet_from="01:00", quiet_until="02:00"))
    held.refresh_from_db()
    assert held.due_at <= timezone.now() and held.state == DeliveryState.WAITING


def test_the_state_names_household_channels_only_if_they_are_chosen(mara, jon):
    channel = make_channel(mara, "discord", household=True)
    make_device(jon)
    assert notification_state(jon) == "Push"
    choices.choose(jon, {("added", channel.pk): True})
    assert notification_state(jon) == "Push and Discord"


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_the_page_opens_in_every_language(mara, language):
    make_channel(mara, "discord", failing_since=timezone.now(), trouble=Trouble.TIMEOUT)
    make_device(mara)
    assert browser(mara).get(PAGE, headers={"accept-language": language}).status_code == 200
