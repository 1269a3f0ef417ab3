"""Programs save torrents to disk, and control that."""

from __future__ import annotations

import pytest

from saving.models import Job
from tests.api.v1.test_problems import problem
from tests.factories import make_torrent
from tests.saving.factories import make_folder, make_job
from torrents.states import Status

pytestmark = pytest.mark.django_db
JOBS = "/api/v1/saving/jobs"


def post(program, path: str = "", **body):
    return program.post(f"{JOBS}{path}", body, content_type="application/json")


def problems(got) -> list[tuple[int, str | None]]:
    return [(one["id"], one["problem"] and one["problem"]["code"]) for one in got.json()["items"]]


def test_torrents_that_are_ready_are_saved(cast, program, save_dir):
    folder, film = make_folder("Films"), make_torrent(cast.account, "A film")
    later = make_torrent(cast.account, "Later", status=Status.DOWNLOADING)
    got = post(program(cast.member), torrent_ids=[film.pk, later.pk, 999], folder_id=folder.pk)
    assert got.status_code == 202
    assert problems(got) == [(film.pk, None), (later.pk, "not_ready"), (999, "not_found")]
    job = Job.objects.get()
    assert (job.torrent, job.person, job.folder) == (film, cast.member, folder)
    again = post(program(cast.member), torrent_ids=[film.pk], folder_id=folder.pk)
    assert problems(again) == [(film.pk, "nothing_to_save")]


def test_chosen_files_of_one_torrent_are_saved(cast, program, save_dir):
    folder, film = make_folder("Films"), make_torrent(cast.account, "A film", file_count=3)
    chosen = film.files.all()[1]
    post(program(cast.member), torrent_ids=[film.pk], folder_id=folder.pk, file_ids=[chosen.pk])
    assert [file.path for file in Job.objects.get().files.all()] == [chosen.path]
    got = post(program(cast.member), torrent_ids=[film.pk], folder_id=folder.pk, file_ids=[999_999])
    assert problem(got) == (422, "invalid")


def test_a_folder_for_others_is_not_found(cast, program, save_dir):
    folder = make_folder("Films", for_everyone=False)
    film = make_torrent(cast.account, "A film")
    got = post(program(cast.member), torrent_ids=[film.pk], folder_id=folder.pk)
    assert problem(got) == (404, "not_found")


def test_people_control_what_they_save(cast, program, save_dir):
    film = make_torrent(cast.account, "A film")
    job = make_job(film, make_folder("Films"), cast.member)
    for person, code in ((cast.viewer, "not_found"), (cast.member, None)):
        got = post(program(person), "/operations", operation="pause", ids=[job.pk])
        assert problems(got) == [(job.pk, code)]
    job.refresh_from_db()
    assert job.state == "paused"
    post(program(cast.member), "/operations", operation="cancel", ids=[job.pk], keep_partial=False)
    assert not Job.objects.unfinished().exists()


def test_where_saving_is_off_the_problem_says_so(cast, program):
    assert problem(post(program(cast.member), torrent_ids=[1], folder_id=1)) == (409, "saving_off")
    got = post(program(cast.member), "/operations", operation="pause", ids=[1])
    assert problem(got) == (409, "saving_off")
