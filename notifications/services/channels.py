"""What people do with channels: add, replace, rename, test, remove."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import crypto
from accounts.models import User
from accounts.transactions import lock_person
from torbox.guarded_fetch import Resolve, Target, resolve_host
from torrents import queueing
from torrents.queueing import BrokerError

from ..channels import apprise_urls, kinds, outgoing
from ..channels.building import Address, Refused
from ..models import Channel, ChannelKind, Delivery, DeliveryState, Trouble

MAX_CHANNELS = 20  # of one person. Devices with push don't count
MAX_LABEL = 60
CODES = {Trouble.PRIVATE_ADDRESS: "private_address", Trouble.BAD_ADDRESS: "needs_https"}

ChannelRefused = Refused
"""Raised when an address can't be a channel. `code` is one of channels/refusals.py, `field` the key of a field."""


def add(
    person: User,
    kind: str,
    fields: Mapping[str, str],
    *,
    label: str = "",
    household: bool = False,
    resolve: Resolve = resolve_host,
) -> Channel:
    """Add a channel. `fields` are those of its kind (channels/kinds.py). Raises `ChannelRefused`.

    With `apprise_url` among the fields, the kind follows from that URL. The attribute `secret` of what is returned is
    the new secret of a webhook, which can't be shown later.
    """
    kind, address = _address(kind, fields)
    if household and not person.is_owner:
        raise ChannelRefused("not_owner")
    _check_reach(address, household=household, resolve=resolve)
    channel = Channel(person=person, kind=kind, household=household, label=_label(label))
    _store(channel, address)
    channel.secret = address.secret  # type: ignore[attr-defined]
    return channel


@transaction.atomic
def _store(channel: Channel, address: Address) -> None:
    """Save a new channel. Raises `ChannelRefused`."""
    lock_person(channel.person)
    own = Channel.objects.filter(person=channel.person).exclude(kind=ChannelKind.PUSH)
    if own.count() >= MAX_CHANNELS:
        raise ChannelRefused("too_many")
    _check_is_new(channel.person, address)
    _save(channel, address)


def replace(
    channel: Channel, person: User, fields: Mapping[str, str], *, resolve: Resolve = resolve_host
) -> None:
    """Give a channel another address, and send what waits for it. Raises `ChannelRefused`.

    `person` replaces it. As in `add`, the attribute `secret` is then the new secret of a webhook.
    """
    kind, address = _address(channel.kind, fields)
    if kind != channel.kind:
        raise ChannelRefused("scheme", "apprise_url")
    _check_reach(address, household=channel.household and person.is_owner, resolve=resolve)
    _check_is_new(channel.person, address, besides=channel)
    channel.failing_since = channel.retry_at = channel.status = None
    channel.failures, channel.trouble, channel.upstream_detail = 0, "", ""
    with transaction.atomic():
        _save(channel, address)
        waiting = Delivery.objects.filter(channel=channel, state=DeliveryState.WAITING, held=False)
        waiting.update(due_at=timezone.now())
    channel.secret = address.secret  # type: ignore[attr-defined]
    _deliver_soon()


def rename(channel: Channel, label: str) -> None:
    """Rename a channel. Without a label it has the name of its kind."""
    channel.label = _label(label)
    channel.save(update_fields=["label"])


def remove(channel: Channel) -> None:
    """Remove a channel with what waits for it."""
    channel.delete()


def send_test(channel: Channel, person: User) -> Delivery:
    """Queue a test message, and return the row that will hold the answer."""
    delivery = Delivery.objects.create(
        channel=channel, person=person, source=f"test:{uuid.uuid4().hex}", is_test=True
    )
    _deliver_soon()
    return delivery


def _address(kind: str, fields: Mapping[str, str]) -> tuple[str, Address]:
    if url := fields.get("apprise_url", "").strip():
        kind, answers = apprise_urls.read(url)
        try:
            return kind, kinds.build(kind, answers)
        except Refused as error:
            raise Refused(error.code, "apprise_url") from None
    return kind, kinds.build(kind, fields)


def _check_reach(address: Address, *, household: bool, resolve: Resolve) -> None:
    """Look up the host that a person chose, and refuse one where no message could go."""
    server = address.server
    if server is None or _origin(server) in settings.NOTIFICATION_ORIGINS:
        return
    reach = outgoing.Reach(household, resolve)
    try:
        outgoing.check(server.scheme, server.host, server.port, reach)
    except outgoing.NotSent as error:
        raise ChannelRefused(CODES.get(error.trouble, "unreachable")) from None


def _origin(server: Target) -> str:
    return f"{server.scheme}://{server.host_header}"


def _check_is_new(person: User, address: Address, besides: Channel | None = None) -> None:
    known = crypto.fingerprints(Channel.identity_in(address.text))
    same = Channel.objects.filter(person=person, fingerprint__in=known)
    if (same.exclude(pk=besides.pk) if besides else same).exists():
        raise ChannelRefused("duplicate")


def _save(channel: Channel, address: Address) -> None:
    channel.encrypted_address = crypto.encrypt(address.text)
    channel.fingerprint = crypto.fingerprint(Channel.identity_in(address.text))
    channel.shown = address.shown
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError:
        raise ChannelRefused("duplicate") from None


def _label(label: str) -> str:
    printable = "".join(one for one in label if one.isprintable())
    return " ".join(printable.split())[:MAX_LABEL]


def _deliver_soon() -> None:
    """Queue the sending. If the broker refuses, the worker finds the rows by itself."""
    transaction.on_commit(_deliver)


def _deliver() -> None:
    try:
        queueing.publish("notifications.tasks.deliver")
    except BrokerError as error:
        queueing.warn(error)
