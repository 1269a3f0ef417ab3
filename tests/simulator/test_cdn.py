from __future__ import annotations

import hashlib
import io
import zipfile

import pytest
import requests

from simulator.content_library import Work
from simulator.server import Running
from tests.simulator.support import KEY, Api

TREE = {"docs/read me.txt": 70_000, "data/ünïcode – 夏.bin": 200_000, "empty.dat": 0}


@pytest.fixture
def work(sim: Running) -> Work:
    made = sim.control.make_work("Field notes", TREE)
    sim.control.seed(torrents=[{"key": KEY, "work": made, "state": "completed"}])
    return made


def url_of(api: Api, path: str = "", **params: object) -> str:
    row = api.rows()[0]
    if path:
        params["file_id"] = next(file["id"] for file in row["files"] if file["name"].endswith(path))
    answer = api.link(row["id"], **params).json()
    assert answer["success"], answer
    return str(answer["data"])


@pytest.mark.parametrize("path", list(TREE))
def test_a_file_has_its_expected_bytes(sim: Running, api: Api, work: Work, path: str) -> None:
    answer = requests.get(url_of(api, path))
    assert answer.content == sim.control.expected_bytes(work.info_hash, path)
    assert int(answer.headers["content-length"]) == TREE[path]


def test_some_files_are_listed_with_the_checksum_of_what_is_sent(api: Api, work: Work) -> None:
    files = {file["short_name"]: file["md5"] for file in api.rows()[0]["files"]}
    listed = {name: md5 for name, md5 in files.items() if md5}
    assert len(files) == 3 and len(listed) == 2
    for name, md5 in listed.items():
        assert md5 == hashlib.md5(requests.get(url_of(api, name)).content).hexdigest()


def test_nothing_has_a_checksum_that_is_not_stored_or_too_large_to_be_read_for_a_list(
    sim: Running, api: Api
) -> None:
    film = [["film.mkv", 3 * 1024**3]]
    sim.control.seed(torrents=[{"key": KEY, "hash": "ab" * 20, "files": film, "state": "completed"}])
    small = sim.control.make_work("Small", {"a.txt": 100})
    sim.control.seed(torrents=[{"key": KEY, "work": small, "state": "downloading"}])
    assert {file["md5"] for row in api.rows() for file in row["files"]} == {None}


def test_downloads_can_be_held_for_a_while(sim: Running, api: Api, work: Work) -> None:
    sim.control.hold_downloads(100_000)
    with requests.get(url_of(api, ".bin"), stream=True, timeout=20) as answer:
        pieces = answer.iter_content(65536)
        first = next(pieces)
        while sim.control.sent_bytes() < 100_000:
            first += next(pieces)
        assert sim.control.sent_bytes() < 200_000
        sim.control.hold_downloads()
        assert first + b"".join(pieces) == sim.control.expected_bytes(work.info_hash, "data/ünïcode – 夏.bin")
    assert sim.control.sent_bytes() == 200_000


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [("0-99", 0, 100), ("65530-65545", 65530, 65546), ("199990-", 199990, 200000), ("-7", 199993, 200000)],
)
def test_a_range_is_part_of_the_whole(api: Api, work: Work, wanted: str, start: int, stop: int) -> None:
    url = url_of(api, ".bin")
    part = requests.get(url, headers={"Range": f"bytes={wanted}"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/200000"
    assert part.content == requests.get(url).content[start:stop]


def test_a_range_beyond_the_end_is_416(api: Api, work: Work) -> None:
    answer = requests.get(url_of(api, ".bin"), headers={"Range": "bytes=200000-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */200000")


def test_a_range_of_another_version_or_several_ranges_give_the_whole(api: Api, work: Work) -> None:
    url = url_of(api, ".bin")
    other = requests.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    several = requests.get(url, headers={"Range": "bytes=0-9,20-29"})
    same = requests.get(url, headers={"Range": "bytes=0-9", "If-Range": other.headers["etag"]})
    assert (other.status_code, several.status_code, same.status_code) == (200, 200, 206)


def test_head_gives_the_headers_without_the_bytes(api: Api, work: Work) -> None:
    answer = requests.head(url_of(api, ".bin"))
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "200000", b"")
    assert answer.headers["accept-ranges"] == "bytes"
    assert "filename*=UTF-8''%C3%BCn%C3%AFcode" in answer.headers["content-disposition"]


def test_a_zip_link_is_a_real_zip_of_everything(sim: Running, api: Api, work: Work) -> None:
    answer = requests.get(url_of(api, zip_link="true"))
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    assert packed.testzip() is None
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert {name: packed.read(name) for name in packed.namelist()} == {
        file.path: work.expected_bytes(file.path) for file in work.files
    }


def test_links_can_be_started_for_an_hour_and_then_show_a_page(sim: Running, api: Api, work: Work) -> None:
    url = url_of(api, ".bin")
    sim.control.advance(3599)
    assert requests.get(url).status_code == 200
    sim.control.advance(1)
    late = requests.get(url)
    assert (late.status_code, late.headers["content-type"].split(";")[0]) == (400, "text/html")
    assert requests.get(url_of(api, ".bin").replace("token=", "token=x")).status_code == 400


def test_redirect_is_a_permalink_and_names_can_be_appended(api: Api, work: Work) -> None:
    row = api.rows()[0]
    params = {
        "token": KEY,
        "torrent_id": row["id"],
        "zip_link": "true",
        "redirect": "true",
        "append_name": "true",
    }
    moved = api.call("GET", "torrents/requestdl", params=params, allow_redirects=False)
    assert moved.status_code == 307
    assert "/Field%20notes.zip?token=" in moved.headers["location"]
    assert requests.get(moved.headers["location"]).status_code == 200


def test_the_ip_of_the_person_is_recorded(sim: Running, api: Api, work: Work) -> None:
    url_of(api, ".bin", user_ip="203.0.113.7")
    accounts = sim.control.state()["accounts"]
    assert ["203.0.113.7"] in [account["user_ips"] for account in accounts]


def test_what_is_not_stored_has_no_link(sim: Running, api: Api) -> None:
    sim.control.seed(torrents=[{"key": KEY, "name": "Later", "state": "downloading"}])
    assert api.link(api.rows()[0]["id"]).json()["error"] == "DIFF_ISSUE"


def test_gigabytes_are_served_from_the_middle_at_once(sim: Running, api: Api) -> None:
    size = 9 * 1024**3
    files = [["big.mkv", size]]
    sim.control.seed(
        torrents=[{"key": KEY, "hash": "ab" * 20, "name": "Big", "files": files, "state": "completed"}]
    )
    part = requests.get(url_of(api, "big.mkv"), headers={"Range": f"bytes={size - 5}-{size - 1}"})
    assert (part.status_code, len(part.content)) == (206, 5)
    whole = requests.head(url_of(api, zip_link="true"))
    assert int(whole.headers["content-length"]) > size
