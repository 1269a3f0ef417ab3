"""Send messages to the services that Apprise knows, through our own guard (docs/decisions/0009).

The worker imports the plugins of our kinds when it first needs them, and no others. They call `requests.post`, so each
gets our own object in place of `requests`. It sends through the session of the message that is being sent.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any

import requests

from ..models import ChannelKind, Trouble
from . import apprise_texts, outgoing
from .answers import Answer, outcome_of, with_words
from .message import DELIVERED, Message, Outcome
from .outgoing import GuardedSession, NotSent, Reach
from .secret_parts import secrets_of_apprise

PLUGINS: dict[str, tuple[str, str]] = {
    ChannelKind.NTFY: ("ntfy", "NotifyNtfy"),
    ChannelKind.GOTIFY: ("gotify", "NotifyGotify"),
    ChannelKind.DISCORD: ("discord", "NotifyDiscord"),
    ChannelKind.TELEGRAM: ("telegram", "NotifyTelegram"),
    ChannelKind.SLACK: ("slack", "NotifySlack"),
    ChannelKind.MATRIX: ("matrix.base", "NotifyMatrix"),
    ChannelKind.PUSHOVER: ("pushover", "NotifyPushover"),
    ChannelKind.PUSHBULLET: ("pushbullet", "NotifyPushBullet"),
}
HAVE_A_SERVER = frozenset({ChannelKind.NTFY, ChannelKind.GOTIFY, ChannelKind.MATRIX})
_sending: ContextVar[_Sending] = ContextVar("sending")
_loading = threading.Lock()


def send(kind: str, address: str, message: Message, reach: Reach) -> Outcome:
    """Send a message to a service, and return what came of it."""
    with GuardedSession(reach) as session:
        sending = _Sending(session)
        before = _sending.set(sending)
        try:
            plugin = _plugin(kind, address)
            if plugin is None:
                return outcome_of(Trouble.BAD_ADDRESS)
            took = _notify(kind, plugin, message)
        finally:
            _sending.reset(before)
    secrets = secrets_of_apprise(address, with_host=kind not in HAVE_A_SERVER)
    return DELIVERED if took and sending.answer else sending.outcome(secrets)


def _notify(kind: str, plugin: Any, message: Message) -> bool:
    common = import_module("apprise.common")
    title, body = apprise_texts.texts(kind, plugin, message)
    return bool(
        plugin.notify(
            body=body,
            title=title,
            notify_type=common.NotifyType.WARNING if message.urgent else common.NotifyType.INFO,
            body_format=common.NotifyFormat(apprise_texts.FORMATS.get(kind, "text")),
            overflow=common.OverflowMode.TRUNCATE,
        )
    )


def _plugin(kind: str, address: str) -> Any:
    """Return the plugin for an address, or None if Apprise doesn't take it."""
    made = load(kind)
    asset = import_module("apprise.asset").AppriseAsset(
        app_id="TorBox Web",
        app_desc="TorBox Web",
        app_url="",
        async_mode=False,
        default_service_retry=0,
        http_redirects=False,
        image_url_logo="",
        image_url_mask="",
        storage_mode="memory",
    )
    parsed = made.parse_url(address)
    if not parsed:
        return None
    try:
        plugin = made(**parsed, asset=asset)
    except (TypeError, ValueError):  # Apprise's own errors are TypeErrors
        return None
    plugin.throttle = _no_pause
    return plugin


def _no_pause(*args: object, **options: object) -> None:
    """Stand in for Apprise's pauses between messages. We send one, and wait for a service between tasks."""


def load(kind: str) -> Any:
    """Return the plugin class of a kind. Its module sends through our guard from then on."""
    module_name, class_name = PLUGINS[kind]
    with _loading:
        logging.getLogger("apprise").disabled = True  # its lines contain addresses
        module = import_module(f"apprise.plugins.{module_name}")
        if module.requests is not _REQUESTS:
            if module.requests is not requests:
                raise RuntimeError(f"The plugin {module_name} doesn't use requests.")
            module.requests = _REQUESTS  # type: ignore[attr-defined]
        return getattr(module, class_name)


class _Sending:
    """The requests of one message. After one that failed there are no others: each would get the same answer."""

    def __init__(self, session: GuardedSession) -> None:
        self._session = session
        self._response: requests.Response | None = None
        self._trouble: Trouble | None = None

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        if self._trouble:
            raise NotSent(self._trouble)
        if self._response is not None and not 200 <= self._response.status_code < 300:
            return self._response
        try:
            self._response = self._session.request(method, url, **options)
        except NotSent as error:
            self._trouble = error.trouble
            raise
        return self._response

    @property
    def answer(self) -> Answer | None:
        return None if self._response is None else outgoing.answer_in(self._response)

    def outcome(self, secrets: tuple[str, ...]) -> Outcome:
        """Return why the service didn't take the message."""
        answer = self.answer
        if self._trouble or answer is None:
            return outcome_of(self._trouble or Trouble.BAD_ADDRESS)
        outcome = outcome_of(answer, secrets)
        if not outcome.delivered:
            return outcome
        # Some say no with a 200. Without JSON it was an answer that broke off, or of another server.
        refused = isinstance(answer.json(), dict)
        return with_words(answer, Trouble.REFUSED if refused else Trouble.SERVICE_ERROR, secrets)


class _Requests:
    """What the plugins get in place of `requests`: its functions, guarded, its errors, and its names of codes."""

    codes = requests.codes
    exceptions = requests.exceptions

    def __getattr__(self, name: str) -> Any:
        if name in ("delete", "get", "head", "patch", "post", "put"):
            return _sender(name.upper())
        found = getattr(requests, name)
        if isinstance(found, type) and issubclass(found, Exception):
            return found
        raise AttributeError(f"A plugin uses requests.{name}, which isn't guarded.")

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        return _sending.get().request(method, url, **options)


def _sender(method: str) -> Callable[..., requests.Response]:
    return lambda url, **options: _REQUESTS.request(method, url, **options)


_REQUESTS = _Requests()
