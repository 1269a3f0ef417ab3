"""The household page, and the pages where owners manage people and invitations."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from localization.bidi import isolated_text

from .. import household as reading
from .. import services
from ..forms import InviteForm, RoleForm
from ..http import MemberRequest, status_of
from ..models import Invitation, User
from ..problems import problem_words
from ..qr_codes import qr_code
from ..reauthentication import reauthentication_required, reauthentication_required_then
from ..recovery_links import history

PEOPLE = "accounts:people"


@require_safe
def people(request: MemberRequest) -> HttpResponse:
    return render(request, "accounts/people.html", reading.page(request.user) | {"nav": "people"})


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def invite(request: MemberRequest) -> HttpResponse:
    _owners_only(request)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(services.invite(owner=request.user, **form.cleaned_data))
    return render(request, "accounts/invite.html", {"form": form, "nav": "people"}, status=status_of(form))


@require_safe
@never_cache
@reauthentication_required
def invitation(request: MemberRequest, pk: int) -> HttpResponse:
    found = _invitation(request, pk)
    link = services.link_of(found)
    context = {"invitation": found, "link": link, "qr": qr_code(link) if link else "", "nav": "people"}
    return render(request, "accounts/invitation.html", context)


@require_POST
def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    services.revoke(_invitation(request, pk))
    messages.success(request, _("Link revoked."))
    return redirect(PEOPLE)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def person(request: MemberRequest, pk: int) -> HttpResponse:
    found = _person(request, pk)
    form = RoleForm(request.POST or None, initial={"role": found.role})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_role(found, form.cleaned_data["role"])
        except services.LastOwner as problem:
            form.add_error(None, problem_words(problem))
        else:
            messages.success(request, _role_changed(found))
            return redirect(PEOPLE)
    context = {"person": found, "form": form, "signing": reading.Signing.of(found), "nav": "people"}
    context["recovery_links"] = history(found, reader=request.user)
    return render(request, "accounts/person.html", context, status=status_of(form))


@require_POST
@reauthentication_required_then(PEOPLE)
def disable(request: MemberRequest, pk: int) -> HttpResponse:
    found = _person(request, pk)
    try:
        services.disable(found)
    except services.LastOwner as problem:
        messages.error(request, problem_words(problem))
    else:
        if found == request.user:
            logout(request)
        text = _("%(name)s is suspended and signed out everywhere.")
        messages.success(request, text % {"name": isolated_text(found.display_name)})
    return redirect(PEOPLE)


@require_POST
@reauthentication_required_then(PEOPLE)
def enable(request: MemberRequest, pk: int) -> HttpResponse:
    found = _person(request, pk)
    services.enable(found)
    messages.success(request, _("%(name)s can sign in again.") % {"name": isolated_text(found.display_name)})
    return redirect(PEOPLE)


@require_POST
@reauthentication_required_then(PEOPLE)
def end_sessions(request: MemberRequest, pk: int) -> HttpResponse:
    found = _person(request, pk)
    services.end_sessions(found)
    if found == request.user:
        logout(request)
        return redirect(PEOPLE)
    messages.success(
        request, _("%(name)s is signed out everywhere.") % {"name": isolated_text(found.display_name)}
    )
    return redirect(PEOPLE)


@require_POST
@reauthentication_required_then(PEOPLE)
def hand_over(request: MemberRequest, pk: int) -> HttpResponse:
    found = _person(request, pk)
    if found == request.user:
        raise Http404
    try:
        services.hand_over(owner=request.user, to=found)
    except services.LastOwner:
        text = _("%(name)s is suspended and can’t become the owner. Reactivate them first.")
        messages.error(request, text % {"name": isolated_text(found.display_name)})
    else:
        text = _("%(name)s is now the owner, and you’re a member.")
        messages.success(request, text % {"name": isolated_text(found.display_name)})
    return redirect(PEOPLE)


@require_POST
@reauthentication_required_then(PEOPLE)
def invite_back(request: MemberRequest, pk: int) -> HttpResponse:
    found = _person(request, pk)
    if not found.is_active:
        text = _("%(name)s is suspended. Reactivate them before you create a recovery link.")
        messages.error(request, text % {"name": isolated_text(found.display_name)})
        return redirect(found)
    return redirect(services.invite_back(owner=request.user, person=found))


def _role_changed(person: User) -> str:
    texts = {
        User.Role.OWNER: _("%(name)s is now an owner."),
        User.Role.MEMBER: _("%(name)s is now a member."),
        User.Role.GUEST: _("%(name)s is now a guest."),
    }
    return texts[User.Role(person.role)] % {"name": isolated_text(person.display_name)}


def _owners_only(request: MemberRequest) -> None:
    if not request.user.is_owner:
        raise Http404


def _person(request: MemberRequest, pk: int) -> User:
    found: User = get_object_or_404(User.objects.manageable_by(request.user), pk=pk)
    return found


def _invitation(request: MemberRequest, pk: int) -> Invitation:
    _owners_only(request)
    good = Invitation.objects.select_related("person", "made_by").filter(expires_at__gt=timezone.now())
    return get_object_or_404(good, pk=pk)
