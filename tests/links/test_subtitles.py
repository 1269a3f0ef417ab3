"""Subtitle files become WebVTT that a browser shows, whatever they hold, and are found beside their video."""

from __future__ import annotations

import random
import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from links.services.contents import media_near
from links.services.subtitles import MAX_SUBTITLES, NoSubtitles, as_vtt
from links.subtitle_names import MAX_TRACKS, Kind, beside, kind_of, labels
from localization import locales
from tests.factories import give_files, make_torrent
from tests.links.factories import file_named, make_share

TIMES = re.compile(r"(\d\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d\d+):(\d\d):(\d\d)\.(\d{3})( line:0)?")
TIME = "00:00:01,000 --> 00:00:02,500\n"
ASS = """[Script Info]
Title: Example

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline
Style: Plain,Arial,20,&H00FFFFFF,&H0300FFFF,&H00000000,&H02000000,0,0,0,0,100,100,0,0,1,2,1,2,10,10,10,1
Style: Thought,Arial,20,&H00FFFFFF,&H0300FFFF,&H00000000,&H02000000,0,-1,0,0,100,100,0,0,1,2,1,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
SSA = """[Script Info]
ScriptType: v4.00
[V4 Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, TertiaryColour, BackColour, Bold, Italic
Style: Default,Tahoma,24,16777215,00000000,00000000,00000000,-1,0,1,2,1,2,20,20,20,0,0
[Events]
Format: Marked, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: Marked=0,0:00:01.00,0:00:02.50,Default,,0000,0000,0000,,Hello
"""


def dialogue(text: str, style: str = "Plain") -> str:
    return f"{ASS}Dialogue: 0,0:00:01.00,0:00:02.50,{style},,0,0,0,,{text}\n"


def cues(vtt: str) -> list[str]:
    """Return the texts of a WebVTT file, read by the rules of the format: blank lines part cues, and times open them."""
    head, *blocks = vtt.rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    texts = []
    for block in blocks:
        times, *lines = block.lstrip("\n").split("\n")
        assert TIMES.fullmatch(times) and lines and "-->" not in "".join(lines)
        texts.append("\n".join(lines))
    return texts


def shown(text: str, name: str = "a.srt") -> list[str]:
    return cues(as_vtt(text.encode(), name))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"1\n{TIME}Hello\n", "a.srt"),
        (f"1\r\n{TIME[:-1]}\r\nHello\r\n\r\n", "a.srt"),
        (f"{TIME}Hello", "without numbers.srt"),
        ("WEBVTT\n\n00:01.000 --> 00:02.500\nHello\n", "a.vtt"),
        ("WEBVTT - a title\n\nintro\n00:00:01.000 --> 00:00:02.500 line:90%\nHello\n", "a.vtt"),
        (dialogue("Hello"), "a.ass"),
        (SSA, "a.ssa"),
        ("{1}{1}25\n{25}{62}Hello\n", "a.sub"),
        ("{24}{60}Hello\n", "at 23.976 images a second.sub"),
        (f"1\n{TIME}Hello\n", "with the wrong extension.ass"),
    ],
)
def test_every_common_format_is_read(text, name):
    vtt = as_vtt(text.encode(), name)
    assert [line.removeprefix("<b>").removesuffix("</b>") for line in cues(vtt)] == ["Hello"]
    start, end = re.findall(r"00:00:0(\d\.\d)\d\d", vtt)
    assert (start, end) == ("1.0", "2.5") or name.endswith(".sub")


def test_cues_are_in_the_order_of_their_times_and_longer_than_an_hour():
    text = f"1\n02:10:00,000 --> 02:10:01,000\nlast\n\n2\n{TIME}first\n"
    vtt = as_vtt(text.encode(), "a.srt")
    assert cues(vtt) == ["first", "last"] and "02:10:00.000 --> 02:10:01.000\nlast" in vtt


def test_bold_italic_and_underlined_text_stays_so_and_other_markup_goes():
    text = f"{TIME}<i>Hi</i> <B>you</B> <font color=red>there</font>\n<u>now</u>"
    assert shown(text) == ["<i>Hi</i> <b>you</b> there\n<u>now</u>"]
    assert shown(f"{TIME}<i>never closed") == ["<i>never closed</i>"]
    styled = r"{\i1}Hi{\i0} {\b1\u1}you{\r}, {\c&H00FF00&}there{a comment}\Nnow"
    assert shown(dialogue(styled)) == ["<i>Hi</i> <u><b>you</b></u>, there\nnow"]
    assert shown(dialogue(r"Hmm, {\i0}yes", "Thought")) == ["<i>Hmm, </i>yes"]
    assert shown("{25}{62}{y:i}Hello|you\n") == ["<i>Hello\nyou</i>"]


def test_drawings_are_left_out_and_titles_stay_on_top():
    assert shown(dialogue(r"{\an8\p1}m 0 0 l 100 0 100 100{\p0}A sign")) == ["A sign"]
    vtt = as_vtt((TIME + r"{\an8}A sign" + f"\n\n2\n{TIME}{{a brace}}").encode(), "a.srt")
    assert "02.500 line:0\nA sign" in vtt and "02.500\n{a brace}" in vtt


def test_notes_styles_and_names_of_cues_are_not_shown():
    text = (
        "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nNOTE a remark\n\nintro\n00:01.000 --> 00:02.000\n<v Fred>Hi &amp; bye\n\n"
        "NOTE more\nof it\n\n00:03.000 --> 00:04.000\n<c.loud>No</c>\n- Yes\n"
    )
    assert shown(text, "a.vtt") == ["Hi &amp; bye", "No\n- Yes"]


def test_numbers_of_empty_cues_are_not_shown():
    assert shown(f"1\n{TIME}\n\n2\n{TIME}Hello\n\n3\n{TIME}42 rooms\n") == ["Hello", "42 rooms"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>Hello",
        "<img src=x onerror=alert(1)>Hello",
        "&lt;b&gt; <b onclick='x'>Hello",
        "Hello --> 00:00:05.000 line:0",
        "Hello <00:00:01.500> <c.x> </c>",
        "Hello\x00\x08\u2028\x85&",
        "Hello {\\i1{\\b1}} <<i>i> >",
    ],
)
def test_no_markup_of_a_file_reaches_the_page(text):
    for name, whole in (
        ("a.srt", TIME + text),
        ("a.vtt", f"WEBVTT\n\n{TIME.replace(',', '.')}{text}"),
        ("a.ass", dialogue(text)),
    ):
        (found,) = shown(whole, name)
        assert "Hello" in found
        assert set(re.findall(r"<[^>]*>", found)) <= {"<i>", "</i>", "<b>", "</b>", "<u>", "</u>"}
        assert not re.search(r"&(?!amp;|lt;|gt;)|[\x00-\x08\x0b-\x1f\x85\u2028]", found)


GERMAN = f"1\n{TIME}Schöne Grüße aus Köln, süße Mäuse.\n\n2\n{TIME}Ähnlich übel.\n"
FRENCH = (
    f"1\n{TIME}Je ne sais pas où elle est allée. Peut-être à la fenêtre, là-bas.\n\n2\n{TIME}Tu as déjà mangé ? Non, "
    f"j’étais très occupé. Et ton frère, il est prêt ?\n\n3\n{TIME}C’est à côté de l’hôtel, après le dîner.\n"
)
POLISH = f"1\n{TIME}Zażółć gęślą jaźń, dziękuję bardzo.\n\n2\n{TIME}Proszę się śpieszyć.\n"
RUSSIAN = f"1\n{TIME}Привет, как дела? Что ты здесь делаешь сегодня вечером?\n"
JAPANESE = f"1\n{TIME}こんにちは、お元気ですか。今日はいい天気ですね。\n"
HEBREW = f"1\n{TIME}שלום מה שלומך היום\n"


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (GERMAN, "utf-8", "a.srt"),
        (GERMAN, "utf-8-sig", "a.srt"),
        (GERMAN, "utf-16", "a.srt"),
        (GERMAN, "utf-16-le", "without a mark.srt"),
        (RUSSIAN, "utf-16-be", "without a mark.srt"),
        (GERMAN, "utf-32", "a.srt"),
        (GERMAN, "cp1252", "a.de.srt"),
        (GERMAN, "latin-1", "German.srt"),
        (FRENCH, "cp1252", "without a language.srt"),
        (POLISH, "cp1250", "a.srt"),
        (POLISH, "cp1250", "a.pl.srt"),
        (RUSSIAN, "cp1251", "a.srt"),
        (RUSSIAN, "koi8-r", "a.rus.srt"),
        (JAPANESE, "shift-jis", "a.srt"),
        (JAPANESE, "euc-jp", "a.ja.srt"),
        (HEBREW, "cp1255", "a.he.srt"),
    ],
)
def test_the_encoding_is_found(text, encoding, name):
    lines = [line for line in text.split("\n") if line and not line.isdecimal() and "-->" not in line]
    assert cues(as_vtt(text.encode(encoding), name)) == lines


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"\xff\xff\xff\xff",
        b"Only a text.\n",
        b"1\n00:00:02,000 --> 00:00:01,000\nends before it begins\n",
        f"1\n{TIME}".encode(),
        b"WEBVTT\n",
        b"WEBVTT\n\n99999:00.000 --> x\nno\n",
        ASS.encode(),
        dialogue("x").replace("0:00:01.00", "soon").encode(),
        b"{1}{1}nan\n{1}{2}x\n",
        b"{1}{1}1e-300\n{1}{2}x\n",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
        random.Random(5).randbytes(50_000),  # noqa: S311 - any bytes
        b"\x00\x00\x01\xba" * 20_000,
        f"1\n{TIME}x\n".encode().ljust(MAX_SUBTITLES + 1, b"\n"),
    ],
)
def test_what_holds_no_subtitles_is_refused_in_one_way(data):
    with pytest.raises(NoSubtitles) as refused:
        as_vtt(data, "a.srt")
    assert refused.value.__cause__ is None and refused.value.__context__ is None


@given(st.binary(max_size=400), st.sampled_from(["", TIME, "WEBVTT\n\n" + TIME, ASS, "{1}{2}", "\ufeff"]))
def test_any_bytes_are_read_or_refused(data, before):
    with suppress(NoSubtitles):
        cues(as_vtt(before.encode() + data, "a.srt"))


BIG = MAX_SUBTITLES
HOSTILE = {
    "tags that never end": TIME + "<a" * (BIG // 2),
    "tags that never end, in lines": (TIME + "<a" * 240 + "\n") * (BIG // 520),
    "one tag of spaces": TIME + "<" + " " * BIG,
    "blank lines": TIME + "\n" * BIG,
    "lines of digits": TIME + ("1" * 400 + "\n") * (BIG // 401),
    "many cues": (TIME + "x\n") * (BIG // 32),
    "many empty cues": TIME * (BIG // 30),
    "times in a row": "00:00:01,000 --> " * (BIG // 17),
    "a heading that never ends": "[Script Info]\n[" + "a" * BIG,
    "codes in ASS": dialogue("{}" * 1900)
    + ("Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,," + "{}" * 1900 + "\n") * 500,
    "open braces in ASS": dialogue("{" * BIG),
    "styles in ASS": dialogue("{\\i1}x{\\i0}" * (BIG // 12)),
    "braces in MicroDVD": ("{1}{5}" + "{Y:" * 160 + "\n") * (BIG // 490),
    "many frames": "{1}{5}x\n" * (BIG // 8),
    "a fps of a thousand digits": "{1}{1}" + "9" * BIG,
}


@pytest.mark.parametrize("about", HOSTILE)
def test_a_file_made_to_take_long_takes_seconds_at_most(about):
    data = HOSTILE[about].encode()[:MAX_SUBTITLES]
    began = time.process_time()
    try:
        vtt = as_vtt(data, "a.srt")
    except NoSubtitles:
        vtt = ""
    assert time.process_time() - began < 10  # a fraction of it on a machine of today; without limits, hours
    assert len(vtt) < 6 * MAX_SUBTITLES


EPISODES = [
    "Show/Show.S01E01.mkv",
    "Show/Show.S01E02.mkv",
    "Show/Show.S01E01.en.srt",
    "Show/Show.S01E02.en.srt",
    "Show/Subs/Show.S01E01/2_English.srt",
    "Show/Subs/Show.S01E02/2_English.srt",
    "Show/Subs/1x02 German.ass",
    "Show/Other/Show.S01E01.fr.srt",
    "Show/Show.S01E01.nfo",
]


def test_each_episode_has_its_own_subtitles():
    assert beside("Show/Show.S01E01.mkv", EPISODES) == [
        "Show/Show.S01E01.en.srt",
        "Show/Subs/Show.S01E01/2_English.srt",
    ]
    assert beside("Show/Show.S01E02.mkv", EPISODES) == [
        "Show/Show.S01E02.en.srt",
        "Show/Subs/1x02 German.ass",
        "Show/Subs/Show.S01E02/2_English.srt",
    ]


def test_the_only_film_has_all_subtitles_around_it():
    paths = [
        "Film/film.mkv",
        "Film/sample.mkv",
        "Film/english.srt",
        "Film/SUBS/de.srt",
        "Film/Extras/de.srt",
        "fr.srt",
    ]
    assert beside("Film/film.mkv", paths) == ["Film/SUBS/de.srt", "Film/english.srt"]
    assert beside("film.mkv", ["film.mkv", "Subs/en.srt", "other/en.srt"]) == ["Subs/en.srt"]


def test_a_name_that_begins_like_two_videos_belongs_to_the_longer_one():
    paths = [
        "Film.mkv",
        "Film.Part.2.mkv",
        "Film 10.mkv",
        "Film 1.mkv",
        "Film.Part.2.en.srt",
        "Film 10.srt",
        "Film.en.srt",
    ]
    assert beside("Film.mkv", paths) == ["Film.en.srt"]
    assert beside("Film.Part.2.mkv", paths) == ["Film.Part.2.en.srt"]
    assert beside("Film 1.mkv", paths) == []
    assert beside("Film 10.mkv", paths) == ["Film 10.srt"]


def test_pictures_of_text_are_not_offered_and_tracks_have_a_limit():
    assert beside("a.mkv", ["a.mkv", "a.sub", "a.idx", "a.en.sub"]) == ["a.en.sub"]
    many = [f"Subs/{number}.srt" for number in range(200)]
    assert len(beside("a.mkv", ["a.mkv", *many])) == MAX_TRACKS


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Film.en.srt", Kind("en")),
        ("Film.eng.srt", Kind("en")),
        ("Film.English.srt", Kind("en")),
        ("Film.Deutsch.srt", Kind("de")),
        ("Film.pt-BR.srt", Kind("pt-BR")),
        ("Film.pt_br.forced.srt", Kind("pt-BR", forced=True)),
        ("Film.en.sdh.srt", Kind("en", for_deaf=True)),
        ("Film.en.hi.srt", Kind("en", for_deaf=True)),
        ("Film.hi.srt", Kind("hi")),
        ("Film.fr.default.srt", Kind("fr")),
        ("Subs/2_English.srt", Kind("en")),
        ("Film [ger].ass", Kind("de")),
        ("Film.srt", Kind()),
        ("Film.directors cut.srt", Kind()),
    ],
)
def test_the_language_comes_from_the_name(name, kind):
    assert kind_of(name, "Film.mkv") == kind


def test_labels_are_in_the_readers_language_and_differ():
    paths = ["Film.en.srt", "Film.en.forced.srt", "Film.de.sdh.srt", "Film.pt-BR.srt", "Film.srt"]
    assert labels("Film.mkv", paths) == [
        "English", "English (forced)", "German (SDH)", "Portuguese (Brazil)", "Film.srt",
    ]  # fmt: skip
    twice = ["Subs/2_English.srt", "Subs/3_English.srt", "Subs/4_French.srt"]
    assert labels("Film.mkv", twice) == ["2_English.srt", "3_English.srt", "French"]
    with locales.spoken("de"):
        assert labels("Film.mkv", paths)[0] == "Englisch"


@pytest.mark.django_db
def test_a_link_to_one_file_leads_to_no_subtitles_beside_it(cast):
    torrent = make_torrent(cast.account, file_count=0)
    give_files(torrent, ["F/film.mkv", "F/film.en.srt", "F/other.mkv", "F/cover.jpg"])
    whole = make_share(cast.member, torrent)
    assert [file.path for file in media_near(whole, file_named(whole, "film.mkv"))] == ["F/film.en.srt"]
    assert media_near(whole, file_named(whole, "other.mkv")) == []
    assert media_near(whole, file_named(whole, "cover.jpg")) == []
    only = make_share(cast.member, torrent, part="file", path="F/film.mkv")
    assert media_near(only, file_named(only, "film.mkv")) == []


def test_thousands_of_files_in_a_folder_are_looked_through_quickly():
    videos = [f"Show/Show.S{season:02}E{episode:04}.mkv" for season in range(5) for episode in range(1000)]
    subtitles = [f"{video[:-4]}.{language}.srt" for video in videos for language in ("en", "de")]
    began = time.process_time()
    assert beside(videos[7], [*videos, *subtitles]) == [
        f"{videos[7][:-4]}.de.srt",
        f"{videos[7][:-4]}.en.srt",
    ]
    assert (
        time.process_time() - began < 5
    )  # a fraction of it on a machine of today; a minute if each were compared
