"""Settings › Links: what a person made, what others made with their TorBox accounts, and who can have links."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import Share, User
from links.endings import LinkEnded
from links.link_urls import list_url, page_url
from links.models import LastingLink, LinkPolicy
from links.pages.link_rows import MAX_BY_OTHERS, PAGE_SIZE
from links.services.opening import Opened, open_link
from tests.factories import make_account, make_key, make_torrent, make_user, tag
from tests.links.factories import let_expire, make_export, make_list, make_share, set_link
from torrents.models import SavedView, Torrent

PLACE = "/me/links/"
HTMX = {"HX-Request": "true"}
ENDS = r'<div class="links-row|</section>|<nav|</main>|<form class="panel'
ROW = re.compile(rf'<div class="links-row[^"]*" id="link-(\d+)".*?(?={ENDS})', re.S)
NOW, DAY = timezone.now, timedelta(days=1)


def page(client, address: str = PLACE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(html: str) -> dict[int, str]:
    """Return the markup of each row by the key of its link, in the order of the page."""
    return {int(found[1]): found[0] for found in ROW.finditer(html)}


def words(markup: str) -> str:
    return " ".join(strip_tags(markup.replace("<", " <")).split())


def post(client, view: str, *args: object, **form: object):
    return client.post(reverse(f"links:{view}", args=args), form, headers=HTMX)


def toast(answer) -> dict[str, str]:
    (item,) = json.loads(answer.headers["HX-Trigger"])["toast"]["items"]
    return item


def works(opened: Opened) -> bool:
    try:
        open_link(opened.token)
    except LinkEnded:
        return False
    return True


@pytest.fixture
def film(cast) -> Torrent:
    return make_torrent(cast.account, "Sintel", file_count=4)


@pytest.fixture
def owner(cast, sign_in):
    return sign_in(cast.owner)


class TestMine:
    """The links of a person."""

    def test_without_any_it_says_how_to_make_one(self, owner):
        html = page(owner)
        assert "No links yet" in html and "choose Share to make one" in html
        assert "Revoke all" not in html and "active." not in html

    def test_a_row_says_what_how_often_when_and_until_when(self, cast, film, owner):
        made = make_share(cast.owner, film, max_uses=10, password="open", expires_at=NOW() + 12 * DAY)
        set_link(made, uses=3, last_used_at=NOW() - timedelta(hours=2))
        row = words(rows(page(owner))[made.link.pk])
        assert "Sintel All 4 files · password" in row
        assert "3 of 10" in row and "2 hours ago" in row
        assert re.search(r"Used 2 hours ago · until [A-Z][a-z]{2} \d", row)
        assert "1 active. A link stops working" in words(page(owner))

    def test_the_address_to_copy_is_that_of_the_link(self, cast, film, owner):
        made, podcast = make_share(cast.owner, film), make_list(cast.owner, "podcast")
        found = rows(page(owner))
        assert f'value="{page_url(made.token)}"' in found[made.link.pk]
        assert f'value="{list_url(podcast)}"' in found[podcast.link.pk]
        set_link(made, nonce="made with another key")
        assert "/l/" not in rows(page(owner))[made.link.pk]

    def test_the_last_used_comes_first_and_what_ended_last(self, cast, film, owner):
        ago = [make_share(cast.owner, make_torrent(cast.account, str(n), remote_id=n)) for n in range(5)]
        for hours, made in enumerate(ago):
            set_link(made, last_used_at=NOW() - timedelta(hours=hours))
        new = make_share(cast.owner, film)
        let_expire(ago[0])
        set_link(ago[2], max_uses=1, uses=1)
        order = [new, ago[1], ago[3], ago[4], ago[0], ago[2]]
        assert list(rows(page(owner))) == [made.link.pk for made in order]

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"expires_at": NOW() - 3 * DAY}, "Expired"),
            ({"max_uses": 2, "uses": 2}, "Used up"),
            ({"revoked_at": NOW() - DAY}, "Revoked"),
        ],
        ids=["expired", "used up", "revoked"],
    )
    def test_what_ended_says_how_and_can_be_renewed(self, cast, film, owner, fields, said):
        made = make_share(cast.owner, film)
        set_link(made, revoked_by=cast.owner if "revoked_at" in fields else None, **fields)
        row = rows(page(owner))[made.link.pk]
        assert said in words(row) and "Renew" in row and "/l/" not in row
        assert "0 active" in words(page(owner))
        answer = post(owner, "renew", made.link.pk)
        assert answer.status_code == 204 and "links-changed" in answer.headers["HX-Trigger"]
        assert works(made)
        assert page_url(made.token) in rows(page(owner))[made.link.pk]

    def test_what_the_accounts_owner_revoked_cannot_be_renewed(self, cast, film, sign_in):
        made = make_share(cast.member, film)
        post(sign_in(cast.owner), "revoke", made.link.pk)
        client = sign_in(cast.member)
        row = rows(page(client))[made.link.pk]
        assert "Revoked" in words(row) and "Renew" not in row
        assert post(client, "renew", made.link.pk).status_code == 404
        assert not works(made)

    def test_a_torrent_i_no_longer_see_is_not_named(self, cast, film, sign_in):
        made = make_share(cast.member, film)
        Torrent.objects.filter(pk=film.pk).update(hidden=True, added_by=cast.owner, name="A secret name")
        client = sign_in(cast.member)
        row = rows(page(client))[made.link.pk]
        assert "A torrent you can’t see anymore" in row and "Not available" in row
        assert "secret" not in page(client) and "Renew" not in row and "Revoke" in row
        assert post(client, "renew", made.link.pk).status_code == 404
        assert post(client, "revoke", made.link.pk).status_code == 204

    def test_a_deleted_torrent_is_named_and_said_to_be_deleted(self, cast, film, owner):
        made = make_share(cast.owner, film)
        Torrent.objects.filter(pk=film.pk).update(removed_at=NOW())
        row = words(rows(page(owner))[made.link.pk])
        assert "Sintel" in row and "Torrent deleted" in row

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"part": "folder", "path": "Sintel/More & more"}, "Folder More &amp; more"),
            ({"part": "file", "path": "Sintel/part 2.mkv"}, "File part 2.mkv"),
        ],
        ids=["folder", "file"],
    )
    def test_parts_of_a_torrent_are_named(self, cast, film, owner, fields, said):
        made = make_share(cast.owner, film)
        set_link(made, **fields)
        assert said in words(rows(page(owner))[made.link.pk])

    def test_exports_are_for_players_and_have_nothing_to_copy(self, cast, film, owner):
        made = make_export(cast.owner, film)
        row = rows(page(owner))[made.link.pk]
        assert "For players and download managers" in row and "Revoke" in row
        assert "/l/" not in row and "Change…" not in row
        post(owner, "revoke", made.link.pk)
        assert made.link.pk not in rows(page(owner))  # the next export makes another one

    def test_lists_say_what_they_hold(self, cast, owner):
        by_query = {
            "Everything tagged Films and Kids": {"tag": ["Films", "Kids"]},
            "Everything tagged &lt;b&gt;": {"tag": ["<b>"]},
            "A saved view": {"q": "sintel", "tag": ["Films"]},
            "Everything that’s ready": {},
        }
        made = {said: make_list(cast.owner, query=query) for said, query in by_query.items()}
        found = rows(page(owner))
        for said, opened in made.items():
            assert said in words(found[opened.link.pk].replace("&lt;b&gt;", "&lt;b&gt;"))

    def test_links_of_others_are_not_among_mine(self, cast, film, sign_in):
        make_share(cast.member, film)
        assert "No links yet" in page(sign_in(cast.viewer))

    def test_hostile_names_are_text(self, cast, owner):
        made = make_share(cast.owner, make_torrent(cast.account, '<img src=x onerror="alert(1)">\u202e'))
        row = rows(page(owner))[made.link.pk]
        assert "<img src=x" not in row and "\u202e" not in row


class TestRevoking:
    """Revoke, undo, and revoke all."""

    def test_revoking_asks_nothing_and_can_be_undone(self, cast, film, owner):
        made = make_share(cast.owner, film)
        answer = post(owner, "revoke", made.link.pk)
        assert not works(made) and "links-changed" in answer.headers["HX-Trigger"]
        undone = owner.post(toast(answer)["undo"], headers=HTMX)
        assert works(made) and toast(undone)["text"] == "The link works again."

    def test_only_who_revoked_it_can_undo_that(self, cast, film, sign_in):
        made = make_share(cast.member, film)
        undo = toast(post(sign_in(cast.owner), "revoke", made.link.pk))["undo"]
        assert sign_in(cast.member).post(undo).status_code == 404
        assert sign_in(cast.member).post(f"{undo}x").status_code == 404
        assert not works(made)

    def test_undoing_is_over_after_an_hour(self, cast, film, sign_in, time_machine):
        made = make_share(cast.owner, film)
        undo = toast(post(sign_in(cast.owner), "revoke", made.link.pk))["undo"]
        time_machine.move_to(NOW() + timedelta(seconds=3700))
        assert sign_in(cast.owner).post(undo).status_code == 404
        assert not works(made)

    def test_nobody_else_can_revoke(self, cast, film, sign_in):
        made = make_share(cast.member, film)
        for person in (cast.viewer, cast.outsider, make_user("house", User.Role.OWNER)):
            assert post(sign_in(person), "revoke", made.link.pk).status_code == 404
        assert works(made)

    def test_without_script_it_leads_back_to_the_page_with_the_undo(self, cast, film, owner):
        made = make_share(cast.owner, film)
        answer = owner.post(reverse("links:revoke", args=[made.link.pk]))
        assert answer.url == PLACE and not works(made)
        html = page(owner)
        assert "Revoked the link." in html and f'action="{reverse("links:restore")}?links=' in html

    def test_all_of_mine_are_asked_for_first(self, cast, film, sign_in):
        mine = [make_share(cast.owner, film), make_list(cast.owner), make_export(cast.owner, film)]
        theirs = make_share(cast.member, film)
        client = sign_in(cast.owner)
        asked = client.get(reverse("links:revoke_all"), headers=HTMX).content.decode()
        assert "Revoke all 3 links?" in asked and "<modal-dialog>" in asked
        assert all(map(works, mine))
        assert toast(post(client, "revoke_all"))["text"] == "Revoked 3 links."
        assert not any(map(works, mine)) and works(theirs)

    def test_a_link_that_could_work_again_is_among_all(self, cast, film, sign_in):
        made = make_share(cast.member, film)
        cast.account.shares.filter(user=cast.member).delete()
        post(sign_in(cast.member), "revoke_all")
        Share.objects.create(account=cast.account, user=cast.member, level="add")
        assert not works(made)


class TestByOthers:
    """The links of others on my TorBox accounts."""

    def test_each_account_has_a_panel_with_who_made_them(self, cast, film, owner):
        other = make_account(cast.owner, make_key("second"), "Second")
        Share.objects.create(account=other, user=cast.viewer)
        here = make_share(cast.member, film)
        there = make_share(cast.viewer, make_torrent(other, "Caminandes"))
        html = page(owner)
        assert words(html).index("On Family") < words(html).index("On Second")
        assert "Made by other people with your account." in html
        found = rows(html)
        assert "All 4 files · by Member" in words(found[here.link.pk])
        assert "by Viewer" in words(found[there.link.pk])
        assert here.token not in html and there.token not in html

    def test_those_that_ended_are_left_out(self, cast, film, owner):
        let_expire(make_share(cast.member, film))
        set_link(make_share(cast.viewer, film), revoked_at=NOW())
        set_link(make_share(cast.viewer, film), max_uses=1, uses=1)
        assert "On Family" not in page(owner)

    def test_the_accounts_owner_revokes_one_or_all(self, cast, film, owner):
        made = [make_share(person, film) for person in (cast.member, cast.viewer)]
        mine = make_share(cast.owner, film)
        post(owner, "revoke", made[0].link.pk)
        assert [works(one) for one in made] == [False, True]
        address = f"{reverse('links:revoke_all')}?account={cast.account.pk}"
        assert "Revoke 1 link?" in page(owner, address)
        owner.post(address, headers=HTMX)
        assert not works(made[1]) and works(mine)

    @pytest.mark.parametrize("account", ["another", "x", "9" * 30])
    def test_only_on_an_account_of_mine(self, cast, film, sign_in, account):
        made = make_share(cast.viewer, film)
        key = cast.account.pk if account == "another" else account
        address = f"{reverse('links:revoke_all')}?account={key}"
        client = sign_in(cast.member)
        assert client.get(address).status_code == client.post(address).status_code == 404
        assert works(made)

    def test_an_owner_of_the_instance_sees_nothing_of_other_accounts(self, cast, film, sign_in):
        make_share(cast.member, film)
        house = make_user("house", User.Role.OWNER)
        assert "Sintel" not in page(sign_in(house))


class TestManyLinks:
    """Hundreds of links."""

    def many(self, person: User, torrent: Torrent, count: int) -> None:
        made = make_share(person, torrent).link
        LastingLink.objects.bulk_create(
            LastingLink(
                maker=person, kind="share", torrent=torrent, nonce=str(n), token_hash=f"{person.pk} {n}"
            )
            for n in range(count - 1)
        )
        assert made

    def test_they_take_several_pages(self, cast, film, owner):
        self.many(cast.owner, film, PAGE_SIZE + 3)
        first, second = page(owner), page(owner, f"{PLACE}?page=2")
        assert len(rows(first)) == PAGE_SIZE and len(rows(second)) == 3
        assert not rows(first).keys() & rows(second).keys()
        assert "Page 1 of 2" in words(first) and f"{PAGE_SIZE + 3} active" in words(first)
        assert page(owner, f"{PLACE}?page=99") and page(owner, f"{PLACE}?page=x")

    def test_those_of_others_are_bounded(self, cast, film, owner):
        self.many(cast.member, film, MAX_BY_OTHERS + 1)
        html = page(owner)
        assert len(rows(html)) == MAX_BY_OTHERS and "There are more." in html

    def test_any_number_takes_the_same_few_queries(self, cast, film, owner):
        def queries() -> int:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                page(owner)
            return len([one for one in asked if "links_" in one["sql"] and "has_links" not in one["sql"]])

        page(owner)
        assert queries() <= 4
        self.many(cast.owner, film, 120)
        self.many(cast.member, film, 120)
        with CaptureQueriesContext(connection) as asked:
            page(owner)
        before = len(asked)
        self.many(cast.viewer, film, 60)
        with CaptureQueriesContext(connection) as asked:
            page(owner)
        assert len(asked) == before and queries() <= 4


class TestNewPlaylist:
    """The form for a playlist or podcast."""

    def test_it_offers_everything_tags_and_saved_views(self, cast, film, owner):
        tag(film, "Films")
        SavedView.objects.create(person=cast.owner, name="Film night", query={"q": "sintel"})
        SavedView.objects.create(person=cast.member, name="Theirs", query={"q": "x"})
        html = page(owner, reverse("links:new_list"))
        assert "Everything that’s ready" in html and ">Films<" in html and ">Film night<" in html
        assert "Theirs" not in html

    @pytest.mark.parametrize("kind", ["playlist", "podcast"])
    def test_a_tag_becomes_a_list_that_can_be_copied(self, cast, film, owner, kind):
        tag(film, "Films")
        form = {"what": "tag-Films", "kind": kind, "name": "", "expires": "never"}
        answer = post(owner, "new_list", **form)
        link = LastingLink.objects.get()
        assert (link.kind, link.query, link.expires_at) == (kind, {"tag": ["Films"]}, None)
        assert link.name == f"Films {kind}"
        html = answer.content.decode()
        assert "/l/" in html and "data:image/svg" in html and "links-changed" in answer.headers["HX-Trigger"]

    def test_a_saved_view_is_copied(self, cast, owner):
        view = SavedView.objects.create(person=cast.owner, name="Film night", query={"q": "sintel"})
        form = {"what": f"view-{view.pk}", "kind": "playlist", "name": "For mum", "expires": "30"}
        post(owner, "new_list", **form)
        link = LastingLink.objects.get()
        assert (link.name, link.query) == ("For mum", {"q": "sintel"})
        assert link.expires_at < NOW() + 31 * DAY

    @pytest.mark.parametrize(
        "wrong",
        [
            {"what": "tag-Other"},
            {"what": "view-1"},
            {"kind": "share"},
            {"expires": "31"},
            {"name": "x" * 61},
            {"name": "a\u202eb"},
        ],
        ids=str,
    )
    def test_what_is_not_offered_is_refused(self, cast, owner, wrong):
        SavedView.objects.create(pk=1, person=cast.member, name="Theirs", query={"q": "x"})
        form = {"what": "all", "kind": "playlist", "name": "", "expires": "30"} | wrong
        assert post(owner, "new_list", **form).status_code == 422
        assert not LastingLink.objects.exists()

    def test_without_script_it_leads_to_the_page_of_the_list(self, cast, owner):
        form = {"what": "all", "kind": "podcast", "name": "", "expires": "30"}
        answer = owner.post(reverse("links:new_list"), form)
        link = LastingLink.objects.get()
        assert answer.url == reverse("links:change", args=[link.pk]) and link.name == "My podcast"
        assert "My podcast" in page(owner, answer.url)


class TestThePolicy:
    """Who can have links."""

    def choose(self, client, made_by: str):
        return client.post(reverse("links:set_policy"), {"made_by": made_by})

    def test_only_owners_of_the_instance_see_and_set_it(self, cast, sign_in):
        assert "Who can have links" in page(sign_in(cast.owner))
        member = sign_in(cast.member)
        assert "Who can have links" not in page(member)
        assert self.choose(member, "nobody").status_code == 404
        assert not LinkPolicy.objects.exists()

    def test_off_stops_links_and_people_see_why(self, cast, film, sign_in):
        made = make_share(cast.member, film)
        assert self.choose(sign_in(cast.owner), "nobody").url == PLACE
        assert not works(made)
        client = sign_in(cast.member)
        html = page(client)
        assert "An owner has turned off links for you." in html
        assert "New playlist" not in html and made.token not in html and "Revoke" in html
        answer = client.get(reverse("links:new_list"), headers=HTMX)
        assert answer.status_code == 204 and "turned off" in toast(answer)["text"]
        self.choose(sign_in(cast.owner), "everyone")
        assert works(made) and made.token in page(sign_in(cast.member))

    def test_what_is_no_policy_changes_nothing(self, cast, owner):
        assert self.choose(owner, "admins").url == PLACE
        assert not LinkPolicy.objects.exists()


class TestAround:
    """The menu of a person, and the list of the pages of Settings."""

    def test_my_menu_has_links_once_there_is_one(self, cast, film, owner):
        entry = f'<a class="menu-item" href="{PLACE}">'
        assert entry not in page(owner, "/me/profile/")
        make_share(cast.owner, film)
        assert entry in page(owner, "/me/profile/")
        assert entry in page(owner, "/")

    def test_settings_say_how_many_work(self, cast, film, owner):
        assert "None yet" in words(page(owner, "/me/"))
        make_share(cast.owner, film)
        let_expire(make_list(cast.owner))
        assert "Links 1 active" in words(page(owner, "/me/"))

    def test_a_poll_of_the_list_takes_no_more_queries(self, cast, film, owner):
        since = re.search(r"since=([^\"&]+)", page(owner, "/"))
        with CaptureQueriesContext(connection) as before:
            owner.get(f"/changes/?since={since[1] if since else ''}")
        make_share(cast.owner, film)
        with CaptureQueriesContext(connection) as after:
            owner.get(f"/changes/?since={since[1] if since else ''}")
        assert len(after) <= len(before)
