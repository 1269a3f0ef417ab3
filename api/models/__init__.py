from .categories import Category
from .idempotency import IdempotentAnswer
from .links import LinkToAdd
from .tokens import MAX_ADDRESS, MAX_TOKEN_NAME, ApiToken, ApiTokenQuerySet

__all__ = [
    "MAX_ADDRESS",
    "MAX_TOKEN_NAME",
    "ApiToken",
    "ApiTokenQuerySet",
    "Category",
    "IdempotentAnswer",
    "LinkToAdd",
]
