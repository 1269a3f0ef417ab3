"""No stranger can take over a new instance. People are created with a one-time link or a command."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import get_resolver

from accounts import services
from accounts.models import SetupLink, TorBoxAccount, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEWCOMER = {"username": "mara", "password1": PASSWORD, "password2": PASSWORD}


def run(command: str, *args: str) -> str:
    out = io.StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


def printed_link(settings) -> str:
    """The path of the link that `setuplink` prints."""
    (link,) = re.findall(rf"{re.escape(settings.SITE_URL)}(/setup/\S+)", run("setuplink"))
    return link


@pytest.fixture
def typed(monkeypatch):
    """Type text into a command, or pipe it."""

    def type_in(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text + "\n"))

    return type_in


@pytest.mark.parametrize("path", ["/sign-up/", "/signup/", "/accounts/signup/", "/setup/"])
def test_there_is_no_page_to_sign_up(client, path):
    assert client.get(path).status_code == client.post(path, NEWCOMER).status_code == 404
    assert not User.objects.exists()


def test_no_address_has_sign_up_in_its_name():
    names = {str(name) for name in get_resolver().reverse_dict}
    assert "account_login" in names
    assert not [name for name in names if "signup" in name or "reset_password" in name]


def test_a_new_instance_sends_everyone_to_sign_in_and_has_no_account(client):
    assert client.get("/").url == "/sign-in/?next=/"
    answer = client.post("/sign-in/", {"login": "admin", "password": "admin"})
    assert answer.status_code == 200 and "_auth_user_id" not in client.session


def test_a_guessed_token_is_not_there(client, settings):
    printed_link(settings)
    assert client.get("/setup/guessed/").status_code == 404
    assert client.post("/setup/guessed/", NEWCOMER).status_code == 404
    assert not User.objects.exists()


def test_the_link_makes_an_owner_signs_them_in_and_leads_to_connecting_a_key(client, settings):
    link = printed_link(settings)
    assert client.get(link).status_code == 200
    answer = client.post(link, NEWCOMER)
    assert (answer.status_code, answer.url) == (302, "/torbox/connect/")
    owner = User.objects.get()
    assert (owner.username, owner.role, owner.check_password(PASSWORD)) == ("mara", User.Role.OWNER, True)
    assert client.get(answer.url).status_code == 200


def test_the_link_works_once(client, settings):
    link = printed_link(settings)
    client.post(link, NEWCOMER)
    client.logout()
    assert client.get(link).status_code == 404
    assert client.post(link, NEWCOMER | {"username": "eve"}).status_code == 404
    assert User.objects.count() == 1


def test_of_two_people_with_the_same_link_one_becomes_the_owner(settings):
    token = printed_link(settings).split("/")[2]
    services.set_up(token=token, username="mara", password=PASSWORD)
    with pytest.raises(services.LinkUsed):
        services.set_up(token=token, username="eve", password=PASSWORD)
    assert [person.username for person in User.objects.all()] == ["mara"]


def test_a_newer_link_replaces_the_older(client, settings):
    older, newer = printed_link(settings), printed_link(settings)
    assert client.get(older).status_code == 404
    assert client.get(newer).status_code == 200


def test_a_link_printed_before_a_command_creates_a_person_stops_working(client, settings, typed):
    link = printed_link(settings)
    typed(PASSWORD)
    run("createowner", "mara")
    assert client.get(link).status_code == 404


def test_once_owned_no_link_is_printed(settings):
    make_user("mara", User.Role.OWNER)
    said = run("setuplink")
    assert said == f"Ready at {settings.SITE_URL}\n"
    assert not SetupLink.objects.exists()


def test_only_a_hash_of_the_token_is_kept(settings):
    token = printed_link(settings).split("/")[2]
    assert token not in repr(list(SetupLink.objects.values()))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "password1234", "password2": "password1234"}, "too common"),
        ({"password2": "another long password"}, "same password"),
        ({"username": ""}, "required"),
    ],
)
def test_a_mistake_on_the_set_up_page_is_a_sentence_and_the_link_goes_on_working(
    client, settings, wrong, sentence
):
    link = printed_link(settings)
    answer = client.post(link, NEWCOMER | wrong)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert f'value="{wrong.get("password1", PASSWORD)}"' not in answer.content.decode()
    assert not User.objects.exists()
    assert client.post(link, NEWCOMER).status_code == 302


@pytest.mark.parametrize(
    ("command", "role"),
    [(["createowner"], "owner"), (["createperson"], "member"), (["createperson", "--role=guest"], "guest")],
)
def test_a_command_creates_a_person_with_the_password_from_standard_input(client, typed, command, role):
    typed(PASSWORD)
    said = run(*command, "mara")
    person = User.objects.get()
    assert (person.role, person.check_password(PASSWORD)) == (role, True)
    assert "mara" in said and PASSWORD not in said
    assert client.post("/sign-in/", {"login": "mara", "password": PASSWORD}).url == "/"


@pytest.mark.parametrize("command", ["createowner", "createperson"])
@pytest.mark.parametrize(
    ("password", "sentence"), [("short", "too short"), ("password1234", "too common"), ("", "too short")]
)
def test_a_command_refuses_a_weak_password_with_a_sentence(typed, command, password, sentence):
    typed(password)
    with pytest.raises(CommandError, match=sentence):
        run(command, "mara")
    assert not User.objects.exists()


@pytest.mark.parametrize("command", ["createowner", "createperson"])
def test_a_command_refuses_a_name_that_is_taken(typed, command):
    make_user("mara")
    typed(PASSWORD)
    with pytest.raises(CommandError, match="already taken"):
        run(command, "mara")
    assert User.objects.count() == 1


def test_a_name_that_is_taken_in_other_letters_is_taken(typed):
    make_user("mara")
    typed(PASSWORD)
    with pytest.raises(CommandError, match="already taken"):
        run("createperson", "Mara")


@pytest.mark.parametrize(
    "arguments",
    [
        ("createowner", "mara", PASSWORD),
        ("createowner", "mara", f"--password={PASSWORD}"),
        ("createperson", "mara", PASSWORD),
    ],
)
def test_no_command_takes_a_password_as_an_argument(typed, arguments):
    typed(PASSWORD)
    with pytest.raises(CommandError, match="unrecognized arguments"):
        run(*arguments)
    assert not User.objects.exists()


def test_createperson_does_not_make_owners(typed):
    typed(PASSWORD)
    with pytest.raises(CommandError, match="invalid choice"):
        run("createperson", "mara", "--role=owner")


def test_connect_reads_the_key_from_standard_input(key, typed):
    mara = make_user("mara")
    typed(key)
    said = run("connect", "mara", "--label=Ours")
    account = TorBoxAccount.objects.get()
    assert (account.owner, account.label, account.last_four) == (mara, "Ours", key[-4:])
    assert key not in said and key[-4:] in said


def test_connect_takes_no_key_as_an_argument(key, typed):
    make_user("mara")
    typed(key)
    with pytest.raises(CommandError, match="unrecognized arguments"):
        run("connect", "mara", key)


@pytest.mark.parametrize(
    ("name", "text"),
    [("nobody", "No person is named nobody"), ("mara", "TorBox doesn’t recognize this API key")],
)
def test_connect_says_why_it_cannot(sim, typed, name, text):
    make_user("mara")
    typed("00000000-0000-4000-8000-000000000000")
    with pytest.raises(CommandError, match=text):
        run("connect", name)
    assert not TorBoxAccount.objects.exists()
