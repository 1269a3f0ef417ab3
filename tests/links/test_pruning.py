"""What lasting links leave behind is deleted in time, and what still matters stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from links.models import KeptAddress, LastingLink, LinkUse
from links.services import making
from links.services.contents import main_item
from links.services.opening import Opened
from links.services.pruning import prune
from links.services.uses import record_use
from links.tasks import prune as prune_task
from tests.factories import make_torrent
from tests.links.factories import let_expire, make_list, make_share, set_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(cast) -> Opened:
    return make_share(cast.member, make_torrent(cast.account))


def ago(**span: float):
    return timezone.now() - timedelta(**span)


def is_kept(opened: Opened) -> bool:
    prune()
    return LastingLink.objects.filter(pk=opened.link.pk).exists()


@pytest.mark.parametrize(("days", "kept"), [(89, True), (91, False)])
@pytest.mark.parametrize("how", ["revoked", "expired", "used up"])
def test_an_ended_link_stays_for_90_days(opened, how, days, kept):
    match how:
        case "revoked":
            set_link(opened, revoked_at=ago(days=days))
        case "expired":
            let_expire(opened, timedelta(days=days))
        case "used up":
            set_link(opened, max_uses=3, uses=3, last_used_at=ago(days=days), expires_at=None)
    assert is_kept(opened) is kept


def test_a_link_that_hasnt_ended_stays(cast, opened):
    set_link(
        opened, expires_at=None, created_at=ago(days=900), last_used_at=ago(days=800), uses=7, max_uses=8
    )
    unlimited, unused = make_list(cast.member, expires_at=None), make_list(cast.member)
    set_link(unlimited, created_at=ago(days=900), last_used_at=ago(days=800), uses=7)
    assert all(map(is_kept, (opened, unlimited, unused)))


def test_a_link_that_doesnt_work_for_now_stays(cast, opened):
    type(cast.member).objects.filter(pk=cast.member.pk).update(is_active=False)
    opened.link.torrent.account.shares.all().delete()
    assert is_kept(opened)


def test_a_renewed_link_stays(cast, opened):
    let_expire(opened, timedelta(days=100))
    making.renew(person=cast.member, link=opened.link)
    assert is_kept(opened)


@pytest.mark.parametrize(("hours", "kept"), [(47, True), (49, False)])
def test_a_use_stays_for_two_days(opened, hours, kept):
    record_use(opened, main_item(opened), "ann")
    LinkUse.objects.update(at=ago(hours=hours))
    prune()
    assert LinkUse.objects.exists() is kept
    assert LastingLink.objects.get().uses == 1


@pytest.mark.parametrize(("minutes", "kept"), [(59, True), (61, False)])
def test_an_address_stays_for_an_hour(opened, minutes, kept):
    KeptAddress.objects.create(link=opened.link, item="item", visitor="ann", asked_at=ago(minutes=minutes))
    prune()
    assert KeptAddress.objects.exists() is kept


def test_the_task_deletes_a_link_with_its_uses_and_addresses(opened):
    record_use(opened, main_item(opened), "ann")
    KeptAddress.objects.create(link=opened.link, item="item", visitor="ann")
    let_expire(opened, timedelta(days=91))
    prune_task()
    assert not any(model.objects.exists() for model in (LastingLink, LinkUse, KeptAddress))
