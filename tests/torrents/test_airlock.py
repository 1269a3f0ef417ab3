"""Which TorBox accounts may keep torrents with AirLock."""

from __future__ import annotations

import pytest

from tests.factories import make_account, make_key, make_user
from torrents.airlock import airlock_accounts, has_airlock
from torrents.models import Usage

pytestmark = pytest.mark.django_db


def account_of(plan: int, name: str = "someone"):
    return make_account(make_user(name), make_key(name), name, plan=plan)


@pytest.mark.parametrize(("plan", "expected"), [(0, False), (1, True), (2, True), (3, True)])
def test_before_a_report_the_plan_decides(plan, expected):
    assert has_airlock(account_of(plan)) is expected


@pytest.mark.parametrize(
    ("plan", "limit", "expected"),
    [(0, 10**12, True), (2, 0, False), (2, None, True), (0, None, False)],
)
def test_the_limit_that_torbox_reported_outweighs_the_plan(plan, limit, expected):
    account = account_of(plan)
    Usage.objects.create(account=account, airlock_limit=limit)
    assert has_airlock(account) is expected


def test_many_accounts_take_one_query(django_assert_num_queries):
    free, paid, lapsed = account_of(0, "free"), account_of(3, "paid"), account_of(1, "lapsed")
    Usage.objects.create(account=lapsed, airlock_limit=0)
    with django_assert_num_queries(1):
        assert airlock_accounts([free, paid, lapsed]) == {paid.pk}
