"""The parts of a page that are rendered once per language: nothing of one reader reaches another."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

LIST = "torrents:list"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]*)"')


def page(client: Client, **headers: str) -> str:
    return client.get(reverse(LIST), headers=headers).content.decode()


@pytest.fixture
def browsers(cast) -> list[Client]:
    made = [Client(enforce_csrf_checks=True) for _ in range(2)]
    for client in made:
        client.force_login(cast.owner)
    return made


def test_every_form_of_a_page_holds_the_token_of_its_reader(browsers):
    for client in browsers:
        tokens = set(TOKEN.findall(page(client)))
        assert len(tokens) == 1
        (token,) = tokens
        answer = client.post(reverse("torrents:preview"), {"text": "", "csrfmiddlewaretoken": token})
        assert answer.status_code == 200
    token = TOKEN.findall(page(browsers[0]))[0]
    answer = browsers[1].post(reverse("torrents:preview"), {"text": "", "csrfmiddlewaretoken": token})
    assert answer.status_code == 403


def test_each_reader_gets_their_language(browsers):
    for language, words in (("de", "Aktivität"), ("en", "Activity"), ("fr", "Activité"), ("de", "Aktivität")):
        assert words in page(browsers[0], **{"Accept-Language": language})


def test_each_reader_gets_the_menu_of_their_role(cast, sign_in):
    status = reverse("care:status")
    assert f'href="{status}"' in page(sign_in(cast.owner))
    assert f'href="{status}"' not in page(sign_in(cast.viewer))
    User.objects.filter(pk=cast.viewer.pk).update(role=User.Role.GUEST)
    connect = reverse("accounts:connect")
    assert f'class="menu-item" href="{connect}"' not in page(sign_in(cast.viewer))
    assert f'class="menu-item" href="{connect}"' in page(sign_in(cast.member))
