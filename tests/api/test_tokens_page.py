"""Settings › API: people make tokens, see how they are used, and revoke them. Owners see those of everyone."""

from __future__ import annotations

import html
import re
import time
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import User
from api.models import ApiToken
from api.pages.token_rows import MAX_BY_OTHERS
from api.scopes import Scope
from api.services.tokens import MAX_TOKENS, find
from tests.api.factories import make_token, program_with
from tests.factories import make_user, sign_in

pytestmark = pytest.mark.django_db
PLACE, NEW = "/me/api/", "/me/api/new/"
HTMX = {"HX-Request": "true"}
TOKEN = re.compile(r"tbw_[A-Za-z0-9]{32}")
ROW = re.compile(
    r'<div class="token-row[^"]*" id="token-(\d+)".*?(?=<div class="token-row|<section|</section>)', re.S
)
FORM = {"name": "Sonarr", "scopes": ["qbittorrent"], "expires": "never"}
DAY = timedelta(days=1)


@pytest.fixture
def member(cast, client) -> Client:
    return sign_in(client, cast.member)


def words(markup: str) -> str:
    return html.unescape(" ".join(strip_tags(markup.replace("<", " <")).split()))


def page(client: Client, address: str = PLACE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(client: Client) -> list[str]:
    """Return the words of each row of the page."""
    return [words(found[0]) for found in ROW.finditer(page(client))]


def create(client: Client, **form: object):
    return client.post(NEW, FORM | form)


def shown(answer) -> str:
    """Return the token that an answer shows."""
    (text,) = TOKEN.findall(answer.content.decode())
    return text


class TestMaking:
    def test_the_token_that_the_page_shows_works(self, member, cast):
        answer = create(member, name="Kodi", scopes=["read", "links"])
        assert answer.status_code == 200
        token = find(shown(answer))
        assert (token.person, token.name, token.scopes) == (cast.member, "Kodi", ["read", "links"])
        assert token.expires_at is None

    def test_it_is_shown_once_above_the_list(self, member):
        answer = create(member)
        said = words(answer.content.decode())
        assert "Token for Sonarr created. Copy it now. We won’t show it again." in said
        assert said.index("Copy it now") < said.index("Last used")
        assert "no-store" in answer["Cache-Control"]
        assert not TOKEN.search(page(member)) and "Copy it now" not in page(member)

    def test_a_script_leaves_the_address_of_the_form_so_that_a_reload_makes_no_second_one(self, member):
        assert member.post(NEW, FORM, headers=HTMX)["HX-Replace-Url"] == PLACE

    def test_the_answer_is_marked_as_the_page_itself(self, member):
        place = re.compile(rf'<a href="{PLACE}"\s+aria-current="(\w+)"')
        assert place.search(create(member).content.decode())[1] == "page"
        assert place.search(page(member, NEW))[1] == "true"

    @pytest.mark.parametrize(
        ("scopes", "sentences"),
        [
            (["qbittorrent"], ["phone remote, enter member as the username"]),
            (["read", "links"], ["WebDAV player, enter member as", "Authorization: Bearer …"]),
            (["read"], ["Authorization: Bearer …"]),
            (["read", "links", "qbittorrent"], ["phone remote", "WebDAV player", "Bearer"]),
        ],
    )
    def test_a_sentence_for_each_way_in_says_how_to_use_it(self, member, scopes, sentences):
        made = words(create(member, scopes=scopes).content.decode().partition('id="tokens"')[0])
        for sentence in ("phone remote, enter", "WebDAV player", "Bearer"):
            assert (sentence in made) == any(sentence in one or one in sentence for one in sentences)
        assert all(sentence in made for sentence in sentences)

    def test_only_ways_in_that_are_on_are_mentioned(self, member, settings):
        settings.API_PROTOCOLS = ["rest"]
        made = words(create(member, scopes=["read", "links"]).content.decode())
        assert "Bearer" in made and "WebDAV player" not in made

    @pytest.mark.parametrize("days", [30, 90, 365])
    def test_it_expires_after_the_days_that_were_chosen(self, member, days):
        create(member, expires=str(days))
        left = ApiToken.objects.get().expires_at - timezone.now()
        assert timedelta(days=days) - timedelta(minutes=5) < left <= timedelta(days=days)

    def test_the_last_day_is_a_whole_day_where_the_person_is(self, member, cast):
        User.objects.filter(pk=cast.member.pk).update(time_zone="Pacific/Auckland")
        until = timezone.localdate() + 7 * DAY
        create(member, expires="day", until=f"{until}")
        token = ApiToken.objects.get()
        end = token.expires_at.astimezone(ZoneInfo("Pacific/Auckland"))
        assert (end.date(), end.hour, end.minute) == (until, 23, 59)

    def test_the_day_counts_only_if_it_is_chosen(self, member):
        assert create(member, expires="never", until="nonsense").status_code == 200
        assert ApiToken.objects.get().expires_at is None

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": ""},
            {"name": "   "},
            {"name": "a" * 61},
            {"name": "two\nlines"},
            {"name": "hidden\u202eeman"},
            {"scopes": []},
            {"scopes": ["everything"]},
            {"scopes": ["read", "everything"]},
            {"expires": ""},
            {"expires": "31"},
            {"expires": "day"},
            {"expires": "day", "until": "2020-01-01"},
            {"expires": "day", "until": "9999-12-31"},
            {"expires": "day", "until": "01.02.2027"},
            {"expires": "day", "until": "2027-02-30"},
            {"expires": "day", "until": "0000-00-00"},
        ],
        ids=str,
    )
    def test_a_form_that_is_wrong_makes_nothing_and_says_why(self, member, wrong):
        answer = create(member, **wrong)
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode() and not TOKEN.search(answer.content.decode())
        assert not ApiToken.objects.exists()

    def test_a_nul_is_refused(self, member):
        assert create(member, name="a\0b").status_code == 400
        assert not ApiToken.objects.exists()

    def test_no_one_has_more_than_so_many(self, member, cast):
        for number in range(MAX_TOKENS):
            make_token(cast.member, name=f"token {number}")
        answer = create(member)
        assert answer.status_code == 422
        assert "You have 50 tokens already. Revoke one that you no longer need." in answer.content.decode()
        assert ApiToken.objects.count() == MAX_TOKENS

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_people_confirm_who_they_are_first(self, cast, client, method):
        browser = sign_in(client, cast.member)
        session = browser.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 301}]
        session.save()
        answer = getattr(browser, method)(NEW, FORM)
        assert answer.status_code == 302
        assert answer.url == f"/me/confirm/?next={NEW.replace('/', '%2F')}"
        assert not ApiToken.objects.exists()
        assert browser.get(PLACE).status_code == 200

    def test_guests_have_tokens_that_do_what_they_may_do(self, client):
        browser = sign_in(client, make_user("gus", User.Role.GUEST))
        offered = re.findall(r'name="scopes" value="(\w+)"', page(browser, NEW))
        assert offered == ["read", "links", "qbittorrent"]
        assert create(browser, scopes=["read"]).status_code == 200
        assert create(browser, scopes=["add"]).status_code == 422

    @pytest.mark.parametrize(
        ("on", "offered"),
        [
            (["rest"], ["read", "add", "manage", "links"]),
            (["qbittorrent"], ["qbittorrent"]),
            (["webdav"], ["read", "links"]),
            (["qbittorrent", "webdav"], ["read", "links", "qbittorrent"]),
        ],
    )
    def test_only_what_a_way_in_asks_for_is_offered(self, member, settings, on, offered):
        settings.API_PROTOCOLS = on
        fields = page(member, NEW)
        assert re.findall(r'name="scopes" value="(\w+)"', fields) == offered
        assert len(re.findall(r'name="scopes" value="\w+"[^>]*checked', fields)) == (len(offered) == 1)

    def test_each_box_has_a_sentence(self, member):
        said = words(page(member, NEW))
        for scope in Scope:
            assert str(scope.label) in said
        assert "See torrents, files, tags, activity, and usage." in said


class TestRows:
    def test_the_newest_comes_first(self, member, cast):
        for name in ("first", "second"):
            make_token(cast.member, name=name)
        assert [row.split()[0] for row in rows(member)] == ["second", "first"]

    @pytest.mark.parametrize(
        ("scopes", "said"),
        [
            ([Scope.READ], "Read"),
            ([Scope.LINKS, Scope.READ], "Read, links"),
            ([Scope.QBITTORRENT], "qBittorrent"),
            ([*Scope], "Read, add, manage, links, qBittorrent"),
        ],
    )
    def test_a_row_says_what_the_token_can_do(self, member, cast, scopes, said):
        make_token(cast.member, *scopes, name="Kodi")
        assert rows(member)[0].startswith(f"Kodi {said} Last used")

    @pytest.mark.parametrize(
        ("days_ago", "said"),
        [
            (0, "Today, 192.168.1.20"),
            (1, "Yesterday, 192.168.1.20"),
            (2, "Nov 28, 192.168.1.20"),
            (400, "Oct 26, 2025, 192.168.1.20"),
            (-1, "Today, 192.168.1.20"),
        ],
    )
    def test_a_row_says_when_and_from_where_the_token_was_used(
        self, member, cast, time_machine, days_ago, said
    ):
        time_machine.move_to("2026-11-30 12:00:00+00:00", tick=False)
        browser = sign_in(Client(), cast.member)
        used = date(2026, 11, 30) - days_ago * DAY
        token = make_token(cast.member)
        ApiToken.objects.filter(pk=token.row.pk).update(last_used_on=used, last_used_from="192.168.1.20")
        assert f"Last used: {said} Expires" in rows(browser)[0]

    def test_today_is_where_the_person_of_the_token_is(self, cast, time_machine):
        time_machine.move_to("2026-11-30 08:00:00+00:00", tick=False)
        User.objects.filter(pk=cast.member.pk).update(time_zone="America/Los_Angeles")  # where it is midnight
        token = make_token(cast.member)
        ApiToken.objects.filter(pk=token.row.pk).update(last_used_on=date(2026, 11, 29))
        for person in (cast.member, cast.owner):
            assert "Last used: Yesterday Expires" in rows(sign_in(Client(), person))[0]

    def test_a_token_that_was_never_used_and_never_ends_says_so(self, member, cast):
        make_token(cast.member)
        assert "Last used: Never Expires: Never" in rows(member)[0]

    def test_a_use_shows_on_the_page(self, member, cast):
        program_with(make_token(cast.member)).get(
            "/qbittorrent/api/v2/app/version", REMOTE_ADDR="192.168.1.20"
        )
        assert "Last used: Today, 192.168.1.20" in rows(member)[0]

    def test_a_row_says_when_the_token_expires_or_expired(self, cast, time_machine):
        time_machine.move_to("2026-11-30 12:00:00+00:00", tick=False)
        browser = sign_in(Client(), cast.member)
        make_token(cast.member, name="a", expires_at=timezone.now() + 91 * DAY)
        make_token(cast.member, name="b", expires_at=timezone.now() - DAY)
        assert [row.partition("Expires: ")[2] for row in rows(browser)] == [
            "Expired Nov 29 Revoke",
            "Mar 1, 2027 Revoke",
        ]
        assert page(browser).count("token-row over") == 1

    def test_tokens_of_another_secret_key_are_told_apart(self, member, cast, settings):
        make_token(cast.member)
        assert "SECRET_KEY" not in page(member)
        ApiToken.objects.update(key_mark="00000000")
        assert "SECRET_KEY has changed, so tokens from before no longer work." in words(page(member))
        assert "Stopped working" in rows(member)[0]

    def test_names_are_text(self, member, cast):
        make_token(cast.member, name="<script>alert(1)</script>")
        assert "<script>alert" not in page(member)
        assert rows(member)[0].startswith("<script>alert(1)</script>")
        answer = create(member, name="<b>%(name)s</b>")
        assert "Token for <b>%(name)s</b> created." in words(answer.content.decode())

    def test_a_new_person_is_told_what_tokens_are(self, member):
        said = words(page(member))
        assert "No tokens yet A token is a password for one program." in said
        assert page(member).count(f'href="{NEW}"') == 1


class TestRevoking:
    def test_it_asks_and_the_token_is_gone(self, member, cast):
        token = make_token(cast.member, name="Sonarr")
        address = reverse("api:revoke_token", args=[token.row.pk])
        asked = member.get(address, headers=HTMX)
        assert "Revoke Sonarr? Programs that use this token stop working right away." in words(
            asked.content.decode().replace("\u2068", "").replace("\u2069", "")
        )
        assert find(token.text)
        done = member.post(address, headers=HTMX)
        assert done.status_code == 204 and "tokens-changed" in done["HX-Trigger"]
        assert find(token.text) is None

    def test_it_works_without_a_script(self, member, cast):
        token = make_token(cast.member, name="Sonarr")
        address = reverse("api:revoke_token", args=[token.row.pk])
        assert "<dialog" not in page(member, address)
        done = member.post(address, follow=True)
        assert done.redirect_chain == [(PLACE, 302)] and "Revoked the token" in done.content.decode()

    def test_others_cannot(self, member, cast):
        theirs = make_token(cast.outsider)
        address = reverse("api:revoke_token", args=[theirs.row.pk])
        assert [member.get(address).status_code, member.post(address).status_code] == [404, 404]
        assert find(theirs.text)

    def test_an_owner_sees_and_revokes_those_of_everyone(self, cast, client):
        owner = sign_in(client, cast.owner)
        mine, theirs = make_token(cast.owner, name="Mine"), make_token(cast.member, Scope.READ, name="Theirs")
        own, other = page(owner).split("Tokens of other people")
        assert "Mine" in own and "Theirs" not in own
        assert "Theirs Member · Read Last used" in words(other)
        address = reverse("api:revoke_token", args=[theirs.row.pk])
        assert "Programs of Member that use this token" in words(page(owner, address))
        owner.post(address)
        assert find(theirs.text) is None and find(mine.text)
        assert "Tokens of other people" not in page(owner)

    def test_tokens_of_a_suspended_person_show_that_they_do_not_work(self, cast, client):
        make_token(cast.member)
        User.objects.filter(pk=cast.member.pk).update(is_active=False)
        assert page(sign_in(client, cast.owner)).count("token-row over") == 1

    @pytest.mark.parametrize("role", [User.Role.MEMBER, User.Role.GUEST])
    def test_no_one_else_sees_them(self, cast, role):
        make_token(cast.owner, name="Theirs")
        browser = sign_in(Client(), make_user("someone", role))
        assert "Theirs" not in page(browser) and "other people" not in page(browser)

    def test_an_owner_sees_so_many_at_most(self, cast, client):
        people = [make_user(f"person{number}") for number in range(MAX_BY_OTHERS // MAX_TOKENS + 1)]
        for person in people:
            for number in range(MAX_TOKENS):
                make_token(person, name=f"{number}")
        shown = page(sign_in(client, cast.owner))
        assert len(ROW.findall(shown)) == MAX_BY_OTHERS and "There are more tokens" in shown


class TestAddresses:
    def test_each_way_in_has_one_to_copy(self, member, settings):
        settings.SITE_URL = "https://torbox.example.org/box"
        below = page(member).partition('id="api-addresses"')[2]
        found = re.findall(r'value="(https://[^"]+)"', below)
        assert found == [
            "https://torbox.example.org/box/api/v1/",
            "https://torbox.example.org/box/qbittorrent/",
            "https://torbox.example.org/box/dav/",
        ]
        assert below.count("<copy-text data-toast") == 3

    def test_those_that_are_off_are_not_there(self, member, settings):
        settings.API_PROTOCOLS = ["qbittorrent"]
        below = page(member).partition('id="api-addresses"')[2]
        assert "/qbittorrent/" in below and "/api/v1/" not in below and "/dav/" not in below

    def test_with_none_on_there_is_no_page_and_no_entry(self, member, cast, settings):
        settings.API_PROTOCOLS = []
        token = make_token(cast.member)
        for address in (PLACE, NEW, reverse("api:revoke_token", args=[token.row.pk])):
            assert (address, member.get(address).status_code) == (address, 404)
        assert f'href="{PLACE}"' not in page(member, "/me/profile/")

    def test_the_entry_comes_after_links_and_says_how_many_there_are(self, member, cast):
        entries = re.findall(r'<span class="side-label">(\w+)', page(member, "/me/"))
        assert entries[entries.index("Links") + 1] == "API"
        make_token(cast.member)
        assert "API 1 token" in words(page(member, "/me/"))
