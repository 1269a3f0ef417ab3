"""What WebDAV clients see: torrents that are ready, by name, by tag, and the newest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from api.dav.propfind import MAX_BODY, XML
from tests.api.dav.client import DAV, asking_for, listed, names, prop, propfind
from tests.factories import give_files, make_account, make_hash, make_key, make_torrent, tag
from torrents.states import Status

pytestmark = pytest.mark.django_db
BY_NAME = "/dav/by-name/"
HOSTILE = '../</D:href> "a" & ‮b\x1b: c?'


@pytest.fixture
def kodi(cast, program):
    return program(cast.member)


def test_the_top_has_three_folders(kodi):
    assert names(kodi, "/dav/") == ["by-name/", "by-tag/", "newest/"]


def test_torrents_that_are_ready_are_folders_with_their_files(cast, kodi):
    film = make_torrent(cast.account, "A film")
    give_files(film, ["A film/a film.mkv", "A film/subs/en.srt", "A film/subs/de.srt"])
    make_torrent(cast.account, "Not yet", status=Status.DOWNLOADING)
    assert names(kodi, BY_NAME) == ["A film/"]
    assert names(kodi, f"{BY_NAME}A film/") == ["a film.mkv", "subs/"]
    assert names(kodi, f"{BY_NAME}A film/subs/") == ["de.srt", "en.srt"]


def test_a_single_file_is_in_a_folder_of_its_own(cast, kodi):
    give_files(make_torrent(cast.account, "film.mkv"), ["film.mkv"])
    assert names(kodi, f"{BY_NAME}film.mkv/") == ["film.mkv"]


def test_tags_are_folders_and_the_newest_come_first(cast, kodi):
    now = timezone.now()
    for age, name in enumerate(["new", "older", "oldest"]):
        torrent = make_torrent(cast.account, name, added_at=now - timedelta(days=age))
        if name != "older":
            tag(torrent, "films/4K")
    assert names(kodi, "/dav/by-tag/") == ["films_4K/"]
    assert names(kodi, "/dav/by-tag/films_4K/") == ["new/", "oldest/"]
    assert names(kodi, "/dav/newest/") == ["new/", "older/", "oldest/"]
    assert names(kodi, "/dav/by-tag/films_4K/new/") == ["part 0.mkv"]
    assert propfind(kodi, "/dav/by-tag/films_4K/older/").status_code == 404


def test_torrents_of_one_name_have_different_folders(cast, kodi):
    make_torrent(cast.account, "Film", info_hash="a" * 40)
    make_torrent(cast.account, "Film", info_hash="b" * 40)
    make_torrent(cast.account, "Film [aaaaaaaa]", info_hash="c" * 40)
    found = names(kodi, BY_NAME)
    assert found == ["Film/", "Film [bbbbbbbb]/", "Film [aaaaaaaa] [cccccccc]/"]
    for name in found:
        assert names(kodi, BY_NAME + name) == ["part 0.mkv"]


def test_a_torrent_on_two_accounts_is_there_once(cast, program):
    make_torrent(cast.account, "Film")
    mine = make_account(cast.owner, make_key("second"))
    make_torrent(mine, "Film")
    assert names(program(cast.owner), BY_NAME) == ["Film/"]


def test_whatever_a_name_has_in_it_leads_back_to_its_torrent(cast, kodi):
    for name in (HOSTILE, "", "a/b", "trailing. ", "CON", "ü" * 400, "\ufffe", "x" * 300):
        give_files(make_torrent(cast.account, name), [f"{name}/{name}.mkv", "other/b.mkv"])
    found = names(kodi, BY_NAME)
    assert len(found) == 8 and len(set(found)) == 8
    for name in found:
        assert name.count("/") == 1 and not name.startswith(".")
        inside = listed(propfind(kodi, BY_NAME + name))
        assert len(inside) >= 2


def test_nobody_sees_what_is_hidden_or_on_another_account(cast, program):
    make_torrent(cast.account, "Hidden", hidden=True, added_by=cast.member)
    make_torrent(cast.account, "Shown")
    assert names(program(cast.viewer), BY_NAME) == ["Shown/"]
    assert names(program(cast.member), BY_NAME) == ["Hidden/", "Shown/"]
    assert names(program(cast.outsider), BY_NAME) == []
    assert propfind(program(cast.viewer), f"{BY_NAME}Hidden/").status_code == 404
    assert propfind(program(cast.outsider), f"{BY_NAME}Shown/part 0.mkv").status_code == 404


def test_folders_have_every_property_that_strict_clients_need(cast, kodi):
    make_torrent(cast.account, "Film")
    folder, torrent = listed(propfind(kodi, BY_NAME)).values()
    for one in (folder, torrent):
        assert one.find(f"{DAV}propstat/{DAV}prop/{DAV}resourcetype/{DAV}collection") is not None
        assert prop(one, "getlastmodified").endswith(" GMT") and prop(one, "creationdate").endswith("Z")
        assert prop(one, "displayname") and prop(one, "getetag")
        assert prop(one, "getcontentlength") is None


def test_a_folder_has_another_version_when_something_is_added_or_gone(cast, kodi):
    def version() -> str | None:
        return prop(listed(propfind(kodi, BY_NAME, depth="0"))[BY_NAME], "getetag")

    versions = [version()]
    film = make_torrent(cast.account, "Film")
    versions.append(version())
    make_torrent(cast.account, "Another", added_at=film.added_at)
    versions.append(version())
    film.delete()
    versions.append(version())
    assert all(before != after for before, after in zip(versions, versions[1:], strict=False))


def test_files_have_a_size_and_a_type(cast, kodi):
    make_torrent(cast.account, "Film")
    _, file = listed(propfind(kodi, f"{BY_NAME}Film/")).values()
    assert prop(file, "getcontentlength") == "1000"
    assert prop(file, "getcontenttype") == "video/x-matroska"
    assert file.find(f"{DAV}propstat/{DAV}prop/{DAV}resourcetype/{DAV}collection") is None


def test_a_client_gets_the_properties_it_asks_for_and_hears_which_are_unknown(cast, kodi):
    make_torrent(cast.account, "Film")
    body = asking_for(["getcontentlength", "quota"])
    resource = listed(propfind(kodi, f"{BY_NAME}Film/part 0.mkv", body, depth="0"))
    (file,) = resource.values()
    found, missing = file.findall(f"{DAV}propstat")
    assert [one.tag for one in found.find(f"{DAV}prop")] == [f"{DAV}getcontentlength"]
    assert [one.tag for one in missing.find(f"{DAV}prop")] == [f"{DAV}quota"]
    assert "404" in missing.findtext(f"{DAV}status")


def test_a_property_of_another_namespace_is_named_in_the_answer(cast, kodi):
    body = '<propfind xmlns="DAV:"><prop><x:a xmlns:x="urn:&quot;q&quot;&amp;"/></prop></propfind>'
    (top,) = listed(propfind(kodi, "/dav/", body, depth="0")).values()
    assert [one.tag for one in top.find(f"{DAV}propstat/{DAV}prop")] == ['{urn:"q"&}a']
    body = '<propfind xmlns="DAV:"><prop><xml:lang/></prop></propfind>'
    (top,) = listed(propfind(kodi, "/dav/", body, depth="0")).values()
    assert [one.tag for one in top.find(f"{DAV}propstat/{DAV}prop")] == [f"{{{XML}}}lang"]


@pytest.mark.parametrize(
    "unknown",
    [
        [f'<a{number} xmlns="urn:{"x" * 500}"/>' for number in range(100)],
        [f"<{'long' * 5_000}/>"],
        [f'<x:a xmlns:x="{"&amp;" * 1_000}"/>'],
        [f"<a{number}/>" for number in range(1_000)],
    ],
)
def test_a_list_of_unknown_properties_is_no_lever_for_huge_answers(cast, kodi, unknown):
    for name in "abcd":
        make_torrent(cast.account, name)
    body = f'<propfind xmlns="DAV:"><prop>{"".join(unknown)}<displayname/></prop></propfind>'
    assert len(body) < MAX_BODY
    answer = propfind(kodi, BY_NAME, body)
    assert answer.status_code == 400 and len(answer.content) < 100


def test_a_client_may_ask_for_as_many_unknown_properties_as_any_does(cast, kodi):
    unknown = [f'<n{number} xmlns="http://nextcloud.org/ns"/>' for number in range(40)]
    body = f'<propfind xmlns="DAV:"><prop>{"".join(unknown)}<displayname/></prop></propfind>'
    (top,) = listed(propfind(kodi, "/dav/", body, depth="0")).values()
    assert prop(top, "displayname") and len(top.findall(f"{DAV}propstat/{DAV}prop/*")) == 41


def test_a_client_may_ask_for_names_only(cast, kodi):
    (top,) = listed(
        propfind(kodi, "/dav/", '<propfind xmlns="DAV:"><propname/></propfind>', depth="0")
    ).values()
    assert prop(top, "displayname") == ""


@pytest.mark.parametrize(
    "body",
    [
        "no xml",
        "<propfind/>",
        '<propfind xmlns="DAV:">',
        '<!DOCTYPE a [<!ENTITY x "y">]><propfind xmlns="DAV:"><allprop/></propfind>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><propfind xmlns="DAV:"><allprop/></propfind>',
    ],
)
def test_a_body_that_is_no_propfind_is_refused(kodi, body):
    assert propfind(kodi, "/dav/", body).status_code == 400


def test_a_body_that_is_too_long_is_refused(kodi):
    assert propfind(kodi, "/dav/", " " * 70_000).status_code == 413


def test_nothing_is_listed_at_any_depth(kodi):
    got = propfind(kodi, "/dav/", depth="infinity")
    assert got.status_code == 403 and b"propfind-finite-depth" in got.content


@pytest.mark.parametrize(
    "path", ["nothing", "by-name/..", "by-name/._Film", "by-tag/none", "by-name/Film/x", "newest/Film/.."]
)
def test_a_path_that_leads_nowhere_is_not_found(cast, kodi, path):
    make_torrent(cast.account, "Film")
    assert propfind(kodi, f"/dav/{path}").status_code == 404


def test_the_files_of_a_torrent_that_was_added_again_are_the_new_ones(cast, kodi):
    film = make_torrent(cast.account, "Film", files_digest="1")
    assert names(kodi, f"{BY_NAME}Film/") == ["part 0.mkv"]
    give_files(film, ["Film/new.mkv"])
    film.files_digest = "2"
    film.save()
    assert names(kodi, f"{BY_NAME}Film/") == ["new.mkv"]


def test_a_listing_takes_few_queries_however_many_torrents(cast, kodi, django_assert_max_num_queries):
    for number in range(30):
        make_torrent(cast.account, f"Film {number}", info_hash=make_hash(str(number)))
    with django_assert_max_num_queries(10):
        assert len(names(kodi, BY_NAME)) == 30
