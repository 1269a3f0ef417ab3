"""The pages about saving that only owners of the instance have, and how they answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import MemberRequest, status_of

from ..services import folders

P = ParamSpec("P")
Answer = Callable[Concatenate[MemberRequest, P], HttpResponse]
PLACE = "saving:settings"


def owners_only(view: Answer[P]) -> Answer[P]:
    """Let a view be there only for owners, and only while saving is on."""

    @wraps(view)
    def checked(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not (request.user.is_owner and folders.is_on()):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


def back(request: MemberRequest) -> HttpResponse:
    """Load the page *Saving* again."""
    answer = redirect(PLACE)
    return HttpResponseClientRedirect(answer.url) if request.htmx else answer


def focus_on_error(form: BaseForm) -> None:
    """Have the first field that was refused get the focus, because it may be below what the screen shows."""
    refused = next((field for name, field in form.fields.items() if name in form.errors), None)
    if refused:
        refused.widget.attrs["autofocus"] = True


def ask(request: MemberRequest, template: str, title: str, **more: Any) -> HttpResponse:
    """Show a question in a dialog or, without htmx, as a page of its own."""
    base = "saving/base_settings_dialog.html" if request.htmx else "saving/base_settings_page.html"
    context = {"base": base, "title": title, "action_url": request.path, "in_dialog": bool(request.htmx)}
    form = more.get("form")
    status = 200 if form is None else status_of(form)
    if form is not None:
        focus_on_error(form)
    return render(request, f"saving/{template}", context | more, status=status)
