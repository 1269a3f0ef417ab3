"""Remove line breaks from templates that only help their readers, so that each element can have its own line.

The rule is that of JSX. A line break with its indentation is removed beside a tag, whether HTML's or Django's, and is a
space between words. In an HTML tag it is a space. `<textarea>`, `<pre>`, `<script>`, and `<style>` keep theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.template import Origin
from django.template.loaders import filesystem

LINE_BREAK = re.compile(r"[ \t]*\n\s*")
DJANGO_TAG = r"\{%.*?%\}|\{#.*?#\}"
HTML_TAG = r"""</?[a-zA-Z!](?:\{%.*?%\}|\{\{.*?\}\}|"[^"]*"|'[^']*'|[^>"'])*>"""
TAG = re.compile(rf"{DJANGO_TAG}|{HTML_TAG}", re.DOTALL)
VERBATIM = re.compile(r"<(textarea|pre|script|style)\b")


class Loader(filesystem.Loader):
    """Load HTML templates from the template folders without the line breaks that only help their readers."""

    def get_contents(self, origin: Origin) -> str:
        source = str(super().get_contents(origin))
        return without_line_breaks(source) if str(origin.name).endswith(".html") else source


def without_line_breaks(source: str) -> str:
    """Return a template that renders the same elements and words on as few lines as possible."""
    return "".join(_pieces(source))


def _pieces(source: str) -> Iterator[str]:
    at = 0
    while tag := TAG.search(source, at):
        yield _words(source[at : tag.start()])
        yield tag[0] if tag[0].startswith("{") else _html_tag(tag[0])
        at = tag.end()
        if element := VERBATIM.match(tag[0]):
            end = source.index(f"</{element[1]}", at)
            yield source[at:end]
            at = end
    yield _words(source[at:])


def _words(between_tags: str) -> str:
    lines = LINE_BREAK.split(between_tags)
    return " ".join(line for line in lines if line)


def _html_tag(tag: str) -> str:
    return re.sub(r" (/?>)$", r"\1", LINE_BREAK.sub(" ", tag))
