"""What is wrong with the values of a request: pydantic's findings as our codes and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .schemas.problems import FieldProblem

Source = Literal["path", "query", "header", "body"]
WORDS: dict[str, str | Promise] = {
    "missing": _("Add this value."),
    "unknown": _("This value doesn’t exist."),
    "not_one_of": _("This isn’t one of the possible values."),
    "wrong_type": _("This is the wrong kind of value."),
    "too_long": _("This is too long. The most is %(max)s."),
    "too_short": _("This is too short. The least is %(min)s."),
    "too_large": _("This is too large. The most is %(max)s."),
    "too_small": _("This is too small. The least is %(min)s."),
    "invalid": _("This value can’t be used."),
}
CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "enum": "not_one_of",
    "literal_error": "not_one_of",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "less_than": "too_large",
    "less_than_equal": "too_large",
    "int_parsing_size": "too_large",
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
}
BOUNDS = {"max": ("max_length", "le", "lt"), "min": ("min_length", "ge", "gt")}
MAX_ERRORS = 50


def field_problems(found: Iterable[Mapping[str, Any]]) -> list[FieldProblem]:
    """Return what is wrong with each value, from ninja's `ValidationError`."""
    return [_field_problem(one) for one in list(found)[:MAX_ERRORS]]


def field_problem(source: Source, field: str, code: str, **params: Any) -> FieldProblem:
    """Return what is wrong with a value, as one of the codes in WORDS."""
    detail = str(WORDS[code]) % ({"max": "", "min": ""} | params)
    return FieldProblem(source=source, field=field, code=code, params=params, detail=detail)


def _field_problem(found: Mapping[str, Any]) -> FieldProblem:
    source, *place = found["loc"]
    if source == "body":  # followed by the name of the view's parameter
        place = place[1:]
    code = CODES.get(found["type"]) or ("wrong_type" if _is_of_type(found["type"]) else "invalid")
    params = _params(code, found.get("ctx") or {})
    source = source if source in ("path", "query", "header") else "body"
    return field_problem(cast(Source, source), ".".join(map(str, place))[:200], code, **params)


def _is_of_type(kind: str) -> bool:
    return kind.endswith(("_type", "_parsing", "_from_float"))


def _params(code: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the bound that a value exceeds."""
    return {
        name: context[known]
        for name, names in BOUNDS.items()
        for known in names
        if code.startswith("too_") and known in context
    }
