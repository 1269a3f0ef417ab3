"""Links are made, changed, revoked, restored, and renewed by those who may, and keep their address."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.hashers import check_password
from django.utils import timezone

from accounts.models import Share
from links.endings import Ending, LinkEnded, NoSuchItem
from links.models import KeptAddress, LastingLink, LinkPolicy, LinkUse
from links.services import making
from links.services.contents import files_of, main_item
from links.services.making import NotAllowed
from links.services.opening import open_link, reopened
from links.services.policy import may_have_links, set_policy
from links.services.uses import record_use
from tests.factories import give_files, make_account, make_cast, make_key, make_torrent, make_user
from tests.links.factories import let_expire, make_export, make_list, make_share, set_link
from tests.torrents.test_two_workers import race
from torrents.models import SavedView, Torrent

pytestmark = pytest.mark.django_db
Kind, Part = LastingLink.Kind, LastingLink.Part
MONTH = timedelta(days=30)


@pytest.fixture
def torrent(cast) -> Torrent:
    torrent = make_torrent(cast.account, "Show", file_count=0)
    give_files(
        torrent, ["Show/Season 1/one.mkv", "Show/Season 1/two.mkv", "Show/season 1/THREE.mkv", "Show/a.txt"]
    )
    return torrent


def is_open(opened) -> bool:
    try:
        return open_link(opened.token).link == opened.link
    except LinkEnded:
        return False


def paths(opened) -> list[str]:
    return [file.path for file in files_of(open_link(opened.token))]


class TestSharing:
    def test_a_share_leads_to_everything_for_the_time_given(self, cast, torrent):
        until = timezone.now() + timedelta(days=3)
        link = making.share(person=cast.viewer, torrent=torrent, expires_at=until, max_uses=4).link
        link.refresh_from_db()
        assert (link.kind, link.maker, link.torrent, link.part) == (
            Kind.SHARE,
            cast.viewer,
            torrent,
            Part.ALL,
        )
        assert (link.expires_at, link.max_uses, link.uses, link.password) == (until, 4, 0, "")

    def test_a_folder_and_a_file_can_be_shared_in_their_exact_case(self, cast, torrent):
        folder = make_share(cast.member, torrent, part=Part.FOLDER, path="Show/Season 1")
        file = make_share(cast.member, torrent, part=Part.FILE, path="Show/season 1/THREE.mkv")
        assert paths(folder) == ["Show/Season 1/one.mkv", "Show/Season 1/two.mkv"]
        assert paths(file) == ["Show/season 1/THREE.mkv"]

    @pytest.mark.parametrize(
        ("part", "path"),
        [
            (Part.FOLDER, "Show/SEASON 1"),
            (Part.FOLDER, "Show/Season"),
            (Part.FOLDER, "Show/a.txt"),
            (Part.FOLDER, ""),
            (Part.FOLDER, "%"),
            (Part.FILE, "Show/Season 1"),
            (Part.FILE, "Show/A.txt"),
            (Part.FILE, ""),
            (Part.FILE, "../a.txt"),
        ],
    )
    def test_what_the_torrent_doesnt_have_cant_be_shared(self, cast, torrent, part, path):
        with pytest.raises(NoSuchItem):
            make_share(cast.member, torrent, part=part, path=path)
        assert not LastingLink.objects.exists()

    def test_a_path_is_forgotten_if_everything_is_shared(self, cast, torrent):
        assert make_share(cast.member, torrent, path="Show/Season 1").link.path == ""

    def test_the_password_is_stored_as_a_hash(self, cast, torrent):
        link = make_share(cast.member, torrent, password="open sesame").link
        assert "sesame" not in str(LastingLink.objects.values().get())
        assert check_password("open sesame", link.password)

    def test_share_of_returns_the_persons_newest_share_that_hasnt_ended(self, cast, torrent):
        make_export(cast.member, torrent)
        make_share(cast.viewer, torrent)
        make_share(cast.member, make_torrent(cast.account, "Another"))
        assert making.share_of(cast.member, torrent) is None
        first, second = make_share(cast.member, torrent), make_share(cast.member, torrent, max_uses=1)
        assert making.share_of(cast.member, torrent) == second.link
        set_link(second, uses=1)
        assert making.share_of(cast.member, torrent) == first.link
        let_expire(first)
        assert making.share_of(cast.member, torrent) is None


class TestPolicy:
    @pytest.mark.parametrize(
        ("made_by", "allowed"),
        [
            (None, {"owner", "member", "guest"}),
            ("everyone", {"owner", "member", "guest"}),
            ("members", {"owner", "member"}),
            ("nobody", set()),
        ],
    )
    def test_only_those_the_policy_names_may_make_links(self, cast, torrent, made_by, allowed):
        if made_by:
            set_policy(made_by)
        guest = make_user("guest", "guest")
        for person in (cast.owner, cast.member, guest):
            assert may_have_links(person) is (person.username in allowed)
            for make in (make_share, make_export):
                if person.username in allowed:
                    make(person, torrent)
                else:
                    with pytest.raises(NotAllowed):
                        make(person, torrent)
            if person.username not in allowed:
                with pytest.raises(NotAllowed):
                    make_list(person)
        assert set(LastingLink.objects.values_list("maker__username", flat=True)) == allowed

    def test_there_is_one_policy(self, db):
        for made_by in ("members", "nobody", "everyone", "members"):
            set_policy(made_by)
        assert LinkPolicy.objects.count() == 1

    def test_links_cant_be_changed_or_renewed_while_they_are_switched_off(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        set_policy("nobody")
        with pytest.raises(NotAllowed):
            making.change(person=cast.member, link=opened.link, expires_at=None)
        with pytest.raises(NotAllowed):
            making.renew(person=cast.member, link=opened.link)

    def test_but_they_can_be_revoked(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        set_policy("nobody")
        assert making.revoke(person=cast.member, links=[opened.link]) == [opened.link.pk]


def keep_address(opened) -> None:
    KeptAddress.objects.create(link=opened.link, item="item", visitor="ann", encrypted_address="secret")


class TestChanging:
    def test_the_link_stays_the_same(self, cast, torrent):
        opened = make_share(cast.member, torrent, password="old")
        making.change(
            person=cast.member,
            link=opened.link,
            part=Part.FOLDER,
            path="Show/Season 1",
            expires_at=None,
            max_uses=9,
            password="new",
        )
        link = open_link(opened.token).link
        assert (link.part, link.path, link.expires_at, link.max_uses) == ("folder", "Show/Season 1", None, 9)
        assert check_password("new", link.password)
        assert reopened(link) == opened

    def test_only_what_is_given_changes(self, cast, torrent):
        opened = make_share(
            cast.member, torrent, part=Part.FILE, path="Show/a.txt", password="old", max_uses=2
        )
        before = LastingLink.objects.values().get()
        making.change(person=cast.member, link=opened.link, max_uses=None)
        assert LastingLink.objects.values().get() == before | {"max_uses": None}
        making.change(person=cast.member, link=opened.link, password="")
        assert LastingLink.objects.get().password == ""
        making.change(person=cast.member, link=opened.link, part=Part.ALL)
        assert LastingLink.objects.get().path == ""

    def test_a_use_that_was_counted_in_the_meantime_isnt_lost(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        record_use(opened, main_item(opened), "ann")
        making.change(person=cast.member, link=opened.link, max_uses=5)
        assert LastingLink.objects.get().uses == 1

    def test_narrowing_a_link_forgets_its_addresses_but_not_those_of_others(self, cast, torrent):
        opened, other = make_share(cast.member, torrent), make_share(cast.member, torrent)
        keep_address(opened)
        keep_address(other)
        making.change(person=cast.member, link=opened.link, part=Part.FILE, path="Show/a.txt")
        assert KeptAddress.objects.get().link == other.link

    def test_an_expired_link_opens_again_with_a_later_end(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        let_expire(opened)
        making.change(person=cast.member, link=opened.link, expires_at=timezone.now() + MONTH)
        assert is_open(opened)

    def test_no_one_changes_or_renews_a_link_of_someone_else(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        for person in (cast.owner, cast.viewer):
            with pytest.raises(NotAllowed):
                making.change(person=person, link=opened.link, expires_at=None)
            with pytest.raises(NotAllowed):
                making.renew(person=person, link=opened.link)
        assert LastingLink.objects.get().expires_at is not None

    def test_a_part_that_isnt_there_changes_nothing(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        keep_address(opened)
        with pytest.raises(NoSuchItem):
            making.change(person=cast.member, link=opened.link, part=Part.FOLDER, path="Nowhere", max_uses=1)
        assert (LastingLink.objects.get().max_uses, KeptAddress.objects.count()) == (None, 1)

    @pytest.mark.parametrize("name", ["maker", "token_hash", "uses", "revoked_at", "kind", "torrent"])
    def test_nothing_else_about_a_link_can_be_changed(self, cast, torrent, name):
        with pytest.raises(TypeError):
            making.change(person=cast.member, link=make_share(cast.member, torrent).link, **{name: None})


class TestExporting:
    def test_a_second_export_has_the_same_links_good_for_30_days_again(self, cast, torrent, time_machine):
        time_machine.move_to(timezone.now(), tick=False)
        first = make_export(cast.member, torrent)
        time_machine.shift(timedelta(days=29))
        again = make_export(cast.member, torrent)
        assert again == first
        assert LastingLink.objects.get().expires_at == timezone.now() + MONTH

    def test_what_is_good_for_longer_stays_so(self, cast, torrent):
        for until in (None, timezone.now() + timedelta(days=90)):
            first = make_export(cast.member, torrent)
            set_link(first, expires_at=until)
            make_export(cast.member, torrent)
            assert LastingLink.objects.get().expires_at == until

    def test_each_person_and_torrent_has_its_own(self, cast, torrent):
        other = make_torrent(cast.account, "Another")
        made = making.export_links(person=cast.member, torrents=[torrent, other, torrent])
        assert {pk: opened.link.torrent for pk, opened in made.items()} == {
            torrent.pk: torrent,
            other.pk: other,
        }
        theirs = make_export(cast.viewer, torrent)
        assert len({*(opened.token for opened in made.values()), theirs.token}) == 3
        assert LastingLink.objects.count() == 3

    @pytest.mark.parametrize(
        "fields",
        [
            {"revoked_at": timezone.now()},
            {"max_uses": 1},
            {"password": "hashed"},
            {"token_hash": "of another key"},
        ],
    )
    def test_a_link_that_exports_cant_use_again_is_left_alone(self, cast, torrent, fields):
        first = make_export(cast.member, torrent)
        set_link(first, **fields)
        before = LastingLink.objects.values().get()
        second = make_export(cast.member, torrent)
        assert second.token != first.token
        assert LastingLink.objects.filter(pk=first.link.pk).values().get() == before
        assert make_export(cast.member, torrent) == second

    def test_a_share_is_no_export(self, cast, torrent):
        share = make_share(cast.member, torrent)
        assert make_export(cast.member, torrent).token != share.token
        assert making.share_of(cast.member, torrent) == share.link

    def test_many_torrents_take_few_queries(self, cast, django_assert_max_num_queries):
        torrents = [make_torrent(cast.account, f"Film {number}") for number in range(120)]
        for _ in range(2):
            with django_assert_max_num_queries(9):
                making.export_links(person=cast.member, torrents=torrents)
        assert LastingLink.objects.count() == 120

    @pytest.mark.django_db(transaction=True)
    def test_exports_at_the_same_moment_share_one_link(self, sim, key):
        cast = make_cast(key)
        other = make_account(cast.owner, make_key("second"), "Second")
        torrents = [make_torrent(account, name) for account in (cast.account, other) for name in "ab"]
        made = []
        race(
            lambda: made.append(making.export_links(person=cast.owner, torrents=torrents)),
            lambda: made.append(making.export_links(person=cast.owner, torrents=torrents[::-1])),
            times=3,
        )
        assert LastingLink.objects.count() == 4
        assert all(found == made[0] for found in made)


class TestLists:
    def test_a_list_keeps_the_parameters_that_select_something(self, cast):
        query = {
            "tab": "ready",
            "q": " film ",
            "sort": "name",
            "tag": ["kids", "family"],
            "odd": "1",
            "ids": "1-9",
        }
        opened = make_list(cast.member, Kind.PODCAST, query, name="  Family  ")
        link = LastingLink.objects.get()
        assert link.query == {"tab": "ready", "q": "film", "sort": "name", "tag": ["kids", "family"]}
        assert (link.kind, link.name, link.torrent) == ("podcast", "Family", None)
        assert is_open(opened)

    def test_a_list_keeps_the_query_of_a_saved_view(self, cast):
        view = SavedView(
            person=cast.member, name="Kids", query={"tag": ["kids"], "account": str(cast.account.pk)}
        )
        assert make_list(cast.member, query=view.query).link.query == view.query

    def test_an_account_that_the_person_doesnt_see_stays_a_parameter(self, cast):
        """Without it, the list would be about all accounts that they see."""
        query = {"account": str(cast.account.pk)}
        assert make_list(cast.outsider, query=query).link.query == query

    def test_a_later_change_of_the_view_doesnt_reach_the_list(self, cast):
        query = {"tag": ["kids"]}
        opened = make_list(cast.member, query=query)
        query["tag"].append("adults")
        assert opened.link.query == {"tag": ["kids"]}


class TestRevoking:
    def test_a_revoked_link_is_closed_and_its_addresses_are_forgotten(self, cast, torrent):
        opened, other = make_share(cast.member, torrent), make_share(cast.member, torrent)
        keep_address(opened)
        assert making.revoke(person=cast.member, links=[opened.link]) == [opened.link.pk]
        assert (is_open(opened), is_open(other)) == (False, True)
        assert not KeptAddress.objects.exists()

    def test_the_owner_of_the_account_may_revoke_a_link_of_others_and_no_one_else_may(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        instance_owner = make_user("boss", "owner")
        for person in (cast.viewer, cast.outsider, instance_owner):
            assert making.revoke(person=person, links=[opened.link]) == []
            assert is_open(opened)
        assert making.revoke(person=cast.owner, links=[opened.link]) == [opened.link.pk]
        assert not is_open(opened)

    def test_what_had_ended_before_isnt_counted_and_stays_as_it_ended(self, cast, torrent):
        expired, used_up, revoked, working = (make_share(cast.member, torrent) for _ in range(4))
        let_expire(expired)
        set_link(used_up, max_uses=1, uses=1)
        making.revoke(person=cast.member, links=[revoked.link])
        links = [expired.link, used_up.link, revoked.link, working.link]
        before = LastingLink.objects.filter(pk__in=[link.pk for link in links[:3]]).values()
        known = list(before)
        assert making.revoke(person=cast.member, links=links) == [working.link.pk]
        assert list(before.all()) == known

    def test_an_expired_export_doesnt_come_back_with_the_next_one(self, cast, torrent):
        opened = make_export(cast.member, torrent)
        let_expire(opened)
        assert make_export(cast.member, torrent).token != opened.token
        assert not is_open(opened)

    def test_lists_can_be_revoked(self, cast):
        opened = make_list(cast.member)
        assert making.revoke(person=cast.owner, links=[opened.link]) == []
        assert making.revoke(person=cast.member, links=[opened.link]) == [opened.link.pk]


class TestRestoring:
    def revoke(self, person, opened) -> list[int]:
        return making.revoke(person=person, links=[opened.link])

    def test_revoking_can_be_undone_for_an_hour(self, cast, torrent, time_machine):
        time_machine.move_to(timezone.now(), tick=False)
        opened = make_share(cast.member, torrent)
        keys = self.revoke(cast.member, opened)
        time_machine.shift(timedelta(minutes=59))
        assert making.restore(person=cast.member, keys=keys) == 1
        assert is_open(opened)
        self.revoke(cast.member, opened)
        time_machine.shift(timedelta(minutes=61))
        assert making.restore(person=cast.member, keys=keys) == 0
        assert not is_open(opened)

    def test_only_by_the_person_who_did_it(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        keys = self.revoke(cast.owner, opened)
        for person in (cast.member, cast.viewer, cast.outsider):
            assert making.restore(person=person, keys=keys) == 0
        assert making.restore(person=cast.owner, keys=keys) == 1
        self.revoke(cast.member, opened)
        assert making.restore(person=cast.owner, keys=keys) == 0

    def test_not_by_someone_who_may_no_longer_revoke_it(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        keys = self.revoke(cast.owner, opened)
        type(cast.account).objects.update(owner=cast.viewer)
        assert making.restore(person=cast.owner, keys=keys) == 0
        assert not is_open(opened)

    def test_an_export_made_in_the_meantime_doesnt_stand_in_the_way(self, cast, torrent):
        first = make_export(cast.member, torrent)
        keys = self.revoke(cast.member, first)
        second = make_export(cast.member, torrent)
        assert making.restore(person=cast.member, keys=keys) == 1
        assert is_open(first)
        assert is_open(second)

    def test_a_link_that_expired_in_the_meantime_isnt_counted(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        keys = self.revoke(cast.member, opened)
        let_expire(opened)
        assert making.restore(person=cast.member, keys=keys) == 0


class TestRenewing:
    def test_an_ended_link_is_good_for_30_days_with_all_its_uses(self, cast, torrent, time_machine):
        time_machine.move_to(timezone.now(), tick=False)
        opened = make_share(cast.member, torrent, max_uses=1)
        record_use(opened, main_item(opened), "ann")
        let_expire(opened)
        making.renew(person=cast.member, link=opened.link)
        link = open_link(opened.token).link
        assert (link.uses, link.expires_at) == (0, timezone.now() + MONTH)
        record_use(opened, main_item(opened), "ann")
        assert LastingLink.objects.get().uses == 1

    def test_a_revoked_link_works_again(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        making.revoke(person=cast.member, links=[opened.link])
        making.renew(person=cast.member, link=opened.link)
        assert is_open(opened)

    def test_not_if_someone_else_revoked_it(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        making.revoke(person=cast.owner, links=[opened.link])
        assert LastingLink.objects.get().revoked_by_other
        with pytest.raises(NotAllowed):
            making.renew(person=cast.member, link=opened.link)
        assert not is_open(opened)

    @pytest.mark.parametrize("days", [None, 300])
    def test_a_link_that_was_good_for_longer_stays_so(self, cast, torrent, days):
        until = days and timezone.now() + timedelta(days=days)
        opened = make_share(cast.member, torrent, expires_at=until, max_uses=1)
        set_link(opened, uses=1)
        making.renew(person=cast.member, link=opened.link)
        assert LastingLink.objects.get().expires_at == until

    def test_visitors_of_another_link_keep_their_day(self, cast, torrent):
        opened, other = make_share(cast.member, torrent), make_share(cast.member, torrent)
        for link in (opened, other):
            record_use(link, main_item(link), "ann")
        making.renew(person=cast.member, link=opened.link)
        assert LinkUse.objects.get().link == other.link


@pytest.mark.django_db(transaction=True)
def test_revoking_all_and_using_at_the_same_moment_ends_in_revoked_links(sim, key):
    cast = make_cast(key)
    made = [make_share(cast.member, make_torrent(cast.account, f"Film {number}")) for number in range(4)]

    def use(number: int) -> None:
        try:
            opened = open_link(made[number].token)
            record_use(opened, main_item(opened), "ann")
        except LinkEnded as ended:
            assert ended.ending == Ending.REVOKED

    def revoke(person) -> None:
        making.revoke(person=person, links=[opened.link for opened in made])

    race(
        *(partial(use, number) for number in range(4)),
        *(partial(revoke, p) for p in (cast.owner, cast.member)),
        times=2,
    )
    links = LastingLink.objects.all()
    assert all(link.revoked_at for link in links)
    assert sum(link.uses for link in links) == LinkUse.objects.count()


def test_a_link_of_a_person_without_access_can_be_made_but_doesnt_open(cast, torrent):
    """The page finds the torrent for the person. Losing it in between must open nothing."""
    Share.objects.filter(user=cast.member).delete()
    assert not is_open(make_share(cast.member, torrent))
