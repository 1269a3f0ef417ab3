"""Every sentence is collected, what translators made of it is kept, and gettext reads it."""

from __future__ import annotations

import ast
import gettext
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command

from localization import catalogs, pseudo

ROOT = configured.BASE_DIR


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with sentences of all kinds."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        """
        {% load i18n %}
          {# Translators: a button #}
        {% translate "Open" context "verb" %}
      <p title="{% translate 'Close it' %}">
          {% blocktranslate trimmed count n=n with name=name %}
            <bdi>{{ name }}</bdi>
            has
            {{ n }} torrent.
          {% plural %}
            <bdi>{{ name }}</bdi> has {{ n }} torrents.
          {% endblocktranslate %}
        </p>
        """
    )
    (tmp_path / "templates" / "message.txt").write_text('{% load i18n %}{% translate "Passkey added." %}')
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "words.py").write_text(
        'A = _("Sign in")\n# Translators: how many\nB = ngettext("%(count)s session", "%(count)s sessions", 2)\n'
    )
    return tmp_path


def test_sentences_of_templates_and_python_are_collected_with_their_context_and_comments(tree: Path):
    found = {(message.context, message.id): message for message in catalogs.collect(tree) if message.id}
    assert set(found) == {
        ("verb", "Open"),
        (None, "Close it"),
        (None, ("<bdi>%(name)s</bdi>has %(n)s torrent.", "<bdi>%(name)s</bdi> has %(n)s torrents.")),
        (None, "Passkey added."),
        (None, "Sign in"),
        (None, ("%(count)s session", "%(count)s sessions")),
    }
    assert found["verb", "Open"].auto_comments == ["Translators: a button"]
    assert found[None, "Sign in"].locations[0][0] == "accounts/words.py"


def test_no_sentence_is_inside_an_f_string_where_it_cannot_be_collected():
    inside = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for package in catalogs.PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in catalogs.KEYWORDS
    ]
    assert not inside


def test_a_new_sentence_waits_and_a_translation_stays(tree: Path):
    path = tree / "locale" / "de" / "LC_MESSAGES" / "django.po"
    catalogs.update(path, catalogs.collect(tree))
    catalog = catalogs.read(path)
    assert len(catalogs.untranslated(catalog)) == 6
    path.write_text(
        path.read_text().replace('msgid "Sign in"\nmsgstr ""', 'msgid "Sign in"\nmsgstr "Anmelden"')
    )
    (tree / "accounts" / "more.py").write_text('_("Sign out")')
    catalogs.update(path, catalogs.collect(tree))
    assert len(catalogs.untranslated(catalogs.read(path))) == 6
    assert "Date" not in path.read_text()
    assert catalogs.compile_all(tree / "locale") == [path.with_suffix(".mo")]
    with path.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Sign in") == "Anmelden"
    assert catalogs.compile_all(tree / "locale") == []


def test_the_singular_of_a_sentence_with_a_plural_is_translated_on_its_own_too(tree: Path):
    po = """msgid ""
msgstr "Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);"

msgctxt "button"
msgid "Copy link"
msgid_plural "Copy links"
msgstr[0] "Kopiuj link"
msgstr[1] "Kopiuj linki"
msgstr[2] "Kopiuj linki"
"""
    path = tree / "locale" / "pl" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(po)
    catalogs.compile_all(tree / "locale")
    with path.with_suffix(".mo").open("rb") as file:
        translated = gettext.GNUTranslations(file)
    assert translated.pgettext("button", "Copy link") == "Kopiuj link"
    assert translated.npgettext("button", "Copy link", "Copy links", 5) == "Kopiuj linki"


def test_a_language_starts_with_its_own_number_of_plural_forms(tree: Path):
    for locale, forms in (("de", 2), ("pl", 3), ("zh_Hans", 1)):
        path = tree / "locale" / locale / "LC_MESSAGES" / "django.po"
        catalogs.update(path, catalogs.collect(tree))
        assert catalogs.read(path).num_plurals == forms


def test_pseudo_sentences_keep_placeholders_and_markup_and_are_longer():
    sentence = '<a href="%(url)s">Open</a> <bdi>%(name)s</bdi>'
    changed = pseudo.accented(sentence)
    assert changed.startswith('<a href="%(url)s">Öþéñ</a> <bdi>%(name)s</bdi>')
    assert len(pseudo.accented("Settings")) > 1.3 * len("Settings")
    assert "%(name)s" in pseudo.mirrored(sentence)


def test_pseudo_languages_are_compiled_from_the_sentences_there_are(tree: Path):
    with (pseudo.compile_all(tree, tree / "locale") / "en_XA" / "LC_MESSAGES" / "django.mo").open(
        "rb"
    ) as file:
        assert gettext.GNUTranslations(file).gettext("Sign in").startswith("Šîĝñ îñ")


def test_a_language_that_is_none_is_refused(settings, tree: Path):
    settings.BASE_DIR = tree
    with pytest.raises(CommandError, match="isn't a language code"):
        call_command("translations", "--add", "nonsense")
    assert not (tree / "locale").exists()
