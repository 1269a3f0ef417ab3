"""Where files go: safe and unique on every system, and never outside of the folder."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from links.target_paths import MAX_NAME
from saving.target_names import PARTIAL, TEMPORARY, key, targets

BIDI = set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in (*range(10), "¹", "²", "³")
}
HOSTILE = [
    "../../etc/passwd",
    "/etc/cron.d/job",
    "Show/../../x.mkv",
    "Show/./x.mkv",
    "Show/..",
    "..",
    ".",
    "/",
    "//server/share/x.mkv",
    "C:\\Windows\\x.mkv",
    "..\\..\\x.mkv",
    "Show\\..\\x.mkv",
    "Show/x\x00.mkv",
    "Show/line\nbreak\r.mkv",
    "Show/\u202egpj.exe",
    "Show/\u2066x\u2069.mkv",
    "Show/ .. /x.mkv",
    "Show/... /x.mkv",
    "Show/\uff0e\uff0e/x.mkv",
    "Show/\u2025/x.mkv",
    "~/x.mkv",
    "-rf",
    "$(reboot).mkv",
    "Show/.htaccess",
    ".torbox-web",
    "Show/x.mkv.",
    "Show/x.mkv ",
    "Show /x.mkv",
    "",
    " ",
    "\u200b",
    "Show/" + "a/" * 3000 + "x.mkv",
    "Show/\ud800.mkv",
]


def assert_safe(target: str) -> None:
    parts = target.split("/")
    assert not target.startswith("/") and "\\" not in target and "\0" not in target
    assert not {unicodedata.category(char) for char in target} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(target) & BIDI and len(target.encode()) <= 4096 - 255
    for part in parts:
        assert part not in ("", ".", "..") and part == part.strip(". ")
        assert len(f"{part}.aria2".encode()) <= 255
        stem = unicodedata.normalize("NFKC", part.partition(".")[0]).strip().lower()
        assert stem not in DEVICES
        assert not set(part) & set(':*?"<>|')


def collides(one: str, other: str) -> bool:
    """Return whether two paths are the same if case and composition don't count, or one is a folder of the other."""
    first, second = (unicodedata.normalize("NFC", path).casefold() for path in (one, other))
    return first == second or first.startswith(f"{second}/") or second.startswith(f"{first}/")


class TestLayout:
    def test_a_single_file_goes_into_the_folder_itself(self):
        assert targets("A film", ["A film/film.mkv"], set()) == ("", ["film.mkv"])
        assert targets("A film", ["film.mkv"], set()) == ("", ["film.mkv"])

    def test_several_files_go_into_one_folder_with_their_own_folders(self):
        paths = ["Show/Season 1/1.mkv", "Show/Season 1/2.mkv", "Show/info.nfo"]
        expected = ["Show/Season 1/1.mkv", "Show/Season 1/2.mkv", "Show/info.nfo"]
        assert targets("Show", paths, set()) == ("Show", expected)

    def test_the_folder_is_called_like_the_torrent_and_replaces_the_one_that_all_files_are_in(self):
        paths = ["sh0w.s01/1.mkv", "sh0w.s01/2.mkv"]
        assert targets("My show", paths, set()) == ("My show", ["My show/1.mkv", "My show/2.mkv"])

    def test_folders_that_not_all_files_are_in_stay(self):
        paths = ["Season 1/1.mkv", "Season 2/1.mkv", "info.nfo"]
        assert targets("Show", paths, set())[1] == [
            "Show/Season 1/1.mkv",
            "Show/Season 2/1.mkv",
            "Show/info.nfo",
        ]

    def test_chosen_files_are_called_as_they_would_be_among_all(self):
        paths = ["Show/a.mkv", "Show/A.mkv", "Show/Season 1/1.mkv"]
        _, every = targets("Show", paths, set())
        assert every == ["Show/a.mkv", "Show/A (2).mkv", "Show/Season 1/1.mkv"]
        assert targets("Show", paths, set(), chosen=[1]) == ("Show", ["Show/A (2).mkv"])
        assert targets("Show", paths, set(), chosen=[2]) == ("Show", ["Show/Season 1/1.mkv"])

    def test_files_that_are_saved_later_join_the_others(self):
        taken = {key("Show"), key("Show (2)"), key("Show (2)/1.mkv")}
        paths = ["Show/1.mkv", "Show/2.mkv"]
        assert targets("Show", paths, taken, chosen=[1], base="Show (2)") == ("Show (2)", ["Show (2)/2.mkv"])
        assert targets("Show", paths, taken, chosen=[0], base="Show (2)")[1] == ["Show (2)/1 (2).mkv"]


class TestCollisions:
    @pytest.mark.parametrize(
        ("exists", "saved"),
        [
            (["Film.mkv"], "Film (2).mkv"),
            (["film.MKV"], "Film (2).mkv"),
            (["Film.mkv", "Film (2).mkv"], "Film (3).mkv"),
            (["Film.mkv", "Film (3).mkv"], "Film (2).mkv"),
            (["Film"], "Film.mkv"),
        ],
    )
    def test_a_single_file_gets_a_number_before_its_extension(self, exists, saved):
        assert targets("x", ["Film.mkv"], set(map(key, exists))) == ("", [saved])

    @pytest.mark.parametrize("exists", ["Show.S01.1080p", "SHOW.s01.1080P", "Ｓhow.S01.1080p"])
    def test_a_folder_gets_a_number_at_its_end(self, exists):
        base, saved = targets("Show.S01.1080p", ["1.mkv", "2.mkv"], {key(exists)})
        assert (base, saved[0]) == ("Show.S01.1080p (2)", "Show.S01.1080p (2)/1.mkv")

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Caf\u00e9.mkv", "Cafe\u0301.mkv"),
            ("STRASSE", "stra\u00dfe"),
            ("\ufb01lm", "film"),
            ("\u2126", "\u03c9"),
            ("a\u200db", "ab"),
            ("\u0130", "i\u0307"),
        ],
    )
    def test_what_some_file_system_takes_for_the_same_has_one_key(self, one, other):
        assert key(one) == key(other) and len(key(one)) == 64

    @pytest.mark.parametrize(("one", "other"), [("a.mkv", "b.mkv"), ("a/b", "a b"), ("a", "a/b")])
    def test_what_differs_has_different_keys(self, one, other):
        assert key(one) != key(other)

    def test_ten_thousand_torrents_of_one_name_find_their_numbers_quickly(self):
        taken: set[str] = {key("Film.mkv")} | {key(f"Film ({number}).mkv") for number in range(2, 10_001)}
        looked = Counting(taken)
        assert targets("x", ["Film.mkv"], looked) == ("", ["Film (10001).mkv"])
        assert looked.times < 50

    def test_many_files_that_only_differ_in_what_isnt_allowed_stay_apart(self):
        paths = [f"Show/a{char}b.mkv" for char in ':*?"<>|\\' * 50]
        _, saved = targets("Show", paths, set())
        assert len({key(target) for target in saved}) == len(paths)

    def test_a_file_and_a_folder_of_one_name_stay_apart(self):
        _, saved = targets("Show", ["Extras", "extras/1.mkv", "x"], set())
        assert saved == ["Show/Extras", "Show/extras (2)/1.mkv", "Show/x"]


class Counting(set[str]):
    """A set that counts how often something was looked up in it."""

    times = 0

    def __contains__(self, item: object) -> bool:
        self.times += 1
        return super().__contains__(item)


class TestLongNames:
    @pytest.mark.parametrize("letter", ["x", "é", "電", "🎬"])
    @pytest.mark.parametrize("taken", [False, True])
    def test_a_name_of_300_bytes_and_more_keeps_its_extension_in_255(self, letter, taken):
        name = f"{letter * 300}.mkv"
        exists = {key(targets("x", [name], set())[1][0])} if taken else set()
        _, (saved,) = targets("x", [name], exists)
        assert saved.endswith(" (2).mkv" if taken else ".mkv")
        assert_safe(saved)

    def test_names_that_only_differ_in_the_part_that_is_cut_out_stay_apart(self):
        paths = [f"Show/{'a' * 200}{number}{'b' * 200}.mkv" for number in range(12)]
        base, saved = targets("電" * 200, paths, set())
        assert len(base.encode()) <= MAX_NAME and len({key(target) for target in saved}) == 12
        for target in saved:
            assert_safe(target)

    def test_a_long_name_of_a_folder_has_room_for_its_number(self):
        name = "電" * 83
        base, _ = targets(name, ["1", "2"], {key(name)})
        assert base.endswith("電 (2)") and len(base.encode()) <= MAX_NAME


class TestHostileNames:
    @pytest.mark.parametrize("path", HOSTILE)
    def test_nothing_leads_outside(self, path):
        for name, paths in ((path, [path, "Show/other.mkv"]), ("x", [path]), (path, ["a", "b"])):
            base, saved = targets(name, paths, set())
            for target in [*saved, *filter(None, [base])]:
                assert_safe(target)
            assert all(target.startswith(f"{base}/") for target in saved if base)

    @pytest.mark.parametrize("device", sorted(DEVICES))
    @pytest.mark.parametrize("ending", ["", ".mkv", ".tar.gz", " .txt"])
    def test_no_name_opens_a_device_of_windows(self, device, ending):
        for name in (f"{device}{ending}", f"{device.upper()}{ending}"):
            base, saved = targets(name, [f"Show/{name}/1.mkv", f"Show/{name}x", "Show/2"], set())
            _, single = targets("x", [name], set())
            for target in (base, *saved, *single):
                assert_safe(target)

    def test_names_from_the_field_stay_apart_and_keep_their_extensions(self):
        cases = [
            {"CON.mkv": 611, "aux/nul.txt": 612, "a:b.mkv": 613, "a?b.mkv": 614, "A_B.MKV": 615},
            {f"{'電' * 84}.mkv": 1300, f"{'電' * 84}語.mkv": 1301},
            {f"{'A.Long.Name.' * 15}S01E0{n}.The.{n}.mkv": n for n in range(9)},
            {"Same.Film.2010.mkv/Same.Film.2010.mkv": 2200, "x.mkv": 2201},
        ]
        for files in cases:
            _, saved = targets("11e windows", list(files), set())
            assert not any(collides(a, b) for n, a in enumerate(saved) for b in saved[:n])
            endings = [PurePosixPath(path).suffix.lower() for path in files]
            assert [PurePosixPath(target).suffix.lower() for target in saved] == endings


@settings(deadline=None)
@given(
    st.text(max_size=300),
    st.lists(
        st.text(st.sampled_from("aAÉé\u0301.:/\\ \u202e\0電nulNUL(2)"), max_size=8), min_size=1, max_size=12
    ),
)
def test_all_targets_are_safe_and_none_is_another_one_or_its_folder(name, paths):
    base, saved = targets(name, paths, set())
    for target in saved:
        assert_safe(target)
    assert not any(collides(a, b) for n, a in enumerate(saved) for b in saved[:n])
    again, others = targets(name, paths, {key(base)} if base else set(map(key, saved)))
    assert not any(collides(a, b) for a in saved for b in others)


def test_every_target_can_be_made_on_this_system(tmp_path):
    _, saved = targets("..", HOSTILE, set())
    for target in saved:
        path = tmp_path / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    found = [Path(folder, name) for folder, _, names in os.walk(tmp_path) for name in names]
    assert len(found) == len(HOSTILE) and all(file.resolve().is_relative_to(tmp_path) for file in found)
    assert json.dumps(sorted(str(file.relative_to(tmp_path)) for file in found)) == json.dumps(sorted(saved))


@pytest.mark.parametrize("name", ["x.0123abcd.part", "x.0123abcd.part.aria2", "x.0123abcd.part. "])
def test_no_file_is_named_like_a_partial_one(name):
    _, alone = targets("Film", [name], set())
    _, among = targets("Film", [f"Film/{name}", f"Film/{name.strip('. ')}_", "Film/y.mkv"], set())
    assert not any(PARTIAL.search(target) for target in (*alone, *among))
    assert len(set(among)) == 3


def test_nothing_is_named_like_what_is_deleted_after_a_killed_saver():
    name = f"{TEMPORARY}0123abcd"
    _, alone = targets("Film", [name], set())
    base, among = targets(name, [f"Film/{name}", f"Film/{name}/{name}.txt", "Film/y.mkv"], set())
    found = [part for target in (*alone, base, *among) for part in target.split("/")]
    assert not any(part.startswith(TEMPORARY) for part in found)
    assert len(set(among)) == 3 and all(target.startswith(f"{base}/") for target in among)
    longest = TEMPORARY + "x" * (255 - len(TEMPORARY))
    _, cut = targets("Film", [longest], set())
    assert_safe(cut[0])
