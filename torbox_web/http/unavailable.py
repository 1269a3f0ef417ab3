"""Answer while the database refuses: with a 503, a sentence, and the text that was pasted."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from django.conf import settings
from django.contrib.sessions import middleware as sessions
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.defaults import server_error as broken

from accounts.bookkeeping import write_if_possible
from accounts.store_errors import Reason, chain, is_refusal, reason_of
from torrents.pages.add.form import AddForm, as_field

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
RETRY_AFTER_SECONDS = 30
TITLES = {
    Reason.FULL: gettext_lazy("The server’s disk is full"),
    Reason.READ_ONLY: gettext_lazy("The database isn’t accepting changes"),
    Reason.LOCKED: gettext_lazy("The database is busy"),
    Reason.SLOW: gettext_lazy("The database is slow to respond"),
}
GONE = gettext_lazy("The database isn’t responding")


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer an exception that nothing else handled: with 503 if a database refused, otherwise with 500."""
    error = sys.exc_info()[1]
    return unavailable(request, error) if error and is_refusal(error) else broken(request)


def unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Return a 503 made without database, session, messages, or user: a page, plain text for htmx, or JSON."""
    _let_go_of_stores(request)
    title = str(TITLES.get(reason_of(error), GONE))
    is_read = request.method in SAFE_METHODS
    sentence = _sentence(title, is_read)
    response: HttpResponse
    if request.headers.get("HX-Request"):
        response = HttpResponse(sentence, "text/plain; charset=utf-8", status=503)
    elif "json" in request.headers.get("Accept", ""):
        response = JsonResponse({"error": sentence}, status=503)
    else:
        response = HttpResponse(_page(request, title, is_read), status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _sentence(title: str, is_read: bool) -> str:
    if is_read:
        # Translators: %(problem)s is a sentence without its period, such as “The database is busy”
        return _("%(problem)s. Your torrents are safe. Try again in a minute.") % {"problem": title}
    # Translators: %(problem)s is a sentence without its period, such as “The database is busy”
    return _("%(problem)s. Nothing was saved. Try again in a minute.") % {"problem": title}


def _page(request: HttpRequest, title: str, is_read: bool) -> str:
    action, fields = ("", []) if is_read else _form(request)
    if is_read:
        text = _("Your torrents are safe. Try again in a minute.")
    elif fields:
        text = _("Nothing was added, but your text is still here. Try again in a minute.")
    else:
        text = _("Nothing was saved. Try again in a minute.")
    context: dict[str, object] = {"title": title, "text": text}
    if fields:
        context |= {"action": action, "fields": fields, "token": get_token(request)}
    return render_to_string("unavailable.html", context)


def _form(request: HttpRequest) -> tuple[str, list[tuple[str, str]]]:
    """Return the URL and the fields to send again, only for pasted text: other forms may hold a password or a key."""
    add, preview, share = (reverse(f"torrents:{name}") for name in ("add", "preview", "share"))
    action = {add: add, preview: preview, share: preview}.get(request.path)
    try:
        return (action, list(_pasted(request))) if action else ("", [])
    except (ValueError, OSError, SuspiciousOperation):  # an unreadable body has nothing to keep
        return "", []


def _pasted(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Yield every field of the add form as it was sent. The text always, chosen files as hidden fields."""
    shared = request.POST.get("url", "") if request.path == reverse("torrents:share") else ""
    yield "text", "\n".join(filter(None, (request.POST.get("text", ""), shared)))
    known = {*AddForm.base_fields, "account", "allow_zip_shown", "chosen", "without", "uncached", "kept"}
    for name in known - {"text", "files"}:
        for value in request.POST.getlist(name):
            yield name, value
    files = request.FILES.getlist("files")
    if sum(file.size or 0 for file in files) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2:
        for file in files:
            file.seek(0)
            yield "kept", as_field(file.name or "file", file.read())


def _let_go_of_stores(request: HttpRequest) -> None:
    """Drop session and messages, so that middleware doesn't save them to the store that refused."""
    for name in ("session", "_messages"):
        if hasattr(request, name):
            delattr(request, name)


class SessionMiddleware(sessions.SessionMiddleware):
    """Django's middleware, except that pages can be read even if their session can't be saved."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = getattr(request, "session", None)
        if session is None or not session.modified or request.method not in SAFE_METHODS:
            return self._save(request, response)
        saved = write_if_possible(lambda: self._save(request, response))
        return response if saved is None else saved

    def _save(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session. Django mistakes a session that a database refuses to save for a deleted one."""
        try:
            return super().process_response(request, response)
        except SessionInterrupted as error:
            for cause in chain(error):
                if is_refusal(cause):
                    raise cause  # noqa: B904 - its own cause has the database's error
            raise
