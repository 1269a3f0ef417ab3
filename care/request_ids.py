"""One id for everything a request causes: its response, its log lines, and the tasks it queues."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from celery import Celery, Task
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
TASK_HEADER = "request_id"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Return the current id. Empty outside of requests and tasks, such as during startup."""
    return _current.get()


def accepted(given: str | None) -> str:
    """Return `given` (from a proxy or a message) if it looks like an id, else a new one."""
    return given if given and WELL_FORMED.fullmatch(given) else uuid4().hex


class RequestIdMiddleware:
    """Set the id of each request.

    Django logs rejected requests after the last middleware, so the id stays until the next request in this thread.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = accepted(request.headers.get(HEADER))
        _current.set(request_id)
        response = self.get_response(request)
        response[HEADER] = request_id
        return response


class TracedCelery(Celery):
    """Put the id into the headers of every message. A task of beat starts a new id, which the tasks it queues share."""

    def send_task(
        self, name: str, *args: Any, headers: Mapping[str, Any] | None = None, **options: Any
    ) -> Any:
        headers = {**(headers or {}), TASK_HEADER: accepted(current())}
        return super().send_task(name, *args, headers=headers, **options)


class TracedTask(Task):
    """Use the id in the message's headers while the task runs."""

    abstract = True

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        _current.set(accepted(self.request.get(TASK_HEADER)))

    def after_return(self, *what: Any) -> None:
        _current.set("")


class AddRequestId(logging.Filter):
    """Add `request_id` to every record, for the formatters."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current() or "-"
        return True
