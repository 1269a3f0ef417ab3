"""The REST API: its routes, and the document that describes it (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from ..scopes import Scope
from .auth import TokenAuth
from .body import StrictParser
from .problems import MEDIA_TYPE, handle_all
from .routes import (
    accounts,
    activity,
    adding,
    changes,
    files,
    links,
    lookups,
    operations,
    save_to_disk,
    saving,
    status,
    tags,
    torrents,
)

NAMESPACE = "api:v1"
REFERENCE = "#/components/schemas/"
DESCRIPTION = """\
Everything that the web app does with torrents, for your programs.
They act for you, with a token that you create under Settings, API, and see what you see.

Times are in UTC. Sizes are in bytes, progress is from 0 to 1. Codes stay as they are, sentences are translated.
New fields and new codes may be added at any time, so ignore those that you don't know.
"""
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token from Settings, API."},
    "basic": {"type": "http", "scheme": "basic", "description": "Your name, and a token as the password."},
}


class Api(NinjaAPI):
    """Django-ninja's API with a document that has our media types and scopes."""

    def get_openapi_schema(self, **more: Any) -> OpenAPISchema:
        """Return the document. `security` of each operation names the scope that it needs."""
        document = super().get_openapi_schema(**more)
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                for operation in view.operations:
                    scope = next(
                        (one.scope for one in operation.auth_callbacks if isinstance(one, TokenAuth)), None
                    )
                    _describe(document, str(operation.operation_id), scope)
        schemas = document["components"]["schemas"]
        needed = _named(document["paths"], schemas)
        named = {name: schema for name, schema in schemas.items() if name in needed}
        document["components"] = {"schemas": named, "securitySchemes": SECURITY}
        _shorten(document)
        return document


def _shorten(document: OpenAPISchema) -> None:
    """Give schemas their public names: `TorrentOut`, which isn't the model `Torrent`, is *Torrent* for programs."""
    schemas = document["components"]["schemas"]
    names = {name: name.removesuffix("Out") for name in schemas if name.removesuffix("Out") not in schemas}
    document["components"]["schemas"] = {names.get(name, name): schema for name, schema in schemas.items()}
    for one in _dicts_in([document["paths"], document["components"]]):
        name = str(one.get("$ref", "")).removeprefix(REFERENCE)
        if name in names:
            one["$ref"] = REFERENCE + names[name]
        if isinstance(one.get("title"), str):
            one["title"] = names.get(one["title"], one["title"])


def _dicts_in(part: object) -> Iterator[dict[str, Any]]:
    """Yield every object of a part of the document."""
    if isinstance(part, list):
        for one in part:
            yield from _dicts_in(one)
    elif isinstance(part, dict):
        yield part
        for one in part.values():
            yield from _dicts_in(one)


def _named(part: object, schemas: dict[str, Any]) -> set[str]:
    """Return the names of the schemas that a part of the document refers to, and those that they refer to."""
    found: set[str] = set()
    rest = [part]
    while rest:
        for one in _dicts_in(rest.pop()):
            name = str(one.get("$ref", "")).removeprefix(REFERENCE)
            if name in schemas and name not in found:
                found.add(name)
                rest.append(schemas[name])
    return found


def _describe(document: OpenAPISchema, operation_id: str, scope: Scope | None) -> None:
    for path in document["paths"].values():
        for details in path.values():
            if details["operationId"] == operation_id:
                scopes = [scope.value] if scope else []
                details["security"] = [{"token": scopes}, {"basic": scopes}]
                for status, answer in details["responses"].items():
                    if status >= 400 and "content" in answer:
                        answer["content"] = {MEDIA_TYPE: answer["content"].pop("application/json")}


api = Api(
    title="TorBox Web",
    version=status.VERSION,
    description=DESCRIPTION,
    urls_namespace=NAMESPACE,
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
)
handle_all(api)
MODULES = (
    torrents,
    adding,
    operations,
    files,
    links,
    lookups,
    changes,
    tags,
    activity,
    accounts,
    saving,
    save_to_disk,
    status,
)
for router in dict.fromkeys(
    module.router for module in MODULES
):  # some have one together, for the same addresses
    api.add_router("", router)
