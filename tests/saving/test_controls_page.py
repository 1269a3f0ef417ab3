"""The buttons of the tab *Saving*: pause, resume, retry, cancel, order, dismiss."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from saving.models import Folder, Job
from saving.services import showing
from tests.factories import give_files, make_torrent
from tests.saving.factories import make_folder, make_job
from torrents.models import Torrent
from torrents.saving_states import SavingState as State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("save_dir")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def folder(save_dir) -> Folder:
    return make_folder()


@pytest.fixture
def job(cast, folder) -> Job:
    row = make_torrent(cast.account, "Sintel", file_count=1, size=100)
    give_files(row, ["Sintel.mkv"])
    made = make_job(row, folder, cast.member)
    showing.show([row.pk])
    return made


def do(client, job: Job, operation: str):
    return client.post(reverse("saving:control", args=[job.torrent_id, operation]), headers=HTMX)


def cancel(client, job: Job, **data):
    return client.post(reverse("saving:cancel", args=[job.torrent_id]), data, headers=HTMX)


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def test_jobs_are_paused_and_resumed(cast, job, sign_in):
    client = sign_in(cast.member)
    response = do(client, job, "pause")
    assert response.status_code == 204 and "list-changed" in response["HX-Trigger"]
    assert state(job) == State.PAUSED and Torrent.objects.get().saving == State.PAUSED
    do(client, job, "resume")
    assert state(job) == State.WAITING


def test_what_failed_is_retried(cast, job, sign_in):
    Job.objects.update(state=State.FAILED, cause=Job.Cause.SIZE)
    do(sign_in(cast.member), job, "retry")
    assert state(job) == State.WAITING and job.cause == ""


def test_jobs_are_moved_to_either_end_of_the_queue(cast, job, folder, sign_in):
    other = make_job(make_torrent(cast.account, "Other"), folder, cast.owner)
    client = sign_in(cast.member)
    do(client, job, "last")
    assert list(Job.objects.all()) == [other, job]
    do(client, job, "first")
    assert list(Job.objects.all()) == [job, other]
    menu = client.get(reverse("torrents:menu", args=[job.torrent_id])).content.decode()
    assert "Save first" in menu and "Save last" in menu
    menu = client.get(reverse("torrents:menu", args=[other.torrent_id])).content.decode()
    assert "Save first" not in menu, "it is someone else’s"


def test_a_saved_torrent_can_be_dismissed(cast, job, sign_in):
    Job.objects.update(state=State.SAVED, ended_at=timezone.now())
    showing.show([job.torrent_id])
    assert Torrent.objects.get().saving == State.SAVED
    do(sign_in(cast.member), job, "dismiss")
    assert Torrent.objects.get().saving == "" and Job.objects.exists()


def test_dismissing_leaves_what_is_not_saved_yet(cast, job, sign_in):
    do(sign_in(cast.member), job, "dismiss")
    assert Torrent.objects.get().saving == State.WAITING


def test_canceling_asks_and_deletes_the_partial_file_unless_it_is_to_be_kept(
    cast, job, sign_in, django_capture_on_commit_callbacks
):
    client = sign_in(cast.member)
    question = client.get(reverse("saving:cancel", args=[job.torrent_id]), headers=HTMX).content.decode()
    assert "Cancel saving" in question and "Keep the partial file" not in question, "there is none yet"
    Job.objects.update(bytes_done=50)
    question = client.get(reverse("saving:cancel", args=[job.torrent_id]), headers=HTMX).content.decode()
    assert "Keep the partial file" in question and state(job) == State.WAITING
    with django_capture_on_commit_callbacks(execute=True):
        assert cancel(client, job, keep="1").status_code == 204
    assert Job.objects.get().ended_at and Torrent.objects.get().saving == ""


def test_canceling_without_keeping_forgets_the_job(cast, job, sign_in):
    cancel(sign_in(cast.member), job)
    assert not Job.objects.exists() and Torrent.objects.get().saving == ""


def test_a_question_without_script_is_a_page(cast, job, sign_in):
    client = sign_in(cast.member)
    assert "<h1" in client.get(reverse("saving:cancel", args=[job.torrent_id])).content.decode()
    assert client.post(reverse("saving:cancel", args=[job.torrent_id])).status_code == 302


def test_all_jobs_of_the_person_are_paused_and_resumed(cast, job, folder, sign_in):
    theirs = make_job(make_torrent(cast.account, "Theirs"), folder, cast.owner)
    client = sign_in(cast.member)
    client.post(reverse("saving:pause_all"), headers=HTMX)
    assert (state(job), state(theirs)) == (State.PAUSED, State.WAITING)
    client.post(reverse("saving:resume_all"), headers=HTMX)
    assert state(job) == State.WAITING
    sign_in(cast.owner).post(reverse("saving:pause_all"), headers=HTMX)
    assert (state(job), state(theirs)) == (State.PAUSED, State.PAUSED), "owners control all they see"


@pytest.mark.parametrize("operation", ["pause", "resume", "retry", "first", "last", "dismiss"])
def test_jobs_of_others_are_not_there(cast, job, sign_in, operation):
    for person in (cast.viewer, cast.outsider):
        assert do(sign_in(person), job, operation).status_code == 404
        assert cancel(sign_in(person), job).status_code == 404
    assert state(job) == State.WAITING


def test_an_unknown_operation_is_not_there(cast, job, sign_in):
    assert do(sign_in(cast.member), job, "explode").status_code == 404


def test_without_save_dir_none_of_it_is_there(cast, job, sign_in, settings):
    settings.SAVE_DIR = None
    client = sign_in(cast.owner)
    urls = [
        reverse("saving:control", args=[job.torrent_id, "pause"]),
        reverse("saving:cancel", args=[job.torrent_id]),
        reverse("saving:save_one", args=[job.torrent_id]),
        reverse("saving:save_files", args=[job.torrent_id]),
        *(reverse(f"saving:{name}") for name in ("save_several", "undo", "pause_all", "resume_all")),
    ]
    assert {client.post(url).status_code for url in urls} == {404}
