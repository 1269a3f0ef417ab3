from .categories import Category
from .idempotency import IdempotentAnswer
from .links import LinkToAdd
from .sessions import MAX_SESSION, SESSION_LASTS, EndedSession
from .tokens import MAX_ADDRESS, MAX_TOKEN_NAME, ApiToken, ApiTokenQuerySet

__all__ = [
    "MAX_ADDRESS",
    "MAX_SESSION",
    "MAX_TOKEN_NAME",
    "SESSION_LASTS",
    "ApiToken",
    "ApiTokenQuerySet",
    "Category",
    "EndedSession",
    "IdempotentAnswer",
    "LinkToAdd",
]
