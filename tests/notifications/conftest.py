"""Fixtures for tests that send messages over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notifications import hooks as service


@pytest.fixture
def hooks(settings) -> Iterator[service.Hooks]:
    """Run a service that takes webhooks, at the origin `hooks.ORIGIN`."""
    with service.served() as running:
        settings.NOTIFICATION_ORIGINS = running.origins
        yield running
