"""The *Links* page of Settings."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.http import MemberRequest


def manage(request: MemberRequest) -> HttpResponse:
    """Show the person's links, and those of others on their TorBox accounts."""
    raise NotImplementedError


def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Revoke a link. The toast offers to undo that."""
    raise NotImplementedError


def revoke_all(request: MemberRequest) -> HttpResponse:
    """Ask, then revoke all links of the person."""
    raise NotImplementedError


def restore(request: MemberRequest) -> HttpResponse:
    """Undo revoking."""
    raise NotImplementedError


def renew(request: MemberRequest, pk: int) -> HttpResponse:
    """Make an ended link work again."""
    raise NotImplementedError


def set_policy(request: MemberRequest) -> HttpResponse:
    """Set who may have links. For owners of the instance."""
    raise NotImplementedError


def new_list(request: MemberRequest) -> HttpResponse:
    """Make a playlist or podcast."""
    raise NotImplementedError
