"""Why requests fail: codes, their statuses, and their sentences, as problem details (RFC 9457)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.request import RawPostDataException
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

import torbox
from accounts.torbox_error_text import explain

from ..authentication import TooManyAttempts
from ..error_answers import mark
from ..limits import LimitReached
from .field_problems import field_problems
from .schemas.problems import FieldProblem, ProblemDetails

MEDIA_TYPE = "application/problem+json"
ATTEMPTS_SECONDS = 60
TORBOX_SECONDS = 30


class Code(StrEnum):
    """What went wrong. The comment names the parameters."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    SCOPE = "scope"  # scope: what the token lacks
    NOT_FOUND = "not_found"
    TOO_LARGE = "too_large"
    MEDIA_TYPE = "media_type"
    INVALID = "invalid"  # errors say which values
    CURSOR = "cursor"
    SAVING_OFF = "saving_off"
    LINKS_OFF = "links_off"
    NO_ACCOUNT = "no_account"
    NOWHERE_TO_ADD = "nowhere_to_add"
    KEY_USED = "key_used"
    NOT_READY = "not_ready"
    NOT_AT_TORBOX_YET = "not_at_torbox_yet"
    NOT_ENDED = "not_ended"
    DELETED = "deleted"
    NOTHING_TO_EXPORT = "nothing_to_export"
    NOTHING_TO_SAVE = "nothing_to_save"
    JOB_ENDED = "job_ended"
    RATE_LIMIT = "rate_limit"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    BUSY = "busy"

    # TorBox's answers, with its own sentence as `upstream_detail`.
    KEY_REJECTED = "key_rejected"
    REFUSED = "refused"
    NOT_AT_TORBOX = "not_at_torbox"
    THROTTLED = "throttled"
    TORBOX_DOWN = "torbox_down"
    TORBOX_TROUBLE = "torbox_trouble"


STATUSES: dict[Code, int] = {
    Code.MALFORMED: 400,
    Code.UNAUTHENTICATED: 401,
    Code.SCOPE: 403,
    Code.NOT_FOUND: 404,
    Code.SAVING_OFF: 409,
    Code.LINKS_OFF: 409,
    Code.NO_ACCOUNT: 409,
    Code.NOWHERE_TO_ADD: 409,
    Code.KEY_USED: 409,
    Code.NOT_READY: 409,
    Code.NOT_AT_TORBOX_YET: 409,
    Code.NOT_ENDED: 409,
    Code.DELETED: 409,
    Code.NOTHING_TO_EXPORT: 404,
    Code.NOTHING_TO_SAVE: 409,
    Code.JOB_ENDED: 409,
    Code.TOO_LARGE: 413,
    Code.MEDIA_TYPE: 415,
    Code.INVALID: 422,
    Code.CURSOR: 422,
    Code.RATE_LIMIT: 429,
    Code.TOO_MANY_ATTEMPTS: 429,
    Code.BUSY: 503,
    Code.KEY_REJECTED: 409,
    Code.REFUSED: 409,
    Code.NOT_AT_TORBOX: 404,
    Code.THROTTLED: 503,
    Code.TORBOX_DOWN: 503,
    Code.TORBOX_TROUBLE: 502,
}
# Those of TorBox have the sentences of `explain`.
WORDS: dict[Code, str | Promise] = {
    Code.MALFORMED: _("The request can’t be read. Send JSON in UTF-8, without NUL characters."),
    Code.UNAUTHENTICATED: _("Send a token that works, as “Authorization: Bearer …”."),
    # Translators: %(scope)s is the code of what a token may do, such as “read”. It stays as it is.
    Code.SCOPE: _("This token doesn’t have the scope “%(scope)s”. Create one that does under Settings, API."),
    Code.NOT_FOUND: _("There’s nothing here, or you may not see it."),
    Code.TOO_LARGE: _("The request is too large, so nothing was changed. Send it in smaller parts."),
    Code.MEDIA_TYPE: _("Send the body as application/json."),
    Code.INVALID: _("Some values can’t be used, so nothing was changed."),
    Code.CURSOR: _("This cursor is for another list or order. Start again without one."),
    Code.SAVING_OFF: _("Saving to disk is off on this instance."),
    Code.LINKS_OFF: _("An owner has turned off lasting links for you."),
    Code.NO_ACCOUNT: _("Connect a TorBox account first. TorBox only answers requests with an API key."),
    Code.NOWHERE_TO_ADD: _(
        "You can’t add torrents to any TorBox account. Connect one, or ask someone to share theirs."
    ),
    Code.KEY_USED: _("This idempotency key came with another request, so nothing was added. Use a new one."),
    Code.NOT_READY: _("TorBox doesn’t have this torrent yet. Try again when it’s ready."),
    Code.NOT_AT_TORBOX_YET: _("This torrent hasn’t been sent to TorBox yet."),
    Code.NOT_ENDED: _("This torrent hasn’t failed and isn’t gone, so there’s nothing to add again."),
    Code.DELETED: _("TorBox has already deleted it. Add it again."),
    Code.NOTHING_TO_EXPORT: _("There’s no .torrent file of this torrent. Export its magnet link."),
    Code.NOTHING_TO_SAVE: _("Everything is saved there already, or is being saved."),
    Code.JOB_ENDED: _("This has already been saved or canceled."),
    Code.RATE_LIMIT: _("This token has sent too many requests. Wait and try again."),
    Code.TOO_MANY_ATTEMPTS: _("Too many wrong tokens came from your network. Wait a minute and try again."),
    Code.BUSY: _("Too many requests to TorBox. Wait a minute and try again."),
}
# The first that fits.
OF_TORBOX: tuple[tuple[type[torbox.TorBoxError], Code], ...] = (
    (torbox.AuthError, Code.KEY_REJECTED),
    (torbox.RateLimited, Code.THROTTLED),
    (torbox.NotFound, Code.NOT_AT_TORBOX),
    (torbox.Malformed, Code.TORBOX_TROUBLE),
    (torbox.Unavailable, Code.TORBOX_DOWN),
    (torbox.TorBoxError, Code.REFUSED),
)


class Problem(Exception):
    """Why a request fails. `params` go into the sentence of the code too. `headers` go with the answer."""

    def __init__(
        self,
        code: Code,
        *,
        errors: list[FieldProblem] | None = None,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code)
        self.code, self.errors, self.headers, self.params = code, errors or [], headers or {}, params

    @property
    def detail(self) -> str:
        """Return the sentence for people."""
        return str(WORDS[self.code]) % self.params


def answers(schema: Any, *statuses: int, status: int = 200) -> dict[int, Any]:
    """Return all answers of an operation: `schema` with `status`, `statuses`, and the problems that every one has."""
    described: dict[int, Any] = dict.fromkeys(
        {status, 400, 401, 403, 422, 429, 503, *statuses}, ProblemDetails
    )
    described |= {status: schema} | ({304: None} if 304 in statuses else {})
    return dict(sorted(described.items()))


def details(problem: Problem, detail: str = "") -> ProblemDetails:
    """Return the details of a problem, also for one item of many."""
    status = STATUSES[problem.code]
    return ProblemDetails(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        code=problem.code.value,
        detail=detail or problem.detail,
        params=problem.params,
        errors=problem.errors,
    )


def problem_answer(problem: Problem, detail: str = "") -> HttpResponse:
    """Return the answer for a problem. `detail`: the sentence, if it isn't that of the code."""
    body = details(problem, detail)
    response = HttpResponse(body.model_dump_json(), content_type=MEDIA_TYPE, status=body.status)
    for name, value in problem.headers.items():
        response[name] = value
    return mark(response)


def after(seconds: float) -> dict[str, str]:
    """Return the header that says when to try again."""
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def handle_all(api: NinjaAPI) -> None:
    """Answer everything that views raise. Errors that the request didn't cause go on to Django."""
    for kind, handle in HANDLERS.items():
        api.add_exception_handler(kind, handle)


def _known(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem_answer(error)


def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_answer(Problem(Code.NOT_FOUND))


def _unauthenticated(request: HttpRequest, error: Exception) -> HttpResponse:
    sent = ', error="invalid_token"' if request.headers.get("Authorization") else ""
    challenge = {"WWW-Authenticate": f'Bearer realm="TorBox Web"{sent}'}
    return problem_answer(Problem(Code.UNAUTHENTICATED, headers=challenge))


def _too_many_attempts(request: HttpRequest, error: TooManyAttempts) -> HttpResponse:
    return problem_answer(Problem(Code.TOO_MANY_ATTEMPTS, headers=after(ATTEMPTS_SECONDS)))


def _limit_reached(request: HttpRequest, error: LimitReached) -> HttpResponse:
    return problem_answer(Problem(Code.RATE_LIMIT, headers=after(error.retry_after)))


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem_answer(Problem(Code.INVALID, errors=field_problems(error.errors)))


def _malformed(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem_answer(Problem(Code.MALFORMED))


def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem_answer(Problem(Code.TOO_LARGE))


def _media_type(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem_answer(Problem(Code.MEDIA_TYPE))


def _of_torbox(request: HttpRequest, error: torbox.TorBoxError) -> HttpResponse:
    code = next(code for kind, code in OF_TORBOX if isinstance(error, kind))
    wait = error.retry_after if isinstance(error, torbox.RateLimited) else None
    headers = after(wait or TORBOX_SECONDS) if STATUSES[code] == 503 else {}
    _, text, _ = explain(error)
    return problem_answer(Problem(code, headers=headers, upstream_detail=error.detail), text)


def _unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    raise error


HANDLERS: dict[type[Exception], Any] = {
    Problem: _known,
    Http404: _not_found,
    AuthenticationError: _unauthenticated,
    TooManyAttempts: _too_many_attempts,
    LimitReached: _limit_reached,
    ValidationError: _invalid,
    HttpError: _malformed,  # ninja's word for a body that isn't JSON
    UnreadablePostError: _malformed,
    RequestDataTooBig: _too_large,
    RawPostDataException: _media_type,  # a form with files, which has been read by now
    torbox.TorBoxError: _of_torbox,
    Exception: _unforeseen,
}
