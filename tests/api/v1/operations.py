"""The operations of the REST API, as the tests go through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from api.scopes import Scope
from api.v1.api import api
from api.v1.auth import TokenAuth
from tests.links.factories import make_share
from tests.saving.factories import make_folder, make_job
from torrents.models import Torrent

ALL_PEOPLE = 9  # columns of a row in tests/test_permissions.py

# A member without a share, a guest who may view, members who may view, add, and manage, the owner of the TorBox account,
# and an owner of the household without access to it. The account's owner added the torrent.
PEOPLE = ("outsider", "guest", "viewer", "adder", "manager", "account_owner", "instance_owner")


class Described(NamedTuple):
    """An operation: its id, method, path with the names of its parameters, scope, and the statuses in the document."""

    id: str
    method: str
    path: str
    scope: Scope | None
    statuses: frozenset[int]
    url_name: str


def described() -> Iterator[Described]:
    """Yield every operation."""
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for one in view.operations:
                scope = next(auth.scope for auth in one.auth_callbacks if isinstance(auth, TokenAuth))
                url_name = getattr(one, "url_name", "") or one.view_func.__name__
                for method in one.methods:
                    statuses = frozenset(one.response_models)
                    yield Described(
                        str(one.operation_id), method.lower(), f"/api/v1{path}", scope, statuses, url_name
                    )


def ids_of(torrent: Torrent) -> dict[str, object]:
    """Return what paths name: a torrent, its account, saving it, and a link to it."""
    job = torrent.save_jobs.first() or make_job(torrent, make_folder("Films"), torrent.account.owner)
    link = torrent.lasting_links.first() or make_share(torrent.account.owner, torrent).link
    return {
        "torrent_id": torrent.pk,
        "account_id": torrent.account_id,
        "job_id": job.pk,
        "link_id": link.pk,
        "folder_id": job.folder_id,
    }


def rows_of_sessions() -> dict[str, list[tuple[str, str, dict[str, str]]]]:
    """Return rows of the table in tests/test_permissions.py: a session counts for nothing, whoever signed in."""
    methods: dict[str, set[str]] = {}
    for one in described():
        methods.setdefault(one.path, set()).add(one.method)
    return {
        f"api:v1:{one.url_name}": [
            (method, _nine("401" if method in methods[one.path] else "405"), {}) for method in ("get", "post")
        ]
        for one in described()
    }


def _nine(status: str) -> str:
    return " ".join([status] * ALL_PEOPLE)
