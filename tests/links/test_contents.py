"""A link leads to its files and to no others, also when they are many, oddly named, or moved."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

import pytest
from django.utils import timezone

from accounts.models import Share
from links.endings import NoSuchItem, NotNow
from links.models import LastingLink
from links.services import making
from links.services.contents import (
    MAX_MEDIA,
    LinkFile,
    files_of,
    find_file,
    linked,
    main_item,
    media_of,
    zip_of,
)
from links.services.opening import Opened, open_link
from tests.factories import give_files, make_account, make_key, make_torrent, tag
from tests.links.factories import file_named, make_export, make_list, make_share
from torrents.models import Torrent, TorrentFile
from torrents.states import Status

pytestmark = pytest.mark.django_db
Part = LastingLink.Part
PATHS = [
    "Show/part 10.mkv",
    "Show/part 2.mkv",
    "Show/Season 1/two.mkv",
    "Show/Season 1/one.mkv",
    "Show/season 1/three.mkv",
    "Show/Season 10/ten.mkv",
    "Show/notes.txt",
    "Show/song.flac",
]


@pytest.fixture
def torrent(cast) -> Torrent:
    torrent = make_torrent(cast.account, "Show", file_count=0)
    give_files(torrent, PATHS)
    return torrent


def reopen(opened: Opened) -> Opened:
    return open_link(opened.token)


def paths(files: list[LinkFile]) -> list[str]:
    return [file.path for file in files]


def leads_nowhere(opened: Opened, ref: str) -> bool:
    try:
        find_file(reopen(opened), ref)
    except NoSuchItem:
        return True
    return False


def test_files_are_in_the_order_of_a_file_tree(cast, torrent):
    assert paths(files_of(make_share(cast.member, torrent))) == [
        "Show/Season 1/one.mkv",
        "Show/season 1/three.mkv",
        "Show/Season 1/two.mkv",
        "Show/Season 10/ten.mkv",
        "Show/notes.txt",
        "Show/part 2.mkv",
        "Show/part 10.mkv",
        "Show/song.flac",
    ]


def test_a_file_has_what_torbox_says_of_it(cast, torrent):
    TorrentFile.objects.filter(path="Show/song.flac").update(size=77, remote_id=99, mime_type="audio/flac")
    file = file_named(make_share(cast.member, torrent), "song.flac")
    assert (file.size, file.remote_id, file.mime_type, file.media) == (77, 99, "audio/flac", "audio")
    assert (file.is_zip, file.torrent) == (False, torrent)


@pytest.mark.parametrize("make", [make_share, make_export])
def test_each_file_is_found_by_its_ref(cast, torrent, make):
    opened = make(cast.member, torrent)
    files = files_of(opened)
    assert [find_file(reopen(opened), file.ref) for file in files] == files
    assert len({file.ref for file in files}) == len(files)


@pytest.mark.parametrize(
    "path",
    [
        "Show/\ud800broken.mkv",
        "Show/new\nline.mkv",
        "Show/\u202eexe.mkv",
        "Show/" + "long" * 900 + ".mkv",
        "/leading.mkv",
        "..//../up.mkv",
        "single",
        " ",
        "Show/é.mkv",
        "Show/e\u0301.mkv",
    ],
)
def test_files_with_odd_names_are_found(cast, torrent, path):
    if "\ud800" not in path:  # no database stores it, but the key of a file must not fail with it
        give_files(torrent, [path, "Show/other.mkv"])
        opened = make_share(cast.member, torrent)
        file = next(file for file in files_of(opened) if file.path == path)
        assert find_file(reopen(opened), file.ref).path == path
    else:
        file = linked(make_share(cast.member, torrent), TorrentFile(torrent=torrent, path=path, remote_id=1))
        assert len(file.ref) == 16


def test_a_path_without_text_is_no_file(cast, torrent):
    give_files(torrent, ["", "Show/a.mkv"])
    opened = make_share(cast.member, torrent)
    assert paths(files_of(opened)) == ["Show/a.mkv"]
    assert main_item(opened).path == "Show/a.mkv"


def test_a_path_that_torbox_lists_twice_leads_to_one_of_them(cast, torrent):
    give_files(torrent, ["Show/a.mkv", "Show/a.mkv"])
    opened = make_share(cast.member, torrent)
    for file in files_of(opened):
        assert find_file(opened, file.ref).remote_id == 0
    assert main_item(opened).path == "Show/a.mkv"


def test_refs_of_other_links_files_and_torrents_lead_nowhere(cast, torrent):
    other = make_torrent(cast.account, "Other", file_count=0)
    give_files(other, PATHS)
    mine = make_share(cast.member, torrent)
    for stranger in (
        make_share(cast.member, torrent),
        make_share(cast.member, other),
        make_list(cast.member),
    ):
        refs = [file.ref for file in files_of(stranger) or media_of(stranger)]
        assert refs
        assert all(leads_nowhere(mine, ref.rpartition(".")[2]) for ref in refs)


def test_a_changed_ref_leads_nowhere(cast, torrent):
    opened = make_share(cast.member, torrent)
    ref = files_of(opened)[0].ref
    for wrong in (ref.swapcase(), ref[::-1], "A" * 16, "-" * 16, f"{torrent.pk}.{ref}", f"0.{ref}"):
        assert leads_nowhere(opened, wrong)


@pytest.mark.parametrize(
    ("part", "path", "inside"),
    [
        (Part.FOLDER, "Show/Season 1", {"Show/Season 1/two.mkv", "Show/Season 1/one.mkv"}),
        (Part.FILE, "Show/notes.txt", {"Show/notes.txt"}),
    ],
)
def test_a_link_to_a_part_leads_to_no_other_part(cast, torrent, part, path, inside):
    opened = make_share(cast.member, torrent)
    refs = {file.path: file.ref for file in files_of(opened)}
    zip_ref = main_item(opened).ref
    making.change(person=cast.member, link=opened.link, part=part, path=path)
    narrowed = reopen(opened)
    assert set(paths(files_of(narrowed))) == inside
    assert {path for path, ref in refs.items() if not leads_nowhere(opened, ref)} == inside
    assert leads_nowhere(opened, zip_ref)


class TestMainItem:
    def test_it_is_the_zip_of_several_files(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        item = main_item(opened)
        assert (item.is_zip, item.name, item.size, item.media) == (True, "Show.zip", None, "")
        assert find_file(opened, item.ref) == item == zip_of(opened)

    def test_it_is_the_only_file(self, cast, torrent):
        give_files(torrent, ["Show/film.mkv"])
        for make in (make_share, make_export):
            assert main_item(make(cast.member, torrent)).path == "Show/film.mkv"

    def test_of_a_part_it_is_the_only_file_of_it(self, cast, torrent):
        file = make_share(cast.member, torrent, part=Part.FILE, path="Show/notes.txt")
        folder = make_share(cast.member, torrent, part=Part.FOLDER, path="Show/Season 10")
        assert main_item(file).path == "Show/notes.txt"
        assert main_item(folder).path == "Show/Season 10/ten.mkv"

    def test_a_folder_of_several_files_has_none(self, cast, torrent):
        opened = make_share(cast.member, torrent, part=Part.FOLDER, path="Show/Season 1")
        with pytest.raises(NoSuchItem):
            main_item(opened)

    def test_an_export_of_several_files_has_none_since_no_address_leads_to_another(self, cast, torrent):
        with pytest.raises(NoSuchItem):
            main_item(make_export(cast.member, torrent))

    def test_an_exported_zip_has_a_ref_of_its_own(self, cast, torrent):
        opened = make_export(cast.member, torrent)
        assert find_file(reopen(opened), zip_of(opened).ref).is_zip

    def test_a_list_has_none(self, cast, torrent):
        opened = make_list(cast.member)
        for item in (main_item, zip_of):
            with pytest.raises(NoSuchItem):
                item(opened)

    def test_a_torrent_without_known_files_is_taken_as_a_zip(self, cast, torrent):
        torrent.files.all().delete()
        assert main_item(make_share(cast.member, torrent)).is_zip


class TestAddedAgain:
    def test_files_are_found_by_path_under_new_ids(self, cast, torrent):
        opened = make_share(cast.member, torrent, part=Part.FILE, path="Show/part 2.mkv")
        whole = make_share(cast.member, torrent)
        refs = {file.path: file.ref for file in files_of(whole)}
        give_files(torrent, PATHS[::-1])
        assert {file.path: file.ref for file in files_of(reopen(whole))} == refs
        found = find_file(reopen(whole), refs["Show/part 2.mkv"])
        assert found.remote_id == PATHS[::-1].index("Show/part 2.mkv")
        assert main_item(reopen(opened)).remote_id == found.remote_id

    @pytest.mark.parametrize("status", [Status.WAITING, Status.QUEUED, Status.METADATA, Status.DOWNLOADING])
    def test_before_torbox_lists_the_files_a_file_isnt_there_yet(self, cast, torrent, status):
        opened = make_share(cast.member, torrent, part=Part.FILE, path="Show/part 2.mkv")
        ref = files_of(opened)[0].ref
        torrent.files.all().delete()
        Torrent.objects.update(status=status)
        for find in (main_item, lambda opened: find_file(opened, ref)):
            with pytest.raises(NotNow) as later:
                find(reopen(opened))
            assert later.value.retry_after > 0

    @pytest.mark.parametrize("status", [Status.READY, Status.FAILED, Status.GONE])
    def test_what_ended_without_the_file_doesnt_have_it(self, cast, torrent, status):
        opened = make_share(cast.member, torrent, part=Part.FILE, path="Show/part 2.mkv")
        ref = files_of(opened)[0].ref
        torrent.files.all().delete()
        Torrent.objects.update(status=status)
        assert leads_nowhere(opened, ref)
        with pytest.raises(NoSuchItem):
            main_item(reopen(opened))

    def test_a_renamed_torrent_keeps_its_addresses(self, cast, torrent):
        opened = make_share(cast.member, torrent)
        refs = [file.ref for file in files_of(opened)]
        torrent.set_name("Another name")
        torrent.save()
        assert [find_file(reopen(opened), ref).path for ref in refs] == paths(files_of(opened))


class TestLists:
    @pytest.fixture
    def films(self, cast) -> list[Torrent]:
        """Return torrents, the oldest first."""
        now = timezone.now()
        return [
            make_torrent(
                cast.account, f"Film {number}", remote_id=number, added_at=now - timedelta(days=9 - number)
            )
            for number in range(3)
        ]

    def test_it_has_the_media_of_ready_torrents_the_newest_first(self, cast, films, torrent):
        Torrent.objects.filter(pk=torrent.pk).update(added_at=timezone.now() - timedelta(days=8, hours=1))
        make_torrent(cast.account, "Moving", status=Status.DOWNLOADING)
        make_torrent(cast.account, "Text", file_count=0)
        make_torrent(cast.account, "Without an id", remote_id=None)
        assert paths(media_of(make_list(cast.member))) == [
            "Film 2/part 0.mkv",
            "Film 1/part 0.mkv",
            "Show/Season 1/one.mkv",
            "Show/season 1/three.mkv",
            "Show/Season 1/two.mkv",
            "Show/Season 10/ten.mkv",
            "Show/part 2.mkv",
            "Show/part 10.mkv",
            "Show/song.flac",
            "Film 0/part 0.mkv",
        ]

    def test_it_grows_and_shrinks_with_what_its_query_selects(self, cast, films):
        opened = make_list(cast.member, query={"tag": ["kids"], "sort": "name"})
        assert media_of(reopen(opened)) == []
        for film in films[:2]:
            tag(film, "kids")
        assert paths(media_of(reopen(opened))) == ["Film 1/part 0.mkv", "Film 0/part 0.mkv"]
        [ref, _] = [file.ref for file in media_of(reopen(opened))]
        tag(films[1])
        assert paths(media_of(reopen(opened))) == ["Film 0/part 0.mkv"]
        assert leads_nowhere(opened, ref)

    def test_its_files_are_found_by_ref(self, cast, films):
        opened = make_list(cast.member)
        for file in media_of(opened):
            found = find_file(reopen(opened), file.ref)
            assert (found.path, found.torrent, found.ref) == (file.path, file.torrent, file.ref)
            assert found.torrent.account == cast.account

    def test_no_other_file_or_torrent_is_found(self, cast, films):
        opened = make_list(cast.member)
        first, second, _ = media_of(opened)
        key = first.ref.partition(".")[2]
        assert leads_nowhere(opened, key)
        assert leads_nowhere(opened, f"{second.torrent.pk}.{key}")
        assert leads_nowhere(opened, f"{first.torrent.pk}.{'A' * 16}")
        assert leads_nowhere(opened, f"{10**17}.{key}")

    def test_it_has_what_its_maker_sees_now(self, cast, films):
        other = make_account(cast.outsider, make_key("another"), "Theirs")
        theirs = make_torrent(other, "Theirs")
        opened = make_list(cast.member)
        refs = [file.ref for file in media_of(opened)]
        Torrent.objects.filter(pk=films[0].pk).update(hidden=True)
        assert paths(media_of(reopen(opened))) == ["Film 2/part 0.mkv", "Film 1/part 0.mkv"]
        assert leads_nowhere(opened, refs[2])
        Share.objects.filter(user=cast.member).delete()
        assert media_of(reopen(opened)) == []
        assert all(leads_nowhere(opened, ref) for ref in refs)
        Share.objects.create(account=other, user=cast.member)
        assert [file.torrent for file in media_of(reopen(opened))] == [theirs]

    def test_a_torrent_that_left_its_tab_by_being_downloaded_is_still_found(self, cast, films):
        Torrent.objects.update(removal_at=timezone.now() + timedelta(days=2))
        opened = make_list(cast.member, query={"tab": "expiring"})
        refs = [file.ref for file in media_of(opened)]
        assert len(refs) == 3
        Torrent.objects.update(removal_at=timezone.now() + timedelta(days=30))
        assert media_of(reopen(opened)) == []
        assert not any(leads_nowhere(opened, ref) for ref in refs)

    def test_it_has_no_files_of_one_torrent(self, cast, films):
        assert files_of(make_list(cast.member)) == []

    def test_it_ends_after_as_many_as_asked_for(self, cast):
        for number in range(3):
            make_torrent(cast.account, f"Show {number}", remote_id=number, file_count=900)
        opened = make_list(cast.member)
        assert len(media_of(opened)) == MAX_MEDIA
        assert len(media_of(opened, 500)) == 500
        assert {file.torrent.name for file in media_of(opened, 500)} == {"Show 2"}

    def test_many_torrents_take_few_queries(self, cast, django_assert_max_num_queries):
        for number in range(150):
            make_torrent(cast.account, f"Film {number}", remote_id=number)
        opened = make_list(cast.member)
        with django_assert_max_num_queries(6):
            assert len(media_of(opened)) == 150

    def test_a_stored_query_that_isnt_one_selects_everything(self, cast, films):
        opened = make_list(cast.member)
        for query in ([], "text", {"tab": 7, "tag": {"a": 1}}, {"unknown": "1"}):
            LastingLink.objects.update(query=query)
            assert len(media_of(reopen(opened))) == 3


def test_a_file_among_20_000_is_found_quickly(cast, torrent, django_assert_num_queries):
    give_files(torrent, [f"Show/disc {n // 100}/a file with a longer name {n}.mkv" for n in range(20_000)])
    opened = make_share(cast.member, torrent)
    last = linked(opened, torrent.files.get(path="Show/disc 199/a file with a longer name 19999.mkv"))
    times = []
    for _ in range(5):
        before = perf_counter()
        with django_assert_num_queries(2):
            assert find_file(opened, last.ref) == last
        times.append(perf_counter() - before)
    assert min(times) < 0.5  # about 0.05 on the machine it was written on
