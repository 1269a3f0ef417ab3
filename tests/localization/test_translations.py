"""Every language has every sentence, whole: nothing missing, nothing doubtful, nothing lost on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from django.conf import settings

from localization import catalogs

FILES = sorted((settings.BASE_DIR / "locale").glob("*/LC_MESSAGES/django.po"))
HELD = re.compile(r"%\(\w+\)[sd]|%[sd]\b|%%|\{\w*\}|</?\w+[^>]*>|&\w+;")
SENTENCES = catalogs.collect(settings.BASE_DIR)


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.parents[1].name)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return catalogs.read(request.param)


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def test_the_sentences_are_those_of_the_interface(catalog: Catalog):
    expected = {(message.context, message.id) for message in messages(SENTENCES)}
    found = {(message.context, message.id) for message in messages(catalog)}
    assert found == expected, "Run `python manage.py translations`."


def test_nothing_is_missing_or_doubtful(catalog: Catalog):
    assert not catalogs.untranslated(catalog)


def test_every_number_has_its_form(catalog: Catalog):
    wrong = [
        message.id
        for message in messages(catalog)
        if isinstance(message.id, tuple) and len(message.string) != catalog.num_plurals
    ]
    assert not wrong


def test_placeholders_and_markup_stay(catalog: Catalog):
    """The form for one may leave out the number."""
    wrong = []
    for message in messages(catalog):
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        source = message.id if isinstance(message.id, str) else message.id[-1]
        held = sorted(HELD.findall(source))
        for number, form in enumerate(forms):
            one = isinstance(message.id, tuple) and number == 0 and set(HELD.findall(form)) <= set(held)
            if sorted(HELD.findall(form)) != held and not one:
                wrong.append((message.id, form))
    assert not wrong


def test_no_space_is_lost_or_added_at_an_end(catalog: Catalog):
    wrong = []
    for message in messages(catalog):
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        ends = {(text[:1].isspace(), text[-1:].isspace()) for text in (*sources, *forms)}
        if len(ends) > 1:
            wrong.append(message.id)
    assert not wrong


def test_every_language_that_was_started_is_offered():
    names = {Path(path).parents[1].name.replace("_", "-").lower() for path in FILES}
    assert names | {"en"} == set(dict(settings.LANGUAGES))
