"""One id for everything that one request causes: in its answer, in every log line, and in the tasks it queues."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from celery import Task
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
TASK_HEADER = "request_id"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Empty where nothing was asked for: while starting, or between two tasks."""
    return _current.get()


def accepted(given: str | None) -> str:
    """`given`, which a proxy or a message brought, if it looks like an id, else a new one."""
    return given if given and WELL_FORMED.fullmatch(given) else uuid4().hex


class RequestIdMiddleware:
    """Django logs refusals after the last middleware, so the id stays until the thread's next request brings its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = accepted(request.headers.get(HEADER))
        _current.set(request_id)
        response = self.get_response(request)
        response[HEADER] = request_id
        return response


class TracedTask(Task):
    """Carries the id in the message's headers. A task of beat starts a new one, which those it queues share."""

    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        headers = {**(options.pop("headers", None) or {}), TASK_HEADER: accepted(current())}
        return super().apply_async(args, kwargs, headers=headers, **options)

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        _current.set(accepted(self.request.get(TASK_HEADER)))

    def after_return(self, *what: Any) -> None:
        _current.set("")


class AddRequestId(logging.Filter):
    """`request_id` of every record, for the formats."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current() or "-"
        return True
