"""Save the list as it is filtered under a name, and change the views that were saved. Each is seen by one person only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import MemberRequest
from accounts.models.people import validate_visible
from torrents.formatting import name_in_text
from torrents.models import SavedView
from torrents.models.saved_views import MAX_VIEW_NAME
from torrents.selection import MAX_QUERY, Selection
from torrents.services.actions import saving_views
from torrents.services.actions.saving_views import Refusal, ViewRefused

from ..return_url import list_url
from .filter_row import view_url

REFUSALS = {
    Refusal.TAKEN: gettext_lazy("You already have a view with this name."),
    Refusal.TOO_MANY: gettext_lazy("You can save 20 views. Delete one first."),
    Refusal.PLAIN: gettext_lazy("Filter, search, or sort the list first."),
}
UNDO_FOR = 3600  # seconds that the link of a toast works


class ViewForm(forms.Form):
    """The name of a view, and the query string of the list that it saves."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_VIEW_NAME,
        validators=[validate_visible],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    query = forms.CharField(max_length=MAX_QUERY, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        # The form to add torrents has a field with the same name.
        super().__init__(*args, **({"auto_id": "view_%s"} | more))


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: MemberRequest) -> HttpResponse:
    """Ask for a name, and save the list as its query string shows it."""
    if request.method != "POST":
        selection = Selection(request.user, request.GET)
        initial = {"query": urlencode(selection.savable, doseq=True), "name": _suggested(selection)}
        return _form(request, ViewForm(initial=initial), SAVING)
    form = ViewForm(request.POST)
    if form.is_valid():
        query = Selection(request.user, QueryDict(form.cleaned_data["query"])).savable
        try:
            name = form.cleaned_data["name"]
            view = saving_views.save(person=request.user, name=name, query=query)
        except ViewRefused as refused:
            form.add_error("name", str(REFUSALS[refused.reason]))
        else:
            messages.success(request, _("Saved the view “%(name)s”.") % {"name": name_in_text(view.name)})
            return _to(request, view_url(view))
    return _form(request, form, SAVING)


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for another name of a view, and give it."""
    view = _view(request, pk)
    form = ViewForm(request.POST if request.method == "POST" else None, initial={"name": view.name})
    if form.is_valid():
        try:
            saving_views.rename(view, form.cleaned_data["name"])
        except ViewRefused as refused:
            form.add_error("name", str(REFUSALS[refused.reason]))
        else:
            return _to(request, view_url(view))
    return _form(request, form, RENAMING)


@require_POST
def default(request: MemberRequest, pk: int) -> HttpResponse:
    """Open the list with this view, or with the plain list if it was this view."""
    view = _view(request, pk)
    saving_views.set_default(view, is_default=not view.is_default)
    if view.is_default:
        words = _("The list opens with “%(name)s” from now on.") % {"name": name_in_text(view.name)}
    else:
        words = _("The list opens with all torrents from now on.")
    messages.success(request, words)
    return _to(request, view_url(view))


@require_POST
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Delete a view. Its toast can bring it back."""
    view = _view(request, pk)
    signed = signing.dumps([view.name, view.query, view.is_default], salt=_salt(request), compress=True)
    saving_views.delete(view)
    undo = f"{reverse('torrents:restore_view')}?{urlencode({'view': signed})}"
    words = _("Deleted the view “%(name)s”.") % {"name": name_in_text(view.name)}
    messages.success(request, words, extra_tags=undo)
    return _to(request, list_url(request))


@require_POST
def restore(request: MemberRequest) -> HttpResponse:
    """Save a view again that the person just deleted."""
    name, query, is_default = _unsigned(request)
    try:
        view = saving_views.save(person=request.user, name=name, query=query, is_default=is_default)
    except ViewRefused as refused:
        messages.warning(request, str(REFUSALS[refused.reason]))
        return _to(request, list_url(request))
    return _to(request, view_url(view))


SAVING = {
    "title": gettext_lazy("Save this view"),
    "lead": gettext_lazy("It keeps the tab, tags, search, and sort order. Only you see it."),
    # Translators: a button
    "button": gettext_lazy("Save view"),
}
RENAMING = {"title": gettext_lazy("Rename this view"), "button": gettext_lazy("Rename")}


def _form(request: MemberRequest, form: ViewForm, words: dict[str, Any]) -> HttpResponse:
    context = {"form": form, "action_url": request.path, "back_url": list_url(request), "nav": "torrents"}
    template = "torrents/_view_dialog.html" if request.htmx else "torrents/view.html"
    return render(request, template, context | words, status=422 if form.errors else 200)


def _view(request: MemberRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView.objects.of(request.user), pk=pk)


def _suggested(selection: Selection) -> str:
    return (", ".join(selection.tags) or selection.query)[:MAX_VIEW_NAME]


def _to(request: MemberRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _salt(request: MemberRequest) -> str:
    return f"deleted view of {request.user.pk}"


def _unsigned(request: MemberRequest) -> tuple[str, dict[str, Any], bool]:
    try:
        signed = request.GET.get("view", "")
        name, query, is_default = signing.loads(signed, salt=_salt(request), max_age=UNDO_FOR)
    except signing.BadSignature as error:
        raise Http404 from error
    return name, query, is_default
