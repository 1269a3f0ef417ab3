"""Who gets what from every address. An address that is not in this table fails a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from accounts.models import Share, User
from tests.factories import make_account, make_key, make_torrent, make_user
from torrents.models import Torrent
from torrents.services import refreshing

pytestmark = pytest.mark.django_db
PEOPLE = ("anonymous", "outsider", "viewer", "guest", "member", "owner")
MAGNET = "magnet:?xt=urn:btih:" + "a" * 40
CONTROL = {"operation": "reannounce"}

# name: (method, who gets what, form). Columns in the order of PEOPLE; "in" leads to sign-in (302),
# 405: no such method. The torrent was added by the owner; guest's role beats a share that lets others add.
TABLE: dict[str, list[tuple[str, str, dict[str, str]]]] = {
    "account_login": [("get", "200 302 302 302 302 302", {}), ("post", "200 302 302 302 302 302", {})],
    "account_logout": [("get", "302 200 200 200 200 200", {}), ("post", "302 302 302 302 302 302", {})],
    "account_change_password": [
        ("get", "in 200 200 200 200 200", {}),
        ("post", "in 200 200 200 200 200", {}),
    ],
    "account_reauthenticate": [("get", "in 200 200 200 200 200", {}), ("post", "in 200 200 200 200 200", {})],
    "accounts:settings": [
        ("get", "in 200 200 200 200 200", {}),
        ("post", "in 302 302 302 302 302", {"appearance": "dark"}),
    ],
    "accounts:setup": [("get", "404 404 404 404 404 404", {}), ("post", "404 404 404 404 404 404", {})],
    "accounts:connect": [
        ("get", "in 200 200 200 200 200", {}),
        ("post", "in 422 422 422 422 422", {"api_key": "x"}),
    ],
    "accounts:account": [("get", "in 404 404 404 404 200", {})],
    "accounts:replace_key": [
        ("get", "in 404 404 404 404 200", {}),
        ("post", "in 404 404 404 404 422", {"api_key": "x"}),
    ],
    "accounts:disconnect": [("get", "in 404 404 404 404 200", {}), ("post", "in 404 404 404 404 302", {})],
    "manifest": [("get", "200 200 200 200 200 200", {}), ("post", "405 405 405 405 405 405", {})],
    "service_worker": [("get", "200 200 200 200 200 200", {}), ("post", "405 405 405 405 405 405", {})],
    "offline": [("get", "200 200 200 200 200 200", {}), ("post", "405 405 405 405 405 405", {})],
    "torrents:list": [("get", "in 200 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:changes": [("get", "in 200 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:refresh": [("get", "in 405 405 405 405 405", {}), ("post", "in 302 302 302 302 302", {})],
    "torrents:deleted": [("get", "in 200 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:status": [("get", "in 404 404 404 404 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:preview": [
        ("get", "in 405 405 405 405 405", {}),
        ("post", "in 200 200 200 200 200", {"text": MAGNET}),
    ],
    "torrents:preview_line": [("get", "in 404 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:share": [
        ("get", "in 302 302 302 302 302", {}),
        ("post", "in 200 200 200 200 200", {"text": MAGNET}),
    ],
    "torrents:add": [
        ("get", "in 200 200 200 200 200", {}),
        ("post", "in 302 302 302 302 302", {"text": MAGNET}),
    ],
    "torrents:lookup": [
        ("get", "in 200 200 200 200 200", {}),
        ("post", "in 200 200 200 200 200", {"hash": "b" * 40, "timeout": "1"}),
    ],
    "torrents:check": [
        ("get", "in 200 200 200 200 200", {}),
        ("post", "in 200 200 200 200 200", {"text": MAGNET}),
    ],
    "torrents:bulk": [
        ("get", "in 405 405 405 405 405", {}),
        ("post", "in 302 302 302 302 302", {"action": "reannounce"}),
    ],
    "torrents:everything": [
        ("get", "in 302 302 302 302 200", {}),
        ("post", "in 302 302 302 302 302", CONTROL),
    ],
    "torrents:detail": [("get", "in 404 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:files": [("get", "in 404 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:refresh_one": [("get", "in 405 405 405 405 405", {}), ("post", "in 404 302 302 302 302", {})],
    "torrents:control": [("get", "in 405 405 405 405 405", {}), ("post", "in 404 404 404 404 302", {})],
    "torrents:remove": [("get", "in 404 404 404 404 200", {}), ("post", "in 404 404 404 404 302", {})],
    "torrents:restore": [("get", "in 405 405 405 405 405", {}), ("post", "in 404 404 404 404 302", {})],
    "torrents:restore_several": [
        ("get", "in 405 405 405 405 405", {}),
        ("post", "in 302 302 302 302 302", {}),
    ],
    "torrents:retry": [("get", "in 405 405 405 405 405", {}), ("post", "in 404 404 404 404 302", {})],
    "torrents:clear": [("get", "in 405 405 405 405 405", {}), ("post", "in 404 404 404 404 302", {})],
    "torrents:download_zip": [("get", "in 404 302 302 302 302", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:download_file": [("get", "in 404 302 302 302 302", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:link_zip": [("get", "in 405 405 405 405 405", {}), ("post", "in 404 200 200 200 200", {})],
    "torrents:link_file": [("get", "in 405 405 405 405 405", {}), ("post", "in 404 200 200 200 200", {})],
    "torrents:links": [("get", "in 405 405 405 405 405", {}), ("post", "in 404 200 200 200 200", {})],
    "torrents:play": [("get", "in 404 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:playlist": [("get", "in 404 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:export_magnet": [("get", "in 404 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
    "torrents:export_file": [("get", "in 404 200 200 200 200", {}), ("post", "in 405 405 405 405 405", {})],
}
CASES = [
    pytest.param(name, method, person, status, form, id=f"{name}-{method}-{person}")
    for name, rows in TABLE.items()
    for method, statuses, form in rows
    for person, status in zip(PEOPLE, statuses.split(), strict=True)
]


def patterns(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the project with its full name."""
    for part in (resolver or get_resolver()).url_patterns:
        if isinstance(part, URLResolver):
            yield from patterns(part, f"{part.namespace}:" if part.namespace else space)
        else:
            yield f"{space}{part.name}", part


def arguments(pattern: URLPattern, torrent: Torrent) -> dict[str, object]:
    """A torrent, its first file, its account, an operation: whatever the address names."""
    known = {
        "file_pk": torrent.files.values_list("pk", flat=True).first(),
        "operation": CONTROL["operation"],
        "token": "guessed",
        "info_hash": torrent.info_hash,
        "pk": torrent.account_id if "torbox/" in str(pattern.pattern) else torrent.pk,
    }
    return {name: known[name] for name in pattern.pattern.converters}


@pytest.fixture
def household(cast, sim, key):
    """A ready torrent that the simulator has too, and everybody who may come by."""
    sim.control.seed(
        torrents=[{"key": key, "name": "Sintel", "files": 2000, "state": "completed", "uploaded": True}]
    )
    assert refreshing.refresh(cast.account, fresh=True)
    torrent = Torrent.objects.get()
    Torrent.objects.update(added_by=cast.owner)
    guest = make_user("guest", User.Role.GUEST)
    Share.objects.create(account=cast.account, user=guest, level=Share.Level.VIEW)
    cast.people = {name: getattr(cast, name, None) for name in PEOPLE} | {"guest": guest}
    cast.torrent = torrent
    return cast


def test_every_address_is_in_the_table():
    assert {name for name, _ in patterns()} == set(TABLE)


@pytest.mark.parametrize(("name", "method", "person", "status", "form"), CASES)
def test_everybody_gets_what_the_table_says(household, sign_in, client, name, method, person, status, form):
    if household.people[person]:
        sign_in(household.people[person])
    path = reverse(name, kwargs=arguments(dict(patterns())[name], household.torrent))
    answer = getattr(client, method)(path, form)
    if status == "in":
        assert answer.status_code == 302 and answer.url.startswith("/sign-in/?next=")
    else:
        assert answer.status_code == int(status)


@pytest.mark.parametrize("person", ["outsider", "viewer", "guest", "member"])
def test_what_is_refused_changes_nothing(household, sign_in, sim, person):
    client = sign_in(household.people[person])
    before = (Torrent.objects.values().get(), sim.control.state()["accounts"])
    pk = household.torrent.pk
    for verb in ("control/pause", "remove", "retry", "clear", "restore"):
        assert client.post(f"/torrents/{pk}/{verb}/").status_code == 404
    for action in ("delete", "ask-delete", "pause"):
        client.post("/bulk/", {"action": action, "ids": [pk]})
    client.post("/everything/", {"operation": "delete", "account": household.account.pk, "confirm": "Family"})
    row, accounts = Torrent.objects.values().get(), sim.control.state()["accounts"]
    assert row == before[0] and accounts == before[1]


@pytest.mark.parametrize(
    ("person", "added"), [("outsider", 0), ("viewer", 0), ("guest", 0), ("member", 1), ("owner", 1)]
)
def test_only_who_may_add_adds_and_only_to_accounts_they_may_add_to(household, sign_in, person, added):
    sign_in(household.people[person]).post("/add/", {"text": MAGNET, "account": household.account.pk})
    assert Torrent.objects.filter(info_hash="a" * 40).count() == added


def test_a_guest_adds_nothing_even_with_a_share_that_allows_it(household, sign_in):
    Share.objects.filter(user=household.people["guest"]).update(level=Share.Level.ADD)
    sign_in(household.people["guest"]).post("/add/", {"text": MAGNET, "account": household.account.pk})
    assert Torrent.objects.count() == 1


def test_a_member_controls_what_they_added_and_a_manager_everything(household, sign_in):
    client = sign_in(household.member)
    pause = f"/torrents/{household.torrent.pk}/control/pause/"
    assert client.post(pause).status_code == 404
    Share.objects.filter(user=household.member).update(level=Share.Level.MANAGE)
    assert client.post(pause).status_code == 302
    Share.objects.filter(user=household.member).update(level=Share.Level.ADD)
    Torrent.objects.update(added_by=household.member)
    assert client.post(pause).status_code == 302


@pytest.mark.parametrize(
    "name",
    [name for name, pattern in patterns() if IntConverter in map(type, pattern.pattern.converters.values())],
)
def test_a_guessed_id_of_another_household_is_not_there(household, sign_in, name):
    """Not even for an owner of the instance; and the file of one torrent is not found under another."""
    stranger = make_account(make_user("stranger", User.Role.OWNER), make_key("stranger"), "Theirs")
    theirs, mine = make_torrent(stranger, "Theirs", file_count=1), household.torrent
    pattern = dict(patterns())[name]
    client = sign_in(household.owner)
    method = "get" if int(TABLE[name][0][1].split()[-1]) != 405 else "post"
    kwargs = arguments(pattern, theirs)
    assert getattr(client, method)(reverse(name, kwargs=kwargs)).status_code == 404
    if "file_pk" in kwargs:
        mixed = reverse(name, kwargs=arguments(pattern, mine) | {"file_pk": kwargs["file_pk"]})
        assert getattr(client, method)(mixed).status_code == 404


def test_nothing_of_another_household_is_on_any_page(household, sign_in):
    stranger = make_account(make_user("stranger"), make_key("stranger"), "Their label")
    make_torrent(stranger, "Their secret film")
    client = sign_in(household.owner)
    for name, pattern in patterns():
        if (
            TABLE[name][0][0] == "get"
            and TABLE[name][0][1].endswith("200")
            and name != "torrents:export_file"
        ):
            page = client.get(reverse(name, kwargs=arguments(pattern, household.torrent))).content.decode()
            # The owner of the instance sees on its Status page that an account is there, and nothing in it.
            allowed = "Their label" if name == "torrents:status" else ""
            assert "Their" not in (page.replace(allowed, "") if allowed else page)
    assert "Their" not in client.get("/?q=secret").content.decode()
