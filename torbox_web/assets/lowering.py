"""Rewrite the collected style sheet for the oldest browsers that docs/browsers.md names.

The sources use nesting, light-dark(), and :has(). Without this step, Safari 16 and Chrome 109 show no colors.
"""

from __future__ import annotations

import re

from lightningcss import process_stylesheet

FLOOR = ("chrome 109", "firefox 115", "ios_saf 16", "safari 16")
"""Named as in browserslist. Android WebView has Chrome's version."""

HAS = re.compile(r":has\(((?:[^()]|\([^()]*\))*)\)")
NARROWER = re.compile(r"\(width < ([\d.]+)rem\)")


def lowered(css: str) -> str:
    """Return `css` minified, in syntax that every browser of FLOOR knows. Its imports must be in place."""
    plain = NARROWER.sub(_max_width, HAS.sub(_or_class, css))
    return str(process_stylesheet(plain, filename="css/app.css", browsers_list=list(FLOOR), minify=True))


def has_class(state: str) -> str:
    """Return the class that js/has-classes.js sets where `:has(state)` would match."""
    return "has-" + re.sub(r"\W+", "-", state, flags=re.ASCII).strip("-")


def _or_class(found: re.Match[str]) -> str:
    """Put :has() into a forgiving :is(), since Firefox before 121 would drop the whole rule."""
    return f":is({found[0]}, .{has_class(found[1])})"


def _max_width(found: re.Match[str]) -> str:
    """Write max-width, since Safari before 16.4 doesn't know the `not (min-width: …)` of Lightning CSS."""
    return f"(max-width: {float(found[1]) - 0.01:g}rem)"
