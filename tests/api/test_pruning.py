"""What programs leave behind is deleted in time, and tokens that work stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from api.models import ApiToken, EndedSession, IdempotentAnswer
from api.services.pruning import prune
from api.tasks import prune as prune_task
from tests.api.factories import make_token

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.mark.parametrize(("hours", "kept"), [(23, True), (25, False), (-1, False)])
def test_an_answer_stays_for_a_day(cast, hours, kept):
    """One that lies ahead was written with a wrong clock."""
    token, at = make_token(cast.member).row, NOW() - timedelta(hours=hours)
    IdempotentAnswer.objects.create(token=token, key="a", request_hash="b", created_at=at)
    prune()
    assert IdempotentAnswer.objects.exists() is kept


@pytest.mark.parametrize(("hours", "kept"), [(23, True), (25, False), (-1, False)])
def test_an_ended_session_is_remembered_while_its_cookie_would_work(cast, hours, kept):
    token, at = make_token(cast.member).row, NOW() - timedelta(hours=hours)
    EndedSession.objects.create(token=token, session="a" * 12, ended_at=at)
    prune()
    assert EndedSession.objects.exists() is kept


@pytest.mark.parametrize(("days", "kept"), [(-1, True), (89, True), (91, False)])
def test_an_expired_token_stays_for_90_days(cast, days, kept):
    make_token(cast.member, expires_at=NOW() - timedelta(days=days))
    prune()
    assert ApiToken.objects.exists() is kept


def test_a_token_that_never_expires_stays(cast):
    token = make_token(cast.member).row
    long_ago = NOW() - timedelta(days=900)
    ApiToken.objects.filter(pk=token.pk).update(created_at=long_ago, last_used_on=long_ago.date())
    prune()
    assert ApiToken.objects.exists()


def test_the_task_deletes_both(cast):
    token = make_token(cast.member, expires_at=NOW() - timedelta(days=100)).row
    IdempotentAnswer.objects.create(token=token, key="a", request_hash="b")
    prune_task()
    assert not ApiToken.objects.exists() and not IdempotentAnswer.objects.exists()
