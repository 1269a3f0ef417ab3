"""The channels of the settings page: one line each, with what the person may do with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from localization.formats import age
from torrents.formatting import display_name

from ..channel_names import channel_name, service_name
from ..device_names import device_name
from ..models import Channel, ChannelKind, Delivery, DeliveryState
from ..trouble_text import delivery_trouble, failing_line

ANSWERS_SHOWN = timedelta(minutes=10)  # how long a page shows the answer to a test
TEST_PATIENCE = timedelta(seconds=40)
ICONS: dict[str, str] = {
    ChannelKind.PUSH: "laptop",
    ChannelKind.EMAIL: "mail",
    ChannelKind.WEBHOOK: "webhook",
    ChannelKind.NTFY: "send",
    ChannelKind.TELEGRAM: "send",
    ChannelKind.PUSHOVER: "smartphone",
    ChannelKind.PUSHBULLET: "smartphone",
}
ICON = "message-square"
PHONES = {"android", "ipad", "iphone"}
ENDED = {DeliveryState.SENT, DeliveryState.GIVEN_UP, DeliveryState.DROPPED}


@dataclass(frozen=True)
class Answer:
    """What came of a test message. `waits`: the one of which nothing is known yet, so the page asks again."""

    text: str
    tone: str = ""
    waits: Delivery | None = None


@dataclass(frozen=True)
class ChannelRow:
    """A channel as a person sees it. `name` and `about` may contain text from outside, so they have to be escaped."""

    channel: Channel
    manageable: bool
    answer: Answer | None = None
    is_this_browser: bool = False

    @property
    def name(self) -> str:
        return display_name(channel_name(self.channel))

    @property
    def icon(self) -> str:
        return "smartphone" if self.channel.platform in PHONES else icon_of(self.channel.kind)

    @property
    def failing(self) -> bool:
        return self.channel.failing_since is not None

    @property
    def replaceable(self) -> bool:
        return self.manageable and not self.channel.is_push

    @property
    def offers_replacing(self) -> bool:
        """Whether the row offers to replace the address in place of a test, which would only fail again."""
        return self.failing and self.replaceable

    @property
    def about(self) -> str:
        """Return the quiet line: what is wrong, or what kind of channel this is."""
        if self.failing:
            return failing_line(self.channel, quoted=self.manageable)
        return " · ".join(self._facts())

    def _facts(self) -> list[str]:
        """Return what there is to say about a channel that works. Only those who manage it see where it leads."""
        channel = self.channel
        facts = (
            [service_name(channel.kind)] if channel.label or channel.is_push or not self.manageable else []
        )
        if channel.is_push:
            if self.is_this_browser:
                facts.append(self.name)
            elif channel.label:
                facts.append(device_name(channel.browser, channel.platform))
            if channel.last_used_at and not self.is_this_browser:
                # Translators: when the last message went to a device: “last used 2 hours ago”.
                facts.append(_("last used %(age)s") % {"age": age(channel.last_used_at)})
        elif self.manageable and channel.shown:
            facts.append(channel.shown)
        if channel.household:
            # Translators: a channel that everyone in the household can choose.
            facts.append(_("for the household"))
        return facts


def answer_of(delivery: Delivery) -> Answer:
    """Return what came of a test message so far."""
    if delivery.state == DeliveryState.SENT:
        # Translators: “Delivered just now”, “Delivered 2 minutes ago”.
        return Answer(_("Delivered %(age)s") % {"age": age(delivery.ended_at or timezone.now())})
    trouble = delivery_trouble(delivery)
    if trouble or delivery.state in ENDED:  # a message that will be sent again has its first answer
        return Answer(trouble or _("Not delivered."), "failed")
    if timezone.now() - delivery.created_at > TEST_PATIENCE:
        return Answer(_("No answer yet. Look here again later."))
    # Translators: a test message is on its way.
    return Answer(pgettext("message", "Sending…"), waits=delivery)


def icon_of(kind: str) -> str:
    """Return the icon of a kind of channel."""
    return ICONS.get(kind, ICON)


def row_of(person: User, channel: Channel, device: int | None) -> ChannelRow:
    """Return one channel as a person sees it. `device` is the channel of their browser."""
    manageable = Channel.objects.manageable_by(person).filter(pk=channel.pk).exists()
    return ChannelRow(channel, manageable, is_this_browser=channel.pk == device)


def rows_of(person: User, device: int | None) -> list[ChannelRow]:
    """Return the channels that a person may use, their own devices first, with the answers to their latest tests.

    `device` is the channel of their browser.
    """
    channels = list(Channel.objects.usable_by(person))
    managed = set(Channel.objects.manageable_by(person).values_list("pk", flat=True))
    answers = _latest_answers(person, channels)
    channels.sort(key=lambda channel: (channel.household, not channel.is_push))
    return [
        ChannelRow(channel, channel.pk in managed, answers.get(channel.pk), channel.pk == device)
        for channel in channels
    ]


def _latest_answers(person: User, channels: Iterable[Channel]) -> dict[int, Answer]:
    """Return the answers to the tests that a person sent in the last minutes, by channel."""
    tests = Delivery.objects.filter(
        person=person,
        is_test=True,
        channel__in=[channel.pk for channel in channels],
        created_at__gt=timezone.now() - ANSWERS_SHOWN,
    ).select_related("channel")
    return {test.channel_id: answer_of(test) for test in tests.order_by("created_at", "pk")}
