"""The REST API: its routes, and the document that describes it (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from ..scopes import Scope
from .auth import TokenAuth
from .body import StrictParser
from .problems import MEDIA_TYPE, handle_all
from .routes import accounts, activity, changes, files, saving, status, tags, torrents

NAMESPACE = "api:v1"
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
        document["components"]["securitySchemes"] = SECURITY
        return document


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
for module in (torrents, files, changes, tags, activity, accounts, saving, status):
    api.add_router("", module.router)
