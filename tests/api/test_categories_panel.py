"""The panel *Categories* of Settings › API: names that programs use, and the folders that they save to."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.utils.html import strip_tags

from accounts.models import User
from api.models import Category
from api.scopes import Scope
from api.services import categories
from saving.models import FolderPerson, Rule
from tests.api.factories import make_token
from tests.factories import make_user, sign_in
from tests.saving.factories import make_folder

pytestmark = pytest.mark.django_db
PLACE, ADD = "/me/api/", "/me/api/categories/"
HTMX = {"HX-Request": "true"}
PANEL = re.compile(r'<section class="panel categories".*?</section>', re.S)


@pytest.fixture
def member(cast) -> Client:
    make_token(cast.member, Scope.QBITTORRENT)
    return sign_in(Client(), cast.member)


def words(markup: str) -> str:
    return html.unescape(" ".join(strip_tags(markup.replace("<", " <")).split()))


def panel(client: Client) -> str:
    found = PANEL.search(client.get(PLACE).content.decode())
    return found[0] if found else ""


def folder_of(name: str) -> str:
    category = Category.objects.get(name=name)
    return category.rule.folder.name if category.rule else ""


def address(name: str) -> str:
    return f"{ADD}{Category.objects.get(name=name).pk}/"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_category_is_made_with_the_folder_that_is_chosen(member, save_dir, headers):
    films, _music = make_folder("Films"), make_folder("Music")
    answer = member.post(ADD, {"name": " radarr ", "folder": films.pk}, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    assert folder_of("radarr") == "Films"
    assert f'<option value="{films.pk}" selected>Films</option>' in panel(member)


def test_without_a_folder_nothing_is_saved_even_if_one_has_its_name(member, save_dir):
    make_folder("Films")
    member.post(ADD, {"name": "films", "folder": ""})
    assert folder_of("films") == ""
    assert re.search(r'<option value="" selected>\s*Not saved', panel(member))


def test_the_folder_is_changed_and_taken_away(member, save_dir):
    films, music = make_folder("Films"), make_folder("Music")
    member.post(ADD, {"name": "a", "folder": films.pk})
    answer = member.post(address("a"), {"folder": music.pk}, headers=HTMX)
    assert answer.status_code == 200 and "Saved." in answer["HX-Trigger"]
    assert folder_of("a") == "Music"
    assert member.post(address("a"), {"folder": ""}).url == PLACE
    assert folder_of("a") == "" and not Rule.objects.exists()


def test_it_is_removed_with_its_rule(member, save_dir):
    member.post(ADD, {"name": "a", "folder": make_folder().pk})
    answer = member.post(f"{address('a')}remove/", headers=HTMX)
    assert "Its torrents keep the tag." in answer["HX-Trigger"]
    assert not Category.objects.exists() and not Rule.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Enter a name for the category."),
        ("a, b", "A category’s name has at most 100 characters"),
        ("a" * 101, "100 characters"),
        ("known", "You already have a category with this name."),
    ],
)
def test_a_name_that_cannot_be_is_explained(member, cast, name, said, headers):
    categories.create(person=cast.member, name="known")
    answer = member.post(ADD, {"name": name}, headers=headers)
    assert answer.status_code == 422 and said in words(answer.content.decode())
    assert Category.objects.count() == 1
    assert ("<main" in answer.content.decode()) == (not headers)


def test_only_folders_that_the_person_may_use_are_offered_and_taken(member, cast, save_dir):
    secret = make_folder("Secret", for_everyone=False)
    member.post(ADD, {"name": "a", "folder": make_folder("Films").pk})
    assert "Secret" not in panel(member)
    assert member.post(ADD, {"name": "b", "folder": secret.pk}).status_code == 422
    for sent in (secret.pk, "x", "0", "9" * 30):
        assert member.post(address("a"), {"folder": sent}).status_code == 404
    assert folder_of("a") == "Films" and Category.objects.count() == 1


def test_a_folder_that_the_person_may_no_longer_use_is_named(member, cast, save_dir):
    films, _ = make_folder("Films", for_everyone=False), make_folder("Music")
    FolderPerson.objects.create(folder=films, user=cast.member)
    member.post(ADD, {"name": "a", "folder": films.pk})
    FolderPerson.objects.all().delete()
    said = words(panel(member)).replace("\u2068", "").replace("\u2069", "")
    assert "You can’t save to Films anymore." in said


def test_a_rule_of_the_household_says_where_a_category_is_saved(member, cast, save_dir):
    films = make_folder("Films")
    Rule.objects.create(kind="tag", tag="a", folder=films, made_by=cast.owner)
    member.post(ADD, {"name": "a", "folder": ""})
    said = words(panel(member)).replace("\u2068", "").replace("\u2069", "")
    assert "Films, by a household rule" in said


def test_without_saving_to_disk_there_are_only_names(member):
    assert member.post(ADD, {"name": "a", "folder": "1"}).status_code == 302
    assert "select" not in panel(member) and "saved" not in panel(member)


def test_a_category_of_another_person_is_not_found(member, cast):
    categories.create(person=cast.owner, name="theirs")
    for path in (address("theirs"), f"{address('theirs')}remove/"):
        assert member.post(path, {"folder": ""}).status_code == 404
    assert Category.objects.exists() and "theirs" not in panel(member)


def test_names_are_text(member, cast):
    categories.create(person=cast.member, name="<b>bold</b>")
    assert "<b>bold" not in panel(member) and "<b>bold</b>" in words(panel(member))


def test_the_panel_is_there_once_it_is_of_use(cast, settings):
    person = make_user("mara")
    browser = sign_in(Client(), person)
    make_token(person, Scope.READ)
    assert not panel(browser)
    token = make_token(person, Scope.QBITTORRENT)
    assert "Add category" in panel(browser)
    token.row.delete()
    categories.create(person=person, name="a")
    assert panel(browser)
    settings.API_PROTOCOLS = ["rest"]
    assert not panel(browser)
    assert browser.post(ADD, {"name": "b"}).status_code == 404


def test_guests_have_none(cast):
    guest = make_user("gus", User.Role.GUEST)
    make_token(guest, Scope.QBITTORRENT)
    browser = sign_in(Client(), guest)
    assert not panel(browser)
    assert browser.post(ADD, {"name": "a"}).status_code == 404
