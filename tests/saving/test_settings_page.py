"""The owners' page *Saving* in Settings: folders, rules of automatic saving, schedule and speed, and aria2."""

from __future__ import annotations

import os
import re
import socket
from datetime import time
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from care.status import status_for
from saving import markers
from saving.engine import part_files, space
from saving.models import Folder, Job, Rule, SavingSettings
from tests.factories import make_account, make_key, make_torrent, make_user, sign_in
from tests.saving.factories import make_folder, make_job, where_is

pytestmark = pytest.mark.django_db
PAGE = "/settings/saving/"
ADD, ADD_RULE, SCHEDULE = f"{PAGE}folders/add/", f"{PAGE}rules/add/", f"{PAGE}schedule/"
FOLDER = {
    "name": "Films",
    "path": "films",
    "floor": "10",
    "who": "everyone",
    "after": "keep",
    "after_days": "7",
}
NO_HOURS = {"full_from": "", "full_until": "", "limit": "0", "other": "pause", "files_at_a_time": "2"}
HTMX = {"hx-request": "true"}


def text_of(answer) -> str:
    """Return what a page says, without markup."""
    main = answer.content.decode().partition("<main")[2] or answer.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


@pytest.fixture
def mara(cast) -> User:
    """An owner of the household."""
    return cast.owner


@pytest.fixture
def client(mara, save_dir) -> Client:
    """A browser in which she is signed in."""
    return sign_in(Client(), mara)


def said(client: Client) -> str:
    return text_of(client.get(PAGE))


def refused(client: Client, **fields: object) -> str:
    """Return what a form says that doesn't make a folder."""
    answer = client.post(ADD, FOLDER | fields)
    assert answer.status_code == 422, fields
    assert not Folder.objects.exists()
    return text_of(answer)


def focused(page: str) -> list[str]:
    return re.findall(r"<[^>]* autofocus[^>]*>", page)


class TestThePage:
    def test_without_folders_it_says_where_they_go(self, client, save_dir):
        page = said(client)
        assert f"No folders yet Add a folder inside {save_dir} that your household can save to." in page
        assert "Schedule and speed" not in page

    def test_a_folder_is_shown_with_its_space_its_people_and_what_happens_afterwards(self, client, save_dir):
        make_folder(after="delete", after_days=7)
        page = said(client)
        assert re.search(rf"Films {save_dir}/films [\d.]+ .B of [\d.]+ .B free", page)
        assert "Everyone Delete from TorBox after 7 days" in page

    def test_a_folder_without_enough_space_says_how_much_it_needs(self, client):
        make_folder(floor=10**18)
        assert re.search(r"[\d.]+ [GMT]B free, needs 1,?000 PB", said(client))

    def test_a_share_that_does_not_know_its_size_keeps_nothing_from_being_saved(self, client, cast, settings):
        settings.SAVE_DIR = Path("/proc")  # has no size, as some network shares
        folder = Folder.objects.create(name="Share", path="")
        page = client.get(PAGE).content.decode()
        assert "Free space unknown" in page and "needs" not in page and "<progress" not in page
        assert next(part.tone for part in status_for().saving if part.key == f"folder-{folder.pk}") == "ready"
        space.check(folder, Path("/proc"), 10**15)
        dialog = client.get(reverse("saving:save_one", args=[make_torrent(cast.account).pk]), headers=HTMX)
        assert "Not enough space" not in dialog.content.decode() and "0 B" not in dialog.content.decode()

    def test_a_folder_whose_disk_is_gone_says_so(self, client):
        where_is(make_folder()).rmdir()
        assert "Folder not available" in said(client)

    def test_owners_are_named_beside_the_people_of_a_folder(self, client, cast):
        folder = make_folder(for_everyone=False)
        folder.people.add(cast.member)
        names = f"{cast.owner.display_name} and {cast.member.display_name}"
        assert names in said(client)

    def test_a_name_from_outside_is_escaped(self, client):
        make_folder("<i>Films", "films")
        page = client.get(PAGE).content.decode()
        assert "&lt;i&gt;Films" in page and "<i>Films" not in page

    def test_without_a_folder_to_save_to_there_is_no_page(self, client, settings):
        folder = make_folder()
        settings.SAVE_DIR = None
        for address in (PAGE, ADD, f"{PAGE}folders/{folder.pk}/", ADD_RULE):
            assert client.get(address).status_code == 404
        assert client.post(SCHEDULE, NO_HOURS).status_code == 404


class TestTheNavigation:
    def test_owners_have_a_second_group_with_this_page(self, client):
        page = client.get(PAGE).content.decode()
        assert re.search(
            r'side-group[^>]*>Household</h2>.*href="/settings/saving/"\s+aria-current="page"', page, re.S
        )

    def test_settings_say_how_many_folders_there_are(self, client):
        assert "Saving No folders yet" in text_of(client.get("/me/"))
        make_folder()
        assert "Saving 1 folder" in text_of(client.get("/me/"))

    def test_a_question_of_this_page_marks_it_and_leads_back(self, client):
        page = client.get(ADD).content.decode()
        assert re.search(r'href="/settings/saving/"\s+aria-current="true"', page)
        assert f'<a class="back" href="{PAGE}">' in page

    def test_members_and_instances_without_saving_have_no_such_group(self, client, cast, settings):
        assert PAGE not in sign_in(Client(), cast.member).get("/me/").content.decode()
        settings.SAVE_DIR = None
        assert PAGE not in client.get("/me/").content.decode()


class TestAddingAFolder:
    def test_it_is_made_on_disk_and_tested(self, client, save_dir):
        answer = client.post(ADD, FOLDER, follow=True)
        assert answer.redirect_chain == [(PAGE, 302)] and "Added Films." in text_of(answer)
        folder = Folder.objects.get()
        assert (folder.name, folder.path, folder.floor) == ("Films", "films", 10 * 10**9)
        assert folder.for_everyone and folder.after == "keep" and folder.marked_at
        assert (save_dir / "films").is_dir()

    def test_the_path_may_be_the_one_on_this_server(self, client, save_dir):
        client.post(ADD, FOLDER | {"path": f"{save_dir}/media/films"})
        assert Folder.objects.get().path == "media/films"

    @pytest.mark.parametrize(
        "path",
        ["../films", "/etc", "films/../../etc", "/{outside}", "a/../..", "..", "//etc", "~/../../x/.."],
    )
    def test_a_path_that_leads_outside_is_refused(self, client, save_dir, path):
        assert f"Choose a folder inside {save_dir}, without" in refused(
            client, path=path.format(outside="save")
        )
        assert list(save_dir.parent.iterdir()) == [save_dir]

    def test_a_symbolic_link_is_refused(self, client, save_dir, tmp_path):
        (tmp_path / "outside").mkdir()
        (save_dir / "films").symlink_to(tmp_path / "outside")
        for path in ("films", "films/new"):
            assert "symbolic links" in refused(client, path=path)
        assert not list((tmp_path / "outside").iterdir())

    @pytest.mark.parametrize("path", ["fi\nlms", "x" * 300, "x/" * 400, "\u202efilms", "fi\x07lms"])
    def test_a_path_that_is_no_name_is_refused(self, client, save_dir, path):
        refused(client, path=path)
        assert not list(save_dir.iterdir())

    def test_a_file_in_its_place_is_refused(self, client, save_dir):
        (save_dir / "films").write_text("a file")
        assert "We can’t reach or create this folder." in refused(client)
        assert (save_dir / "films").read_text() == "a file"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_in_which_we_may_not_write_is_refused(self, client, save_dir):
        save_dir.chmod(0o500)
        try:
            assert "TorBox Web can’t write there." in refused(client)
        finally:
            save_dir.chmod(0o700)

    @pytest.mark.parametrize(
        "fields",
        [
            {"name": ""},
            {"name": "Fi\nlms"},
            {"name": "x" * 61},
            {"floor": "-1"},
            {"floor": "NaN"},
            {"floor": "1e300"},
            {"who": "some", "people": ["0"]},
            {"who": "some", "people": ["9" * 40]},
            {"who": "some", "people": ["me"]},
            {"who": "me"},
            {"after": "explode"},
        ],
        ids=str,
    )
    def test_fields_that_cannot_be_are_refused(self, client, fields):
        refused(client, **fields)

    def test_a_name_or_folder_is_given_once(self, client, save_dir):
        make_folder()
        answer = client.post(ADD, FOLDER | {"name": "FILMS", "path": "others"})
        assert "Another folder has this name." in text_of(answer)
        answer = client.post(ADD, FOLDER | {"name": "Others"})
        assert "This folder is already in the list." in text_of(answer)
        assert Folder.objects.count() == 1

    def test_in_a_dialog_the_page_is_loaded_again_and_errors_stay_in_the_dialog(self, client):
        dialog = client.post(ADD, FOLDER | {"path": ".."}, headers=HTMX)
        assert dialog.status_code == 422 and "<dialog" in dialog.content.decode()
        assert client.post(ADD, FOLDER, headers=HTMX).headers["HX-Redirect"] == PAGE

    def test_deleting_at_torbox_asks_for_consent_once(self, client):
        assert "Check this box, or choose" in refused(client, after="delete", after_days="3")
        client.post(ADD, FOLDER | {"after": "delete", "after_days": "3", "sure": "on"})
        folder = Folder.objects.get()
        assert (folder.after, folder.after_days) == ("delete", 3)
        form = client.get(f"{PAGE}folders/{folder.pk}/").content.decode()
        assert re.search(r'name="sure"[^>]* checked', form)

    @pytest.mark.parametrize("days", ["", "0", "-3", "366", "x"])
    def test_deleting_needs_a_number_of_days(self, client, days):
        refused(client, after="delete", after_days=days, sure="on")

    def test_without_deleting_its_fields_do_not_matter(self, client):
        client.post(ADD, FOLDER | {"after_days": "x"})
        assert Folder.objects.get().after_days == 7

    def test_only_chosen_people_can_save_there(self, client, cast):
        client.post(ADD, FOLDER | {"who": "some", "people": [cast.member.pk]})
        folder = Folder.objects.get()
        assert not folder.for_everyone and list(folder.people.all()) == [cast.member]

    def test_owners_are_not_asked_for_since_they_can_save_everywhere(self, client, cast):
        form = client.get(ADD).content.decode()
        assert f'name="people" value="{cast.member.pk}"' in form
        assert f'name="people" value="{cast.owner.pk}"' not in form


class TestChangingAFolder:
    def test_the_form_shows_what_is_set_and_stores_it_unchanged(self, client, save_dir, cast):
        folder = make_folder(floor=500_000_000, for_everyone=False, after="stop_seeding")
        folder.people.add(cast.member)
        before = Folder.objects.values().get()
        form = client.get(f"{PAGE}folders/{folder.pk}/").content.decode()
        assert 'value="0.5"' in form and f'value="{save_dir}/films"' in form
        fields = {"path": f"{save_dir}/films", "floor": "0.5", "who": "some", "people": [cast.member.pk]}
        answer = client.post(f"{PAGE}folders/{folder.pk}/", FOLDER | fields | {"after": "stop_seeding"})
        assert answer.status_code == 302
        assert Folder.objects.values().get() == before | {"marked_at": Folder.objects.get().marked_at}
        assert list(folder.people.all()) == [cast.member]

    def test_its_place_stays_while_something_is_saved_there(self, client, cast):
        folder = make_folder()
        make_job(make_torrent(cast.account), folder)
        answer = client.post(f"{PAGE}folders/{folder.pk}/", FOLDER | {"path": "other"})
        assert answer.status_code == 422 and "Torrents are being saved there." in text_of(answer)

    def test_one_whose_disk_is_not_mounted_is_not_taken_for_known(self, client):
        folder = make_folder()
        client.post(f"{PAGE}folders/{folder.pk}/", FOLDER)
        mark = where_is(folder) / markers.NAME
        mark.rename(where_is(folder) / "something else in the mount point")
        answer = client.post(f"{PAGE}folders/{folder.pk}/", FOLDER | {"floor": "20"}, follow=True)
        assert "Films can’t be used yet. The file .torbox-web is missing there." in text_of(answer)
        assert Folder.objects.get().floor == 20 * 10**9 and not mark.exists()

    def test_one_that_is_gone_is_not_found(self, client):
        for address in ("", "remove/", "test/"):
            assert client.post(f"{PAGE}folders/12345/{address}").status_code == 404


class TestTesting:
    def test_a_folder_that_works_says_so_and_nothing_is_left_there(self, client):
        folder = make_folder()
        answer = client.post(f"{PAGE}folders/{folder.pk}/test/", follow=True)
        assert "Films works. We wrote a file there and read it." in text_of(answer)
        assert not list(where_is(folder).glob("*test*"))

    def test_a_folder_that_is_gone_says_why(self, client):
        folder = make_folder()
        where_is(folder).rmdir()
        answer = client.post(f"{PAGE}folders/{folder.pk}/test/", follow=True)
        assert "Films can’t be used yet. We can’t reach or create this folder." in text_of(answer)

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
    def test_a_folder_that_lost_its_mark_is_used_again_once_the_owner_says_so(self, client, headers):
        folder = make_folder("<i>Films", "films")
        address = f"{PAGE}folders/{folder.pk}/test/"
        client.post(address)
        mark = where_is(folder) / markers.NAME
        mark.unlink()
        question = client.post(address, headers=headers)
        assert "Use <i>Films again? The file .torbox-web is missing there." in text_of(question)
        assert "<i>" not in question.content.decode() and not mark.exists()
        assert question.headers.get("HX-Retarget") == ("#dialog" if headers else None)
        client.post(address, {"mark": "1"}, headers=headers)
        assert mark.exists() and "<i>Films works." in said(client)


class TestRemovingAFolder:
    def test_it_asks_and_says_what_ends(self, client, cast, mara):
        folder = make_folder()
        make_job(make_torrent(cast.account), folder)
        Rule.objects.create(kind="tag", tag="Films", folder=folder, made_by=mara)
        question = text_of(client.get(f"{PAGE}folders/{folder.pk}/remove/"))
        assert "We’ll stop saving 1 torrent there." in question
        assert "1 automatic saving rule will be removed too." in question
        assert Folder.objects.exists()

    def test_files_stay(self, client):
        folder = make_folder()
        (where_is(folder) / "film.mkv").write_bytes(b"film")
        answer = client.post(f"{PAGE}folders/{folder.pk}/remove/", follow=True)
        assert "Removed Films. The files in it are still there." in text_of(answer)
        assert not Folder.objects.exists() and (Path(where_is(folder)) / "film.mkv").exists()


class TestCancelingWhatIsSavedToAFolder:
    @pytest.fixture
    def hidden(self, cast) -> Job:
        """A job of a torrent that no owner sees."""
        theirs = make_account(cast.member, make_key("member's"))
        return make_job(make_torrent(theirs, "Secret"), make_folder(), cast.member)

    def test_it_is_offered_only_while_something_is_being_saved(self, client):
        folder = make_folder()
        assert "Cancel all saving" not in said(client)
        make_job(make_torrent(make_account(make_user("jon"), make_key("jon"))), folder, state="paused")
        assert "Cancel all saving…" in said(client)

    def test_it_says_how_many_there_are_and_names_none(self, client, cast, hidden):
        make_job(make_torrent(cast.account, "Sintel", file_count=2), hidden.folder, base="a")
        make_job(make_torrent(cast.account, "Other"), make_folder("Music"))
        question = client.get(f"{PAGE}folders/{hidden.folder_id}/cancel/")
        words = (
            "Cancel all saving to Films? 1 torrent that you see is being saved there. "
            "1 torrent you can’t see is being saved there. Files that are already saved stay"
        )
        assert words in text_of(question) and "Keep the partial" not in text_of(question)
        assert "Secret" not in question.content.decode() and Job.objects.count() == 3

    def test_an_owner_ends_also_what_they_cannot_see(
        self, client, cast, hidden, django_capture_on_commit_callbacks
    ):
        file = hidden.files.get()
        part = part_files.part_path(where_is(hidden.folder), file)
        part.write_bytes(b"begun")
        other = make_job(make_torrent(cast.account, "Other"), make_folder("Music"))
        saved = make_job(make_torrent(cast.account), hidden.folder, state="saved", ended_at=timezone.now())
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(f"{PAGE}folders/{hidden.folder_id}/cancel/", follow=True)
        assert "Canceled saving 1 torrent to Films." in text_of(answer)
        assert list(Job.objects.order_by("pk")) == [other, saved] and not part.exists()
        moved = client.post(f"{PAGE}folders/{hidden.folder_id}/", FOLDER | {"path": "movies"})
        assert moved.status_code == 302, "nothing keeps the folder from being changed"

    def test_partial_files_can_be_kept(self, client, hidden, django_capture_on_commit_callbacks):
        Job.objects.update(bytes_done=5)
        part = part_files.part_path(where_is(hidden.folder), hidden.files.get())
        part.write_bytes(b"begun")
        page = text_of(client.get(f"{PAGE}folders/{hidden.folder_id}/cancel/"))
        assert "Keep the partial files" in page
        with django_capture_on_commit_callbacks(execute=True):
            client.post(f"{PAGE}folders/{hidden.folder_id}/cancel/", {"keep": "1"})
        assert part.exists() and not Job.objects.unfinished().exists()

    def test_members_have_no_such_page(self, client, cast, hidden):
        member = sign_in(Client(), cast.member)
        assert member.post(f"{PAGE}folders/{hidden.folder_id}/cancel/").status_code == 404
        assert Job.objects.unfinished().exists()


class TestRules:
    def add(self, client: Client, **fields: object):
        folder = Folder.objects.first() or make_folder()
        return client.post(ADD_RULE, {"kind": "tag", "tag": "", "folder": folder.pk} | fields, follow=True)

    def test_torrents_with_a_tag_are_saved(self, client, mara):
        assert "Tagged Films Saved to Films · 0 so far" in text_of(self.add(client, tag=" Films "))
        rule = Rule.objects.get()
        assert (rule.kind, rule.tag, rule.adder, rule.made_by) == ("tag", "Films", None, mara)

    def test_torrents_of_a_person_are_saved(self, client, cast):
        page = text_of(self.add(client, kind="person", adder=cast.member.pk, tag="ignored"))
        assert f"Added by {cast.member.display_name} Saved to Films" in page
        assert Rule.objects.get().tag == ""

    @pytest.mark.parametrize(
        "fields",
        [
            {"tag": ""},
            {"tag": "a, b"},
            {"tag": "x" * 101},
            {"tag": "\u200b"},
            {"kind": "person"},
            {"kind": "person", "adder": "9" * 40},
            {"kind": "all", "tag": "Films"},
            {"tag": "Films", "folder": "12345"},
            {"tag": "Films", "folder": ""},
        ],
        ids=str,
    )
    def test_what_cannot_be_a_rule_is_refused(self, client, fields):
        assert self.add(client, **fields).status_code == 422
        assert not Rule.objects.exists()

    def test_the_field_that_was_refused_gets_the_focus(self, client):
        page = self.add(client, tag="").content.decode()
        assert [re.findall(r'name="(\w+)"', tag) for tag in focused(page)] == [["tag"]]

    def test_the_same_rule_is_made_once(self, client):
        self.add(client, tag="Films")
        assert "There is already such a rule." in text_of(self.add(client, tag="Films"))
        assert Rule.objects.count() == 1

    def test_a_rule_needs_a_folder(self, client):
        assert "Add a folder first." in text_of(client.get(ADD_RULE, follow=True))

    def test_a_rule_of_another_owner_says_whose_it_is(self, client):
        jon = make_user("jo-owner", User.Role.OWNER)
        Rule.objects.create(kind="tag", tag="<b>", folder=make_folder(), made_by=jon, saved=1234)
        page = client.get(PAGE)
        assert "Tagged <b> Saved to Films · 1,234 so far · made by Jo-Owner".lower() in text_of(page).lower()
        assert "<b>" not in page.content.decode()

    @pytest.mark.parametrize(
        ("fields", "why"),
        [({"is_active": False}, "is suspended"), ({"role": User.Role.MEMBER}, "is no longer an owner")],
    )
    def test_a_rule_that_rests_says_why_and_can_be_taken_over(self, client, mara, fields, why):
        jon = make_user("<b>jon", User.Role.OWNER)
        folder = make_folder()
        Rule.objects.create(kind="tag", tag="Films", folder=folder, made_by=jon)
        assert "Not applied" not in said(client)
        User.objects.filter(pk=jon.pk).update(**fields)
        page = client.get(PAGE)
        words = f"Not applied, because {jon.display_name} {why}. Add the rule again to make it yours."
        assert words in text_of(page) and jon.display_name not in page.content.decode()
        assert "Added the rule." in text_of(self.add(client, tag="Films"))
        assert Rule.objects.get().made_by == mara and "Not applied" not in said(client)

    def test_a_rule_is_removed(self, client):
        self.add(client, tag="Films")
        answer = client.post(f"{PAGE}rules/{Rule.objects.get().pk}/remove/", follow=True)
        assert "Removed the rule." in text_of(answer) and not Rule.objects.exists()


class TestTheSchedule:
    @pytest.fixture(autouse=True)
    def _folder(self, save_dir, db):
        make_folder()

    def test_hours_and_speeds_are_stored_and_shown(self, client):
        sent = {"full_from": "22:00", "full_until": "07:00", "limit": "20000000", "other": "5000000"}
        assert "Saved." in text_of(
            client.post(SCHEDULE, NO_HOURS | sent | {"files_at_a_time": "4"}, follow=True)
        )
        stored = SavingSettings.objects.get()
        assert (stored.full_from, stored.full_until) == (time(22), time(7))
        assert (stored.limit, stored.other_pauses, stored.other_limit) == (20_000_000, False, 5_000_000)
        assert stored.files_at_a_time == 4
        page = client.get(PAGE).content.decode()
        assert 'value="22:00"' in page and '<option value="5000000" selected>5 MB/s' in page

    def test_pausing_at_other_times_is_stored(self, client):
        client.post(SCHEDULE, NO_HOURS | {"full_from": "22:00", "full_until": "07:00"})
        assert SavingSettings.objects.get().other_pauses

    def test_a_speed_that_is_not_in_the_list_stays(self, client):
        SavingSettings.objects.create(pk=1, limit=3_000_000)
        assert '<option value="3000000" selected>3 MB/s' in client.get(PAGE).content.decode()
        assert client.post(SCHEDULE, NO_HOURS | {"limit": "3000000"}).status_code == 302

    @pytest.mark.parametrize(
        "fields",
        [
            {"full_from": "22:00"},
            {"full_until": "22:00"},
            {"full_from": "22:00", "full_until": "22:00"},
            {"full_from": "25:00", "full_until": "7"},
            {"limit": "-1"},
            {"limit": "x"},
            {"other": "stop"},
            {"files_at_a_time": "0"},
            {"files_at_a_time": "1000"},
            {"files_at_a_time": ""},
        ],
        ids=str,
    )
    def test_what_cannot_be_is_shown_with_its_error(self, client, fields):
        answer = client.post(SCHEDULE, NO_HOURS | fields)
        assert answer.status_code == 422 and "errorlist" in answer.content.decode()
        assert "Schedule and speed" in text_of(answer) and not SavingSettings.objects.exists()

    def test_what_was_refused_gets_the_focus_on_a_page_that_leads_back_to_settings(self, client):
        page = client.post(SCHEDULE, NO_HOURS | {"full_from": "22:00"}).content.decode()
        (field,) = focused(page)
        assert 'name="full_until"' in field
        assert f'<a class="back" href="{PAGE}">' not in page and '<a class="back side-back"' in page

    def test_the_time_zone_of_the_server_is_named(self, client, settings):
        assert f"Times are in {settings.TIME_ZONE}." in said(client)

    def test_the_page_has_one_button_to_save(self, client):
        assert client.get(PAGE).content.decode().count(">Save</button>") == 1


class TestAria2:
    def test_it_is_not_mentioned_unless_it_is_configured(self, client):
        make_folder()
        assert "aria2" not in client.get(PAGE).content.decode()
        assert client.post(reverse("saving:aria2_test")).status_code == 404

    def test_its_host_is_shown_without_a_password_and_an_error_says_what_to_check(self, client, settings):
        make_folder()
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            port = nobody.getsockname()[1]
            settings.ARIA2_RPC_URL = f"http://mara:pass-word@127.0.0.1:{port}/jsonrpc"
            page = client.get(PAGE)
            assert f"127.0.0.1:{port}" in text_of(page) and "pass-word" not in page.content.decode()
            answer = client.post(reverse("saving:aria2_test"), follow=True)
        assert "aria2 didn’t respond." in text_of(answer) and "pass-word" not in answer.content.decode()
