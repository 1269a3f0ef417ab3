"""Refuse words that plain English doesn't need, in templates, documents, and the sentences of Python code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_settings_documented import DOCUMENTS, ROOT

REFUSED = re.compile(
    r"\b(?:somebody|nobody|whoever|anew|stands\s+here|of\s+theirs|of\s+one(?:['’]|&#x27;|&#39;|&rsquo;)s)\b",
    re.IGNORECASE,
)
TRANSLATION = "django.utils.translation"
FUNCTIONS = {"gettext_noop"} | {
    f"{name}{suffix}" for name in ("gettext", "ngettext", "pgettext", "npgettext") for suffix in ("", "_lazy")
}
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
CODE = sorted(
    path for package in ROOT.glob("*/__init__.py") for path in package.parent.rglob("*.py")
) + sorted(ROOT.glob("*.py"))


def refused(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the words of each match, also when a line break is between the words."""
    for found in REFUSED.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, " ".join(found[0].split())


def refused_in_code(source: str) -> Iterator[tuple[int, str]]:
    """Yield the same for the sentences of Python code, counting lines from the start of each sentence."""
    for start, sentence in sentences(ast.parse(source)):
        for line, words in refused(sentence):
            yield start + line - 1, words


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and text of every string that is passed to a function of gettext, by any name it has here."""
    names = {"_", *FUNCTIONS, *aliases(tree)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and called(call.func) in names:
            for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
                for part in ast.walk(argument):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.lineno, part.value


def aliases(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == TRANSLATION:
            yield from (name.asname for name in node.names if name.asname and name.name in FUNCTIONS)


def called(function: ast.expr) -> str:
    """Return the last part of a function's name: `gettext` for `translation.gettext`."""
    return ast.unparse(function).rpartition(".")[2]


def places(paths: list[Path], finder=refused) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: {words!r}"
        for path in paths
        for line, words in finder(path.read_text())
    ]


def test_templates_are_in_plain_english():
    found = places(TEMPLATES)
    assert TEMPLATES and not found, "\n".join(found)


def test_documents_are_in_plain_english():
    found = places(DOCUMENTS)
    assert DOCUMENTS and not found, "\n".join(found)


def test_sentences_in_code_are_in_plain_english():
    found = places(CODE, refused_in_code)
    assert CODE and not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "Somebody added it.",
        "With nobody yet.",
        "Whoever has it",
        "sent\nanew",
        "What they have then stands\n  here.",
        "a share of theirs",
        "a name of one's own",
        "a name of one’s own",
        "a name of one&rsquo;s own",
    ],
)
def test_a_refused_word_is_found_in_text(text):
    assert [words for _, words in refused(text)]


@pytest.mark.parametrize(
    "source",
    [
        '_("Shared with nobody.")',
        'gettext("Shared with " "nobody.")',
        'translation.ngettext("%(count)s person", "Nobody of %(count)s", count)',
        'pgettext("share", "With nobody yet.")',
        'from django.utils.translation import gettext_lazy as _lazy\nlabel = _lazy("Nobody")',
        'label = _("Nobody %(name)s") % {"name": name}',
    ],
)
def test_a_refused_word_is_found_in_code(source):
    assert [words.lower() for _, words in refused_in_code(source)] == ["nobody"]


def test_other_words_and_strings_are_allowed():
    assert not list(refused("Anyone, someone, no one; a new one stands on its own. one's"))
    assert not list(refused_in_code('logger.info("nobody asked"); say("somebody")'))


def test_the_line_of_a_refused_word_is_named():
    assert list(refused("one\ntwo stands\nhere")) == [(2, "stands here")]
    assert list(refused_in_code('x = 1\ny = _(\n    """One.\n    Two, anew."""\n)')) == [(4, "anew")]
