"""Where to save: the dialog, and what starts without it."""

from __future__ import annotations

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from saving.models import Folder, Job, Rule
from tests.factories import give_files, make_torrent, tag
from tests.saving.factories import make_folder, make_job
from torrents.models import Torrent
from torrents.states import Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("save_dir")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def film(cast) -> Torrent:
    row = make_torrent(cast.account, "Sintel", size=2_000_000, file_count=2)
    give_files(row, ["Sintel/film.mkv", "Sintel/film.srt"])
    return row


@pytest.fixture
def films() -> Folder:
    return make_folder("Films")


@pytest.fixture
def books() -> Folder:
    return make_folder("Books")


def ask(client, torrent: Torrent, **data):
    return client.post(reverse("saving:save_one", args=[torrent.pk]), data, headers=HTMX)


def ask_for(client, *torrents: Torrent, **data):
    ids = {"ids": [torrent.pk for torrent in torrents]}
    return client.post(reverse("saving:save_several"), ids | data, headers=HTMX)


def said(response) -> list[str]:
    return [
        str(message).replace("\u2068", "").replace("\u2069", "")
        for message in get_messages(response.wsgi_request)
    ]


def undo_url(response) -> str:
    (message,) = get_messages(response.wsgi_request)
    return message.extra_tags


def folder_names(response) -> list[str]:
    return re.findall(r"<strong><bdi>([^<]*)</bdi></strong>\s*<span", response.content.decode())


def chosen(response) -> str:
    found = re.search(r'value="(\d+)"\s+data-after="[^"]*" required\s+checked', response.content.decode())
    return found[1] if found else ""


class TestDialog:
    def test_it_shows_folders_with_space_and_what_happens_at_torbox(
        self, cast, film, films, books, sign_in, save_dir
    ):
        response = ask(sign_in(cast.member), film)
        page = response.content.decode()
        assert response.status_code == 200 and not Job.objects.exists()
        assert folder_names(response) == ["Films", "Books"] and chosen(response) == str(films.pk)
        assert "Save " in page and "2.0 MB to your server." in page and "It stays on TorBox, too." in page
        assert f"{save_dir}/films" in page and " free</span>" in page

    def test_the_folder_used_last_comes_first_and_is_chosen(self, cast, film, films, books, sign_in):
        make_job(make_torrent(cast.account, "Earlier"), books, cast.member)
        response = ask(sign_in(cast.member), film)
        assert folder_names(response) == ["Books", "Films"] and chosen(response) == str(books.pk)

    def test_a_folder_without_space_can_not_be_chosen_and_says_why(self, cast, film, films, books, sign_in):
        Folder.objects.filter(pk=films.pk).update(floor=10**18)
        client = sign_in(cast.member)
        response = ask(client, film)
        assert "Not enough space" in response.content.decode() and chosen(response) == str(books.pk)
        refused = ask(client, film, folder=films.pk)
        assert refused.status_code == 422 and not Job.objects.exists()
        assert "You can’t save to this folder right now." in refused.content.decode()

    def test_a_folder_that_is_not_there_says_so(self, cast, film, films, books, sign_in, save_dir):
        (save_dir / "films").rmdir()
        response = ask(sign_in(cast.member), film)
        assert "Folder not available" in response.content.decode() and chosen(response) == str(books.pk)

    def test_choosing_a_folder_starts_and_can_be_undone(self, cast, film, films, books, sign_in):
        client = sign_in(cast.member)
        response = ask(client, film, folder=books.pk)
        assert response.status_code == 204 and "list-changed" in response["HX-Trigger"]
        assert said(response) == ["Saving “Sintel” to Books."]
        job = Job.objects.get()
        assert (job.torrent, job.folder, job.person, job.files.count()) == (film, books, cast.member, 2)
        assert client.post(undo_url(response), headers=HTMX).status_code == 204
        assert not Job.objects.exists()

    def test_another_person_can_not_undo_it(self, cast, film, films, sign_in):
        url = undo_url(ask(sign_in(cast.member), film))
        sign_in(cast.viewer).post(url, headers=HTMX)
        assert Job.objects.count() == 1

    def test_without_script_it_is_a_page(self, cast, film, films, books, sign_in):
        client = sign_in(cast.member)
        page = client.get(reverse("saving:save_one", args=[film.pk]))
        assert page.status_code == 200 and "<h1" in page.content.decode()
        response = client.post(reverse("saving:save_one", args=[film.pk]), {"folder": films.pk})
        assert response.status_code == 302 and Job.objects.count() == 1

    def test_names_are_escaped(self, cast, films, sign_in):
        row = make_torrent(cast.account, "<script>alert(1)</script>")
        make_folder("<img src=x>", "odd")
        page = ask(sign_in(cast.member), row).content.decode()
        assert "<script>alert" not in page and "<img src=x>" not in page


class TestOneFolder:
    def test_it_starts_without_asking(self, cast, film, films, sign_in):
        response = ask(sign_in(cast.member), film)
        assert response.status_code == 204 and Job.objects.get().folder == films
        assert undo_url(response).startswith(reverse("saving:undo"))

    def test_looking_never_starts_anything(self, cast, film, films, sign_in):
        response = sign_in(cast.member).get(reverse("saving:save_one", args=[film.pk]), headers=HTMX)
        assert response.status_code == 200 and not Job.objects.exists()

    def test_if_it_is_too_full_the_dialog_says_so(self, cast, film, films, sign_in):
        Folder.objects.update(floor=10**18)
        response = ask(sign_in(cast.member), film)
        assert "Not enough space" in response.content.decode() and not Job.objects.exists()

    def test_the_toast_tells_what_happens_at_torbox_unless_nothing_does(self, cast, film, films, sign_in):
        Folder.objects.update(after=Folder.After.DELETE, after_days=7)
        response = ask(sign_in(cast.owner), film)
        assert said(response) == ["Saving “Sintel” to Films. 7 days later, it’s deleted from TorBox."]

    def test_a_second_time_says_that_it_is_there(self, cast, film, films, sign_in):
        client = sign_in(cast.member)
        ask(client, film)
        response = ask(client, film)
        assert (
            said(response)[-1] == "Films already has this, or it’s being saved there."
            and Job.objects.count() == 1
        )


class TestAfterwards:
    @pytest.mark.parametrize(
        ("after", "words"),
        [
            (Folder.After.STOP_SEEDING, "TorBox stops seeding afterwards."),
            (Folder.After.DELETE, "3 days later, it’s deleted from TorBox."),
        ],
    )
    def test_the_sentence_is_that_of_the_folder(self, cast, film, films, books, sign_in, after, words):
        Folder.objects.filter(pk=films.pk).update(after=after, after_days=3)
        assert f'aria-live="polite">{words}' in ask(sign_in(cast.owner), film).content.decode()

    def test_what_a_person_may_not_control_stays(self, cast, film, films, books, sign_in):
        Folder.objects.update(after=Folder.After.DELETE)
        assert "It stays on TorBox, too." in ask(sign_in(cast.viewer), film).content.decode()


class TestSeveral:
    def test_the_selected_torrents_that_are_ready_are_saved(self, cast, film, films, books, sign_in):
        other = make_torrent(cast.account, "Caminandes", size=1_000_000)
        moving = make_torrent(cast.account, "Moving", status=Status.DOWNLOADING)
        client = sign_in(cast.member)
        page = ask_for(client, film, other, moving).content.decode()
        assert (
            "Save 2 torrents" in page
            and "They stay on TorBox, too." in page
            and "3.0 MB to your server." in page
        )
        response = ask_for(client, film, other, moving, folder=films.pk)
        assert said(response) == ["Saving 2 torrents to Films."]
        assert {job.torrent for job in Job.objects.all()} == {film, other}
        client.post(undo_url(response), headers=HTMX)
        assert not Job.objects.exists()

    def test_everything_that_matches_a_search_can_be_saved(self, cast, film, films, sign_in):
        make_torrent(cast.account, "Caminandes")
        sign_in(cast.member).post(reverse("saving:save_several"), {"matching": "q=sintel"}, headers=HTMX)
        assert [job.torrent for job in Job.objects.all()] == [film]

    def test_nothing_ready_says_so(self, cast, films, sign_in):
        moving = make_torrent(cast.account, "Moving", status=Status.DOWNLOADING)
        response = ask_for(sign_in(cast.member), moving)
        assert response.status_code == 204 and said(response) == [
            "None of the selected torrents are ready to save."
        ]

    def test_what_a_person_does_not_see_is_left_out(self, cast, film, films, sign_in):
        ask_for(sign_in(cast.outsider), film)
        assert not Job.objects.exists()
        assert ask(sign_in(cast.outsider), film).status_code == 404


class TestRules:
    def test_owners_may_always_save_what_shares_a_tag(self, cast, film, films, books, sign_in):
        other = tag(make_torrent(cast.account, "Caminandes"), "Kids", "Films")
        tag(film, "Films")
        client = sign_in(cast.owner)
        page = re.sub(r"\s+", " ", ask_for(client, film, other).content.decode())
        assert (
            "Always save torrents tagged <strong><bdi>Films</bdi></strong> here" in page
            and "Kids" not in page
        )
        ask_for(client, film, other, folder=books.pk, always="Films")
        rule = Rule.objects.get()
        assert (rule.kind, rule.tag, rule.folder, rule.made_by) == (Rule.Kind.TAG, "Films", books, cast.owner)
        assert "Always save" not in ask_for(client, film, other).content.decode(), "there is a rule already"

    def test_others_may_not(self, cast, film, films, books, sign_in):
        tag(film, "Films")
        client = sign_in(cast.member)
        assert "Always save" not in ask(client, film).content.decode()
        ask(client, film, folder=films.pk, always="Films")
        assert Job.objects.exists() and not Rule.objects.exists()

    def test_without_a_shared_tag_nothing_is_offered(self, cast, film, films, books, sign_in):
        other = tag(make_torrent(cast.account, "Caminandes"), "Kids")
        tag(film, "Films")
        assert "Always save" not in ask_for(sign_in(cast.owner), film, other).content.decode()


class TestFiles:
    def save(self, client, torrent: Torrent, **data):
        return client.post(reverse("saving:save_files", args=[torrent.pk]), data, headers=HTMX)

    def test_ticked_files_are_saved(self, cast, film, films, books, sign_in):
        client, one = sign_in(cast.member), film.files.get(path="Sintel/film.srt")
        assert "Save 1 file" in self.save(client, film, files=[one.pk]).content.decode()
        self.save(client, film, files=[one.pk], folder=films.pk)
        assert [file.path for file in Job.objects.get().files.all()] == ["Sintel/film.srt"]

    def test_a_ticked_folder_means_its_files(self, cast, film, films, sign_in):
        self.save(sign_in(cast.member), film, folders=["Sintel"])
        assert Job.objects.get().files.count() == 2

    def test_nothing_ticked_means_the_torrent(self, cast, film, films, books, sign_in):
        page = self.save(sign_in(cast.member), film).content.decode()
        assert reverse("saving:save_one", args=[film.pk]) in page

    def test_files_of_other_torrents_are_ignored(self, cast, film, films, sign_in):
        other = make_torrent(cast.account, "Other", file_count=1)
        give_files(other, ["Other/a.txt"])
        self.save(sign_in(cast.member), film, files=[other.files.get().pk])
        assert not Job.objects.exists()


class TestWho:
    def menu(self, client, torrent: Torrent) -> list[str]:
        page = client.get(reverse("torrents:menu", args=[torrent.pk])).content.decode()
        return [text.strip() for text in re.findall(r"</i>([^<]+)<", page)]

    def test_the_menu_has_it_between_sharing_and_notifying(self, cast, film, films, sign_in):
        items = self.menu(sign_in(cast.owner), film)
        at = items.index("Save to…")
        assert (
            items.index("Rename…") < at
            and items[at - 1] == "Share…"
            and items[at + 1] in ("Notify me", "Mute")
        )

    def test_without_a_folder_only_owners_are_offered_to_save_and_learn_what_is_missing(
        self, cast, film, sign_in
    ):
        assert "Save to…" not in self.menu(sign_in(cast.member), film)
        client = sign_in(cast.owner)
        assert "Save to…" in self.menu(client, film)
        assert "Add a folder" in ask(client, film).content.decode()

    def test_a_folder_of_some_people_is_theirs(self, cast, film, films, books, sign_in):
        Folder.objects.filter(pk=films.pk).update(for_everyone=False)
        films.people.add(cast.viewer)
        assert folder_names(ask(sign_in(cast.viewer), film)) == ["Films", "Books"]
        client = sign_in(cast.member)
        assert (
            client.get(reverse("saving:save_one", args=[film.pk]), headers=HTMX)
            .content.decode()
            .count("radio")
            == 1
        )
        assert ask(client, film, folder=films.pk).status_code == 422

    def test_a_torrent_that_is_not_ready_has_no_such_item(self, cast, films, sign_in):
        moving = make_torrent(cast.account, "Moving", status=Status.DOWNLOADING)
        client = sign_in(cast.member)
        assert "Save to…" not in self.menu(client, moving)
        assert said(ask(client, moving)) == ["This torrent isn’t ready to save."]


def test_looking_at_many_torrents_and_folders_takes_few_queries(
    cast, films, books, sign_in, django_assert_max_num_queries
):
    torrents = [make_torrent(cast.account, f"film {number}") for number in range(30)]
    client = sign_in(cast.owner)
    ask_for(client, *torrents)
    with django_assert_max_num_queries(9):
        ask_for(client, *torrents)
