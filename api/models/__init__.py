from .categories import Category
from .idempotency import IdempotentAnswer
from .tokens import MAX_ADDRESS, MAX_TOKEN_NAME, ApiToken, ApiTokenQuerySet

__all__ = ["MAX_ADDRESS", "MAX_TOKEN_NAME", "ApiToken", "ApiTokenQuerySet", "Category", "IdempotentAnswer"]
