"""The panel *Categories* of Settings › API."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import MemberRequest
from torrents.formatting import name_in_text

from ..category_text import PROBLEMS
from ..models import Category
from ..services import categories
from . import category_rows
from .category_rows import CategoryForm, FolderField
from .manage import PLACE, tokens_page

P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponse]


def where_categories_are_offered(view: View[P]) -> View[P]:
    """Answer with 404 where the page has no categories."""

    @wraps(view)
    def answer(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not category_rows.are_offered_to(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return answer


@require_POST
@where_categories_are_offered
def add(request: MemberRequest) -> HttpResponse:
    """Make a category."""
    form = CategoryForm(request.user, request.POST)
    if form.is_valid():
        try:
            _create(request, form.cleaned_data)
        except categories.Refused as refused:
            form.add_error("name", str(PROBLEMS[refused.problem]))
        else:
            return _changed(request)
    if request.htmx:
        return _panel(request, form, 422)
    return tokens_page(request, {"category_form": form}, status=422)


@require_POST
@where_categories_are_offered
def choose(request: MemberRequest, pk: int) -> HttpResponse:
    """Choose the folder of a category, or none."""
    category = _mine(request, pk)
    try:
        folder = FolderField(request.user).clean(request.POST.get("folder", ""))
        categories.choose(category, folder)
    except (ValidationError, categories.Refused):
        raise Http404 from None
    messages.success(request, _("Saved."))
    return _changed(request)


@require_POST
@where_categories_are_offered
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove a category. Its torrents keep the tag."""
    category = _mine(request, pk)
    categories.remove(person=request.user, names=[category.name])
    words = _("Removed the category %(name)s. Its torrents keep the tag.")
    messages.success(request, words % {"name": name_in_text(category.name)})
    return _changed(request)


@transaction.atomic
def _create(request: MemberRequest, chosen: dict[str, Any]) -> None:
    """Make a category with the folder that was chosen. Without saving to disk there is none."""
    category = categories.create(person=request.user, name=chosen["name"])
    if "folder" in chosen:
        categories.choose(category, chosen["folder"])


def _mine(request: MemberRequest, pk: int) -> Category:
    return get_object_or_404(Category.objects.select_related("person"), person=request.user, pk=pk)


def _changed(request: MemberRequest) -> HttpResponse:
    return _panel(request) if request.htmx else redirect(PLACE)


def _panel(request: MemberRequest, form: CategoryForm | None = None, status: int = 200) -> HttpResponse:
    context = {
        "categories": category_rows.rows_of(request.user),
        "category_form": form or CategoryForm(request.user),
    }
    return render(request, "api/_categories.html", context, status=status)
