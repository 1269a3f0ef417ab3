"""Programs that people download with, through lasting links of a real server, while TorBox's addresses die."""

from __future__ import annotations

import http.client
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.urls import reverse

from links.link_urls import file_url, only_url, page_url
from links.models import LastingLink
from links.services.contents import files_of
from links.services.opening import Opened
from tests.factories import sign_in
from tests.links.factories import make_share
from tests.links.passing_time import pass_time
from tests.needs import lacking

pytestmark = pytest.mark.django_db(transaction=True)
LIFE = 200  # seconds: shorter than an address is kept


def run(folder: Path, name: str, *words: str, status: int = 0) -> str:
    """Run a program in a folder, and return what it printed."""
    program = shutil.which(name) or lacking(f"{name} is not installed.")
    done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == status, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def aria2(folder: Path, *words: str, status: int = 0) -> None:
    run(folder, "aria2c", "--no-conf", "--quiet", "-x4", "-s4", "-k1M", *words, status=status)


@pytest.fixture
def address(site, film) -> str:
    return only_url(film.token, "film.mkv")


def is_whole(path: Path, sim, opened: Opened) -> bool:
    (file,) = opened.link.torrent.files.all()
    return path.read_bytes() == sim.control.expected_bytes(opened.link.torrent.info_hash, file.path)


def test_curl_resumes_after_the_address_has_died(film, address, sim, tmp_path):
    sim.control.options(link_seconds=LIFE)
    sim.control.fail("cdn", kind="truncate", after=True)
    part, partial_file = tmp_path / "film.mkv", 18
    words = ["-sSfL", "-C", "-", "-O", address]
    run(tmp_path, "curl", *words, status=partial_file)
    assert 0 < part.stat().st_size < 6_000_000
    pass_time(sim, 300)
    run(tmp_path, "curl", *words)
    assert is_whole(part, sim, film)
    assert sim.control.count("requestdl") == 2
    assert LastingLink.objects.get().uses == 1


def test_wget_resumes_after_the_address_has_died(film, address, sim, tmp_path):
    sim.control.options(link_seconds=LIFE)
    sim.control.fail("cdn", kind="truncate", after=True)
    network_failure = 4
    run(tmp_path, "wget", "--quiet", "--tries=1", address, status=network_failure)
    assert 0 < (tmp_path / "film.mkv").stat().st_size < 6_000_000
    pass_time(sim, 300)
    run(tmp_path, "wget", "--quiet", "--continue", address)
    assert is_whole(tmp_path / "film.mkv", sim, film)


@pytest.mark.parametrize("life", [2, 5])
def test_aria2_gets_a_file_whole_although_every_address_dies(film, address, sim, tmp_path, life):
    """The first connection takes so long that its address is dead when the others, and its next part, begin."""
    sim.control.options(link_seconds=life)
    sim.control.fail("cdn", kind="delay", delay=life + 0.3)
    aria2(tmp_path, "--max-overall-download-limit=2M", address)
    assert is_whole(tmp_path / "film.mkv", sim, film)
    assert sim.control.count("requestdl") >= 2
    assert LastingLink.objects.get().uses == 1


def test_aria2_gets_a_file_whole_although_connections_break_as_well(film, address, sim, tmp_path):
    sim.control.options(link_seconds=5)
    sim.control.fail("cdn", kind="truncate", after=True, delay=1, times=12)
    aria2(tmp_path, address)
    assert is_whole(tmp_path / "film.mkv", sim, film)
    assert sim.control.faults()["done"] >= 8
    assert sim.control.count("requestdl") < 15


def test_aria2_costs_one_call_while_addresses_live(film, address, sim, tmp_path):
    aria2(tmp_path, address)
    assert is_whole(tmp_path / "film.mkv", sim, film)
    assert sim.control.count("requestdl") == 1


def test_aria2_waits_while_torbox_is_away(film, address, sim, tmp_path):
    sim.control.fail("requestdl", kind="html502", times=2)
    aria2(tmp_path, "--retry-wait=1", address)
    assert is_whole(tmp_path / "film.mkv", sim, film)
    assert sim.control.count("requestdl") == 3


def test_aria2_goes_on_with_a_file_that_another_run_began(film, address, sim, tmp_path):
    sim.control.options(link_seconds=LIFE)
    sim.control.fail("cdn", kind="truncate", after=True, times=100)
    unknown = 1
    aria2(tmp_path, "--max-tries=1", address, status=unknown)
    assert (tmp_path / "film.mkv.aria2").exists()
    sim.control.clear_faults()
    pass_time(sim, 300)
    aria2(tmp_path, "--continue", address)
    assert is_whole(tmp_path / "film.mkv", sim, film)


def test_aria2_reads_an_exported_list_of_lasting_links(cast, client, site, at_torbox, sim, tmp_path):
    torrent = at_torbox({"Season 1/a.mkv": 3_000_000, "Season 1/b.mkv": 2_000_000, "notes.txt": 300})
    form = {"as": "aria2-lasting", "files": [file.pk for file in torrent.files.all()]}
    answer = sign_in(client, cast.member).post(reverse("links:links", args=[torrent.pk]), form)
    (tmp_path / "links.txt").write_bytes(answer.content)
    sim.control.options(link_seconds=5)
    aria2(tmp_path, "--input-file=links.txt")
    for file in torrent.files.all():
        saved = (tmp_path / file.path).read_bytes()
        assert saved == sim.control.expected_bytes(torrent.info_hash, file.path)


def test_every_file_and_the_zip_can_be_fetched_by_name(cast, site, at_torbox, sim, tmp_path):
    opened = make_share(cast.member, at_torbox({"Ein Film – ü.mkv": 30_000, "100 %.txt": 300}))
    for file in files_of(opened):
        run(tmp_path, "curl", "-sSfL", "-o", "saved", file_url(opened.token, file))
        expected = sim.control.expected_bytes(opened.link.torrent.info_hash, file.path)
        assert (tmp_path / "saved").read_bytes() == expected
    run(tmp_path, "curl", "-sSfLO", only_url(opened.token, "all.zip"))
    assert (tmp_path / "all.zip").read_bytes().startswith(b"PK")


def test_an_answer_to_head_has_the_size_and_leaves_the_connection_usable(site, film, address):
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    for method, status in (("HEAD", 200), ("HEAD", 200), ("GET", 302), ("HEAD", 200)):
        connection.request(method, urlsplit(address).path)
        answer = connection.getresponse()
        assert answer.status == status and answer.read() == b""
        assert method == "GET" or answer.headers["content-length"] == "6000000"


@pytest.mark.parametrize("accept", ["*/*", "text/plain"])
def test_refusals_are_complete_answers(site, film, address, sim, accept):
    sim.control.fail("requestdl", kind="500", times=9)
    with requests.Session() as session:
        session.headers.update({"Accept": accept, "Accept-Encoding": "gzip"})
        for method, url, status in (
            ("GET", address, 503),
            ("GET", only_url("A" * 22, "film.mkv"), 404),
            ("POST", address, 405),
            ("GET", f"{page_url(film.token)}no/such/page/", 404),
        ):
            answer = session.request(method, url, timeout=20)
            assert answer.status_code == status, f"{method} {url}"
            assert answer.text.endswith("\n") and len(answer.text.splitlines()) == 1
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert "Set-Cookie" not in answer.headers


def test_many_players_at_once_share_what_they_can(cast, site, film, address, sim):
    """Each of ten visitors opens four connections, as players and download managers do."""
    sim.control.options(latency=0.1)

    def open_(number: int) -> int:
        headers = {"User-Agent": f"player {number % 10}"}
        return requests.get(address, headers=headers, allow_redirects=False, timeout=60).status_code

    with ThreadPoolExecutor(40) as pool:
        assert set(pool.map(open_, range(40))) == {302}
    assert sim.control.count("requestdl") == 10
    assert LastingLink.objects.get().uses == 10


def test_links_write_no_error_to_the_log(site):
    assert "Traceback" not in site.log.read_text()
