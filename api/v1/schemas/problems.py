"""What programs get instead of an answer: problem details of RFC 9457, with our codes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .base import Answer


class FieldProblem(Answer):
    """What is wrong with one value of a request."""

    source: Literal["path", "query", "header", "body"] = Field(description="The part of the request.")
    field: str = Field(
        description="The name of the value, such as `limit` or `files.0.name`. Empty: the whole part."
    )
    code: str = Field(description="`missing`, `unknown`, `wrong_type`, `not_one_of`, `too_long`, …")
    params: dict[str, Any] = Field(default_factory=dict, description="Values of the code, such as `max`.")
    detail: str = Field(description="A sentence for people, in the language of `Accept-Language`.")


class ProblemDetails(Answer):
    """Why a request failed. Depend on `status` and `code`. `detail` is for people."""

    type: str = Field("about:blank", description="Always `about:blank`: `code` says which problem it is.")
    title: str = Field(description="The name of the status.")
    status: int = Field(ge=400, le=599, description="The HTTP status.")
    code: str = Field(description="What went wrong, as a code.")
    detail: str = Field("", description="A sentence for people, in the language of `Accept-Language`.")
    params: dict[str, Any] = Field(default_factory=dict, description="Values of the code, such as `scope`.")
    errors: list[FieldProblem] = Field(default_factory=list, description="What is wrong with each value.")
