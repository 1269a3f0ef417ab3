"""The style sheets speak of start and end instead of left and right, so that a right-to-left page is mirrored."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from torbox_web.assets.icons import DIRECTIONAL, icon

STATIC = Path(settings.BASE_DIR) / "static"
SHEETS = sorted((STATIC / "css").rglob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"(?<![\w-])(--)?([a-z][a-z-]*)\s*:\s*([^;{}]+)(?=[;}])")
PHYSICAL_PROPERTY = re.compile(
    r"(?:(?:scroll-)?(?:margin|padding)|border)-(?:left|right)(?:-\w+)?|left|right"
    r"|border-(?:top|bottom)-(?:left|right)-radius|direction"
)
SIDES = re.compile(r"(?<![\w-])(?:left|right)(?![\w-])")
FOUR_SIDES = (
    "margin",
    "padding",
    "inset",
    "border-width",
    "border-color",
    "border-style",
    "scroll-margin",
    "scroll-padding",
)
MOVES_SIDEWAYS = re.compile(r"translate(?:X|3d)?\(|skewX\(")
SIDE_TOKENS = ("side-start", "side-end")


def physical(css: str) -> list[str]:
    """Return the declarations that stay the same in a right-to-left page although their meaning doesn't."""
    return [
        f"{'--' if custom else ''}{name}: {value.strip()}"
        for custom, name, value in DECLARATION.findall(COMMENT.sub("", css))
        if not (custom and name in SIDE_TOKENS) and _is_physical(name, value)
    ]


def _is_physical(name: str, value: str) -> bool:
    return bool(
        PHYSICAL_PROPERTY.fullmatch(name)
        or SIDES.search(value)
        or MOVES_SIDEWAYS.search(value)
        or (name == "translate" and _parts(value)[0] not in ("0", "none") and "--forward" not in value)
        or (name in FOUR_SIDES and len(parts := _parts(value)) == 4 and parts[1] != parts[3])
        or (name == "border-radius" and len(set(_parts(value))) > 1)
        or (name in ("rotate", "scale") and re.search(r"(?<![\w.])90deg", value) and "--forward" not in value)
    )


def _parts(value: str) -> list[str]:
    """Split at the spaces outside of parentheses."""
    return re.findall(r"(?:[^\s(]|\((?:[^()]|\([^()]*\))*\))+", value)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_style_sheet_names_a_physical_side(sheet):
    assert physical(sheet.read_text()) == []


@pytest.mark.parametrize(
    "declaration",
    [
        "margin-left: 1rem", "padding-right: 0", "border-left: 0", "border-right-color: red", "left: 0", "right: auto",
        "border-top-left-radius: 0", "text-align: left", "float: right", "clear: left", "direction: rtl",
        "background-position: right 1rem center", "background: linear-gradient(to right, red, blue)",
        "transform: translateX(50%)", "transform: translate(50%, 0)", "translate: 1rem 0", "rotate: 90deg",
        "margin: 0 1px 0 2px", "padding: 0 calc(1rem + 2px) 0 0", "inset: 0 auto auto 0", "border-radius: 1px 0 0 1px",
        "scroll-margin-left: 1px", "transform-origin: left", "object-position: left top", "resize: left",
    ],
)  # fmt: skip
def test_a_physical_side_would_be_found(declaration):
    assert physical(f"a {{ color: red; {declaration}; b {{ {declaration} }} }}") == [declaration] * 2


@pytest.mark.parametrize(
    "declaration",
    [
        "margin-inline: 0 1rem", "text-align: start", "inset: 0", "padding: 0 1rem 2rem 1rem", "translate: 0 2px",
        "transform: translateY(-200%)", "rotate: 180deg", "rotate: calc(90deg * var(--forward))", "rotate: 360deg",
        "background-position: var(--side-end) 1rem center", "scroll-padding-block: 1px 2px", "grid-area: 1 / 2 / 3 / 4",
        "border-start-start-radius: 0", "margin: auto", "--side-end: left",
    ],
)  # fmt: skip
def test_a_logical_side_is_fine(declaration):
    assert physical(f"a {{ {declaration}; }}") == []


def test_icons_that_point_are_mirrored_and_the_others_are_not():
    names = set(re.findall(r'id="([\w-]+)"', (STATIC / "img" / "icons.svg").read_text()))
    assert names >= DIRECTIONAL
    pointing = {name for name in names if re.search(r"(?:left|right)\b", name)}
    assert pointing <= DIRECTIONAL
    for name in sorted(names):
        assert ("directional" in icon(name)) == (name in DIRECTIONAL), name


ALPHABETS = {
    "de": "äöüßÄÖÜẞ„“‚‘–…", "fr": "àâæçéèêëîïôœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ«»’", "es": "áéíñóúü¿¡ÁÉÍÑÓÚÜ",
    "pt": "ãáâàçéêíõóôúÃÁÂÀÇÉÊÍÕÓÔÚ", "it": "àèéìíîòóùúÀÈÉÌÒÙ", "nl": "éëïóöüĳĲ", "pl": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ„”",
}  # fmt: skip


def test_the_languages_we_speak_need_no_more_than_the_two_small_fonts():
    """`ẞ` is rare enough to cost the large one."""
    faces = re.findall(r"@font-face \{(.*?)\}", (STATIC / "css" / "base.css").read_text(), re.DOTALL)
    small = [face for face in faces if re.search(r"fonts/inter-latin-(?!ext-wght)", face)]
    english, both = covered(small[0]), set().union(*map(covered, small))
    assert {chr(code) for code in range(0x20, 0x7F)} <= english and set("’“”…·–—×") <= english
    assert {name: set(letters) - both - {"ẞ"} for name, letters in ALPHABETS.items()} == dict.fromkeys(
        ALPHABETS, set()
    )


def covered(face: str) -> set[str]:
    found: set[str] = set()
    for first, last in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", face):
        found |= set(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return found
