"""The style of templates: one element per line, short lines, and htmx attributes on the element itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from torbox_web.template_whitespace import without_line_breaks

FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
DJANGO_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}")
ELEMENT = re.compile(r"<[a-z][^<>]*>")
NEXT_ELEMENT = re.compile(r"(</[\w-]+>|<(?:br|hr|img|input|link|meta)\b[^<>]*>)<[a-z]")


def named(paths: list[Path]) -> list:
    return [pytest.param(path, id=str(path.relative_to(FOLDER))) for path in paths]


@pytest.mark.parametrize("path", named(TEMPLATES))
def test_no_line_of_a_template_is_longer_than_120_columns(path: Path):
    too_long = {
        number: len(line)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 120
    }
    assert not too_long


@pytest.mark.parametrize("path", named([path for path in TEMPLATES if path.suffix == ".html"]))
def test_sibling_elements_are_on_separate_lines(path: Path):
    text = DJANGO_TAG.sub("", path.read_text())
    assert not [line for line in text.splitlines() if NEXT_ELEMENT.search(line)]


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("<p>\n  One\n</p>\n", "<p>One</p>"),
        ("<b>one</b>\n<b>two</b>", "<b>one</b><b>two</b>"),
        ("<b>one</b> <b>two</b>", "<b>one</b> <b>two</b>"),
        ("two\n  words and {{ three }}\n  {{ four }}", "two words and {{ three }} {{ four }}"),
        ("{% if a %}\n  one\n{% else %}\n  two\n{% endif %}", "{% if a %}one{% else %}two{% endif %}"),
        ('one\n{{ " · " }}\n<b>two</b>', 'one {{ " · " }}<b>two</b>'),
        (
            '<a\n    href="x"\n    {% if a > b %}rel="y"{% endif %}\n>\n',
            '<a href="x" {% if a > b %}rel="y"{% endif %}>',
        ),
        ("<a title=\"{% include 'a > b' %}\">\n  x\n</a>", "<a title=\"{% include 'a > b' %}\">x</a>"),
        (
            "<textarea\n  a>\n one\n  {{ two }}</textarea>\n<i></i>",
            "<textarea a>\n one\n  {{ two }}</textarea><i></i>",
        ),
        ("<pre>\n a\n  <b>c</b>\n</pre>\n", "<pre>\n a\n  <b>c</b>\n</pre>"),
        ("{# a note #}\n<hr>\n", "{# a note #}<hr>"),
    ],
)
def test_line_breaks_are_dropped_beside_tags_and_are_spaces_between_words(source: str, meant: str):
    assert without_line_breaks(source) == meant


def test_pages_are_rendered_without_the_line_breaks_of_templates():
    toast = render_to_string("components/_toast.html", {"text": "Done.\nIndeed.", "level": "info"})
    assert toast.startswith(
        '<div class="toast" data-level="info"><span class="toast-text">Done.\nIndeed.</span>'
    )


@pytest.mark.parametrize("path", named([path for path in TEMPLATES if path.suffix == ".html"]))
def test_an_element_with_a_request_has_its_own_target(path: Path):
    """Inheritance is disabled (`disableInheritance` in _head.html), so a target on a parent has no effect."""
    text = DJANGO_TAG.sub(" ", path.read_text())
    assert "hx-disinherit" not in text
    assert "hx-inherit" not in text
    for element in ELEMENT.findall(text):
        requests = len(re.findall(r"\bhx-(?:get|post)=", element))
        swaps = re.findall(r'\bhx-swap="([^"]*)"', element)
        assert len(swaps) == requests, element
        assert len(re.findall(r"\bhx-target=", element)) == len([swap for swap in swaps if swap != "none"]), (
            element
        )


def test_htmx_inherits_nothing():
    assert '"disableInheritance":true' in (FOLDER / "components" / "_head.html").read_text().replace(" ", "")


def test_requests_with_the_add_form_include_its_files():
    """An element needs its own attribute for htmx to send files, and these buttons send requests themselves."""
    for name in ("_preview_row", "_preview_submit"):
        text = (FOLDER / "torrents" / f"{name}.html").read_text()
        assert text.count("hx-post=") == text.count('hx-encoding="multipart/form-data"') == 1
