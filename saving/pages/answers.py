"""How pages about saving answer: in a dialog or as a page, and only where saving is on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.http import MemberRequest
from torrents.pages.return_url import list_url

from ..services import folders

P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponse]


def where_saving_is_on(view: View[P]) -> View[P]:
    """Answer with 404 unless SAVE_DIR is set."""

    @wraps(view)
    def answer(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not folders.is_on():
            raise Http404
        return view(request, *args, **kwargs)

    return answer


def show(request: MemberRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Show a template in a dialog or, without htmx, as a page of its own."""
    base = "saving/base_dialog.html" if request.htmx else "saving/base_page.html"
    about = {"base": base, "in_dialog": bool(request.htmx), "back_url": list_url(request), "nav": "torrents"}
    return render(request, f"saving/{name}", about | context, status=status)
