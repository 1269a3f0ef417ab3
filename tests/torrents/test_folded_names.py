"""Names are folded one way: what is stored, what people type, and what the list is ordered by."""

from __future__ import annotations

import unicodedata

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import give_files, make_hash, make_torrent
from torbox.magnets import Magnet
from torrents.folding import fold, natural_key, path_key, words_of
from torrents.models import Activity, Torrent
from torrents.services.actions.adding import NewTorrent, Options, add
from torrents.services.sync import refreshing

LIST, BULK, ACTIVITY = "torrents:list", "torrents:bulk", "torrents:activity"
NAME = "L\u2019\u00c9t\u00e9.Meurtrier_(1983)-Film \u201eNoir\u201c"


HASHES = {"...": "9" * 40, "": "f" * 40}  # what has no letters is where its info hash is


def names(client, **query) -> list[str]:
    return [row.name for row in client.get(reverse(LIST), query).context["listing"].rows]


@pytest.fixture
def summer(cast):
    row = make_torrent(cast.account, NAME)
    give_files(row, ["Ete/Cha\u00eene d'Or.part_02.mkv", "Ete/Stra\u00dfe nach Z\u0142oty Stok.srt"])
    make_torrent(cast.account, "Something else")
    return row


@pytest.mark.parametrize(
    "query",
    [
        "l'\u00e9t\u00e9 meurtrier",
        "L ETE MEURTRIER",
        "ete.meurtrier",
        "meurtrier l\u2019ete",
        "1983 ete",
        "E\u0301TE\u0301",
        'film "noir"',
        "film-noir",
        "chaine d\u2019or",
        "PART 02 CHAINE",
        "part.02.mkv",
        "strasse zloty",
        "noir srt",
        "\ufb01lm",
        "_ete_",
    ],
)
def test_the_search_finds_words_in_any_order_without_case_marks_and_separators(summer, cast, sign_in, query):
    assert names(sign_in(cast.owner), q=query) == [NAME]


@pytest.mark.parametrize("query", ["ete 1984", "meurtrier nowhere", "-", "...", "\u0301", "'\u201d"])
def test_every_word_has_to_be_found_and_a_search_without_words_finds_nothing(summer, cast, sign_in, query):
    client = sign_in(cast.owner)
    assert names(client, q=query) == []
    client.post(reverse(BULK), {"action": "delete", "matching": f"tab=all&q={query}"})
    assert Torrent.objects.listed().count() == 2


def test_what_is_done_to_everything_that_matches_is_done_to_what_the_search_shows(summer, cast, sign_in):
    sign_in(cast.owner).post(reverse(BULK), {"action": "delete", "matching": "tab=all&q=ETE+d%27or"})
    assert list(Torrent.objects.listed().values_list("name", flat=True)) == ["Something else"]


def test_the_beginning_of_an_info_hash_still_finds_its_torrent(summer, cast, sign_in):
    client = sign_in(cast.owner)
    assert names(client, q=summer.info_hash[:9].upper()) == names(client, q=summer.info_hash) == [NAME]
    assert names(client, q=summer.info_hash[1:]) == []


def test_sorted_by_name_letters_with_marks_are_among_the_others_and_numbers_count(cast, sign_in):
    ordered = [
        "...",
        "a 2",
        "A.10",
        "\u00c9clair",
        "eclipse",
        "\u00e9\u00e9",
        "",
        "\u00f8l 1",
        "\u00d8l 9",
        "Zebra 1",
    ]
    ordered += ["zebra-02", "Zebra 10"]
    for name in reversed(ordered):
        make_torrent(cast.account, name, file_count=0, info_hash=HASHES.get(name, make_hash(name)))
    assert names(sign_in(cast.owner), sort="name") == ordered


def test_every_service_that_writes_a_name_folds_it(cast, sim):
    def is_folded(row: Torrent) -> bool:
        return (row.folded_name, row.sort_name) == (
            fold(row.name),
            natural_key(row.name)[:100] or row.info_hash,
        )

    work = sim.control.make_work("L\u2019\u00c9t\u00e9 10", {"a.mkv": 10})
    new_torrent = NewTorrent(Magnet(work.info_hash, "\u00c9t\u00e9 2"))
    add(
        person=cast.owner,
        account=cast.account,
        new_torrents=[new_torrent, NewTorrent(Magnet(make_hash("x")))],
        options=Options(),
    )
    assert {row.name: is_folded(row) for row in Torrent.objects.all()} == {"\u00c9t\u00e9 2": True, "": True}
    sim.control.seed(torrents=[{"key": cast.key, "work": work, "state": "completed"}])
    refreshing.refresh(cast.account, fresh=True)
    row = Torrent.objects.get(info_hash=work.info_hash)
    assert row.name == "L\u2019\u00c9t\u00e9 10" and is_folded(row) and row.sort_name == "l ete 210"
    Torrent.objects.filter(pk=row.pk).update(status="failed")
    options = Options(name="\u00c0 neuf")
    add(person=cast.owner, account=cast.account, new_torrents=[new_torrent], options=options)
    row.refresh_from_db()
    assert (row.name, is_folded(row)) == ("\u00c0 neuf", True)


def test_the_activity_is_searched_in_the_same_way(cast, sign_in):
    row = make_torrent(cast.account, NAME)
    Activity.about(row, "failed", upstream_detail="No peers: d\u00e9sol\u00e9.").save()
    client = sign_in(cast.owner)

    def found(query: str) -> int:
        return len(client.get(reverse(ACTIVITY), {"q": query}).context["page"].lines)

    assert [found("meurtrier l'ete"), found("DESOLE noir"), found("nowhere ete"), found("-")] == [1, 1, 0, 0]


def test_the_filter_of_a_torrent_s_files_folds_as_the_search_does_and_counts(cast, sign_in):
    row = make_torrent(cast.account, "Show", file_count=0)
    give_files(
        row, [f"Show/Sai\u017fon 1/\u00c9pisode_{number}.mkv" for number in (10, 9, 1)] + ["Show/x.srt"]
    )
    panel = sign_in(cast.owner).get(reverse("torrents:files", args=[row.pk]), {"find": "EPISODE saison"})
    found = [file.name for file in panel.context["level"].rows]
    assert found == ["\u00c9pisode_1.mkv", "\u00c9pisode_9.mkv", "\u00c9pisode_10.mkv"]


@given(st.text(max_size=60))
def test_folding_again_changes_nothing_and_case_and_spelling_make_no_difference(text):
    folded = fold(text)
    assert fold(folded) == folded and "\0" not in folded
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == folded


@given(st.text(max_size=40), st.text(max_size=40))
def test_every_word_of_a_name_finds_it(name, other):
    assert all(word in fold(f"{other}{name}") for word in words_of(name)[:3] if word in fold(name))
    assert all(word in fold(f"{other} {name}") for word in words_of(name))


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_are_ordered_by_what_they_count(one, other):
    keys = [natural_key(f"part {number}.mkv") for number in (one, other)]
    assert (keys[0] < keys[1], keys[0] == keys[1]) == (one < other, one == other)


def test_words_that_are_part_of_another_are_not_looked_for_twice():
    assert words_of("part art 7 PART 77") == ["part", "77"]


def test_paths_are_ordered_as_a_file_tree_shows_them():
    paths = ["b.mkv", "A 10/x", "a 2/x", "A 2/b/y", "10.mkv", "2.mkv"]
    assert sorted(paths, key=path_key) == ["A 2/b/y", "a 2/x", "A 10/x", "2.mkv", "10.mkv", "b.mkv"]
