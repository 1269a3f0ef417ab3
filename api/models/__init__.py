from .categories import Category
from .idempotency import IdempotentAnswer
from .tokens import MAX_TOKEN_NAME, ApiToken, ApiTokenQuerySet

__all__ = ["MAX_TOKEN_NAME", "ApiToken", "ApiTokenQuerySet", "Category", "IdempotentAnswer"]
