"""What the documentation page shows, made from the OpenAPI document. It is in English, like the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from accounts.torbox_error_text import explain

from .api import REFERENCE
from .document import document
from .problems import OF_TORBOX, STATUSES, WORDS

Json = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
SHORT = {
    "string": "text",
    "integer": "whole number",
    "boolean": "yes or no",
    "null": "null",
    "object": "object",
}


@dataclass(frozen=True)
class Type:
    """The type of a value in words. `schema`: the name of the schema that it is one or a list of, or ""."""

    words: str
    schema: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A value of a request or of a schema."""

    name: str
    type: Type
    required: bool
    description: str


@dataclass(frozen=True)
class Answer:
    """An answer that is no problem."""

    status: int
    phrase: str
    schema: str


@dataclass(frozen=True)
class Operation:
    """An operation, with all that a program sends and gets. `scope` is "" if any token will do.

    `problems` are the statuses of problems.
    """

    id: str
    method: str
    path: str
    summary: str
    paragraphs: list[str]
    scope: str
    fields: list[Field]
    body: str
    answers: list[Answer]
    problems: list[int]


@dataclass(frozen=True)
class Section:
    """The operations about one kind of thing."""

    name: str
    operations: list[Operation]


@dataclass(frozen=True)
class Schema:
    """An object that programs send or get."""

    name: str
    description: str
    fields: list[Field]


@dataclass(frozen=True)
class Reference:
    """The whole page."""

    paragraphs: list[str]
    sections: list[Section]
    schemas: list[Schema]


@dataclass(frozen=True)
class ProblemCode:
    """A code of problems, with its sentence in the language of the page."""

    code: str
    status: int
    sentence: str


def problem_codes() -> list[ProblemCode]:
    """Return the codes of problems, by status."""
    sentences = {code: str(words) % Elided() for code, words in WORDS.items()}
    sentences |= {code: explain(kind())[1] for kind, code in OF_TORBOX}
    codes = sorted(sentences, key=lambda code: (STATUSES[code], code.value))
    return [ProblemCode(code.value, STATUSES[code], sentences[code]) for code in codes]


class Elided(dict[str, str]):
    """Parameters that aren't known."""

    def __missing__(self, name: str) -> str:
        return "…"


@cache
def reference() -> Reference:
    """Return what the page shows. It is the same for everyone."""
    found = document()
    info, paths, schemas = found["info"], found["paths"], found["components"]["schemas"]
    sections: dict[str, list[Operation]] = {}
    for path, methods in paths.items():
        for method in METHODS:
            if method in methods:
                details = methods[method]
                sections.setdefault(details["tags"][0], []).append(_operation(path, method, details))
    return Reference(
        paragraphs=_paragraphs(info["description"]),
        sections=[Section(name, operations) for name, operations in sections.items()],
        schemas=[_schema(name, schema) for name, schema in sorted(schemas.items()) if "properties" in schema],
    )


def _operation(path: str, method: str, details: Json) -> Operation:
    content = details.get("requestBody", {}).get("content", {})
    body = next(iter(content.values()))["schema"] if content else {}
    return Operation(
        id=details["operationId"],
        method=method.upper(),
        path=path,
        summary=details["summary"],
        paragraphs=_paragraphs(details.get("description", "")),
        scope=next(iter(details["security"][0]["token"]), ""),
        fields=[_parameter(one) for one in details.get("parameters", [])],
        body=_type(body).schema,
        answers=[_answer(status, answer) for status, answer in details["responses"].items() if status < 400],
        problems=[status for status in details["responses"] if status >= 400],
    )


def _parameter(parameter: Json) -> Field:
    schema = parameter["schema"]
    return Field(
        name=parameter["name"],
        type=_type(schema),
        required=parameter["required"],
        description=_described(schema),
    )


def _answer(status: int, answer: Json) -> Answer:
    content = answer.get("content", {})
    schema = next(iter(content.values()))["schema"] if content else {}
    return Answer(status, HTTPStatus(status).phrase, _type(schema).schema)


def _schema(name: str, schema: Json) -> Schema:
    required = schema.get("required", [])
    fields = [
        Field(one, _type(details), one in required, _described(details))
        for one, details in schema["properties"].items()
    ]
    return Schema(name, schema.get("description", ""), fields)


def _described(schema: Json) -> str:
    """Return the description of a value, with its bounds and its default."""
    parts = [schema.get("description", "")]
    if "minimum" in schema and "maximum" in schema and " to " not in parts[0]:
        parts.append(f"From {schema['minimum']} to {schema['maximum']}.")
    if "maxItems" in schema:
        parts.append(f"At most {schema['maxItems']}.")
    if schema.get("default") not in (None, "", [], {}):
        parts.append(f"Default: `{_plain(schema['default'])}`.")
    return " ".join(part for part in parts if part)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(schema: Json) -> Type:
    """Return the type of a value, with the schema that it refers to."""
    if reference := schema.get("$ref"):
        return _referred(reference)
    if kinds := schema.get("anyOf") or schema.get("allOf"):
        found = [_type(kind) for kind in kinds]
        named = next((one for one in found if one.schema), Type(""))
        values = tuple(value for one in found for value in one.values)
        others = [one.words for one in found if not one.values]
        if values:
            return Type(" or ".join([*others, "one of"]), values=values)
        return Type(" or ".join(others), named.schema)
    if "enum" in schema:
        return Type("one of", values=tuple(map(str, schema["enum"])))
    if "const" in schema:
        return Type("always", values=(str(schema["const"]),))
    if schema.get("type") == "array":
        item = _type(schema.get("items", {}))
        return Type(f"list of {item.words}", item.schema, item.values)
    return Type(_simple(schema))


def _simple(schema: Json) -> str:
    formats = {"date-time": "time in UTC", "date": "day"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    kind = schema.get("type", "")
    return SHORT.get(kind, kind or "anything")


def _referred(reference: str) -> Type:
    name = reference.removeprefix(REFERENCE)
    target = document()["components"]["schemas"].get(name, {})
    if "enum" in target:
        return Type("one of", values=tuple(map(str, target["enum"])))
    return Type(name, schema=name)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
