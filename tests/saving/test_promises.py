"""What people are told about TorBox when they start saving holds, whatever the folder says later."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from accounts.models import Share
from saving.models import Folder, Job
from saving.services import after_saving, automatic, claims, ending, rules, starting
from tests.factories import make_torrent, tag
from tests.saving.factories import make_folder
from torrents.models import Activity, ControlRequest, Torrent
from torrents.models.writing import write_rows
from torrents.saving_states import SavingState as State

pytestmark = pytest.mark.django_db
After = Folder.After
HTMX = {"HX-Request": "true"}


@pytest.fixture
def film(cast) -> Torrent:
    return make_torrent(cast.account, "Film", file_count=2, active=True)


def says(after: str, days: int = 7) -> None:
    """Let the folder say something else from now on."""
    Folder.objects.update(after=after, after_days=days)


def start(film: Torrent, folder: Folder, person, **more) -> Job:
    (job,) = starting.save(person=person, torrents=[film], folder=folder, **more)
    return job


def finish(job: Job, *, days: float = 0) -> list[str]:
    """Save a job as the saver does, without its bytes, let days go by, and return what TorBox was asked to do."""
    taken = claims.claim(job.pk, "saver")
    assert taken and claims.begin(taken)
    taken.files.update(done_at=timezone.now())
    ending.saved(taken)
    return go_by(days)


def go_by(days: float) -> list[str]:
    gone = timedelta(days=days)
    for job in Job.objects.exclude(ended_at=None):
        job.ended_at -= gone
        job.after_due_at = job.after_due_at and job.after_due_at - gone
        job.save()
    after_saving.follow_up()
    return list(ControlRequest.objects.order_by("pk").values_list("operation", flat=True))


@pytest.mark.parametrize(
    ("told", "later", "done"),
    [
        (After.KEEP, After.DELETE, []),
        (After.KEEP, After.STOP_SEEDING, []),
        (After.STOP_SEEDING, After.DELETE, ["stop_seeding"]),
        (After.STOP_SEEDING, After.KEEP, []),
        (After.DELETE, After.KEEP, []),
        (After.DELETE, After.STOP_SEEDING, ["stop_seeding"]),
        (After.DELETE, After.DELETE, ["delete"]),
    ],
)
def test_of_what_was_told_and_what_the_folder_says_now_the_safer_is_done(
    cast, film, save_dir, told, later, done
):
    job = start(film, make_folder(after=told), cast.owner)
    says(later)
    assert finish(job, days=8) == done


@pytest.mark.parametrize(
    ("told", "later", "done"),
    [
        (After.KEEP, After.DELETE, []),
        (After.DELETE, After.KEEP, []),
        (After.DELETE, After.STOP_SEEDING, ["stop_seeding"]),
    ],
)
def test_the_same_holds_if_the_folder_changes_once_it_is_saved(cast, film, save_dir, told, later, done):
    job = start(film, make_folder(after=told), cast.owner)
    assert finish(job) == []
    says(later)
    assert go_by(8) == done


@pytest.mark.parametrize(("told", "later"), [(7, 1), (1, 7)])
def test_of_two_numbers_of_days_the_larger_counts(cast, film, save_dir, told, later):
    job = start(film, make_folder(after=After.DELETE, after_days=told), cast.owner)
    says(After.DELETE, later)
    assert finish(job, days=6.9) == []
    assert go_by(0.2) == ["delete"]


def test_chosen_files_stay_as_the_dialog_says_also_once_all_of_them_are_saved(cast, film, save_dir):
    folder = make_folder(after=After.DELETE, after_days=1)
    for file in film.files.all():
        job = start(film, folder, cast.owner, files={film.pk: [file]})
        assert finish(job, days=2) == []


def test_what_a_person_could_not_control_stays_also_once_they_can(cast, film, save_dir):
    job = start(film, make_folder(after=After.DELETE, after_days=1), cast.viewer)
    Share.objects.filter(user=cast.viewer).update(level=Share.Level.MANAGE)
    assert finish(job, days=2) == []


def test_what_a_rule_started_is_bound_to_what_the_folder_said_then(cast, save_dir):
    folder = make_folder()
    rules.add(owner=cast.owner, folder=folder, tag="Films")
    film = tag(make_torrent(cast.account, "Film"), "Films")
    write_rows(film.account, [film])
    Activity.record(film, Activity.Kind.READY)
    assert automatic.apply_rules() == 1
    says(After.DELETE, 1)
    assert finish(Job.objects.get(), days=2) == []


def test_a_failed_job_that_is_saved_again_is_bound_to_both_times(cast, film, save_dir):
    folder = make_folder(after=After.DELETE, after_days=1)
    job = start(film, folder, cast.owner)
    Job.objects.update(state=State.FAILED)
    says(After.KEEP)
    folder.refresh_from_db()
    assert start(film, folder, cast.owner) == job
    says(After.DELETE, 1)
    assert finish(job, days=2) == []


class TestTheDialog:
    def ask(self, client, film: Torrent, **data):
        return client.post(reverse("saving:save_one", args=[film.pk]), data, headers=HTMX)

    def sent(self, response, folder: Folder) -> dict[str, str]:
        """Return what the form sends for a folder."""
        page = response.content.decode()
        hidden = re.findall(r'<input type="hidden" name="(told[^"]*)" value="([^"]*)">', page)
        return {"folder": str(folder.pk), **dict(hidden)}

    def said(self, response) -> str:
        return str(list(response.wsgi_request._messages)[-1])

    @pytest.fixture
    def folder(self, save_dir) -> Folder:
        make_folder("Music")
        return make_folder()

    @pytest.mark.parametrize(
        ("told", "now", "done", "words"),
        [
            ((After.KEEP, 7), (After.DELETE, 1), [], "Saving “Film” to Films."),
            (
                (After.DELETE, 7),
                (After.DELETE, 1),
                [],
                "Saving “Film” to Films. 7 days later, it’s deleted from TorBox.",
            ),
            (
                (After.STOP_SEEDING, 7),
                (After.DELETE, 1),
                ["stop_seeding"],
                "Saving “Film” to Films. TorBox stops seeding afterwards.",
            ),
            ((After.DELETE, 1), (After.KEEP, 1), [], "Saving “Film” to Films."),
        ],
    )
    def test_what_it_said_holds_if_the_folder_changes_before_the_click(
        self, cast, film, folder, sign_in, told, now, done, words
    ):
        says(*told)
        client = sign_in(cast.owner)
        form = self.sent(self.ask(client, film), folder)
        says(*now)
        response = self.ask(client, film, **form)
        assert self.said(response) == words
        assert finish(Job.objects.get(), days=2) == done

    @pytest.mark.parametrize(
        "odd", ["", "x", "delete", "delete-", "delete--1", "explode-3", "delete-99999999999"]
    )
    def test_nothing_that_is_sent_lets_it_be_deleted_sooner(self, cast, film, folder, sign_in, odd):
        says(After.DELETE, 3)
        client = sign_in(cast.owner)
        form = self.sent(self.ask(client, film), folder)
        self.ask(client, film, **{name: odd if name != "folder" else value for name, value in form.items()})
        assert finish(Job.objects.get(), days=2.9) == []

    def test_a_person_who_cannot_control_it_is_not_told_that_it_is_deleted(self, cast, film, folder, sign_in):
        says(After.DELETE, 3)
        response = self.ask(sign_in(cast.viewer), film, folder=folder.pk)
        assert self.said(response) == "Saving “Film” to Films."


def test_jobs_of_before_keep_what_was_due_and_delete_nothing_else(transactional_db, cast, save_dir, request):
    before = [("saving", "0002_causes_about_people")]
    folder = make_folder(after=After.DELETE, after_days=3)
    films = [
        make_torrent(cast.account, name, remote_id=n) for n, name in enumerate(("Due", "Done", "Waiting"))
    ]
    request.addfinalizer(lambda: call_command("migrate", verbosity=0))
    executor = MigrationExecutor(connection)
    executor.migrate(before)
    jobs = executor.loader.project_state(before).apps.get_model("saving", "Job").objects
    now = timezone.now()
    about = {"account_id": cast.account.pk, "person_id": cast.owner.pk, "folder_id": folder.pk}
    for film, fields in zip(
        films,
        (
            {"ended_at": now, "after_due_at": now},
            {"ended_at": now, "after_due_at": now, "after_done_at": now},
            {},
        ),
        strict=True,
    ):
        jobs.create(torrent_id=film.pk, **about, **fields)
    call_command("migrate", verbosity=0)
    found = Job.objects.order_by("pk").values_list("torrent__name", "after", "after_days")
    assert list(found) == [("Due", "delete", 3), ("Done", "keep", 0), ("Waiting", "keep", 0)]
