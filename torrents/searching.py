"""Search folded columns for all words, in any order, regardless of case, marks, and separators."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_, or_

from django.db.models import Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from .folding import words_of

NOTHING = Q(pk__in=[])


def holding_words(query: str, *columns: str, or_else: Callable[[str], Q] = lambda word: NOTHING) -> Q:
    """Match rows where each word of `query` is in one of these folded columns, or matches `or_else` for that word.

    A query without words matches none.
    """
    words = words_of(query)
    return reduce(and_, [_holding(word, columns) | or_else(word) for word in words]) if words else NOTHING


def _holding(word: str, columns: tuple[str, ...]) -> Q:
    return reduce(or_, [Q(GreaterThan(StrIndex(column, Value(word)), 0)) for column in columns])
