"""Tags, names, and Keep in the browser: who may change them, what is said, and undo."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Share, TorBoxAccount
from tests.factories import make_account, make_key, make_torrent, make_user
from tests.factories import sign_in as signed_in
from torrents.models import EditRequest, Torrent, Usage
from torrents.pages.list.row import Row
from torrents.services.actions import tagging
from torrents.services.outbox import edits
from torrents.states import Status

HTMX = {"HX-Request": "true"}
MAGNET = "magnet:?xt=urn:btih:" + "a" * 40 + "&dn=Sintel"


@pytest.fixture
def three(cast) -> list[Torrent]:
    TorBoxAccount.objects.update(plan=2)
    return [make_torrent(cast.account, f"Film {n}", remote_id=n, added_by=cast.owner) for n in (1, 2, 3)]


def post(client: Client, name: str, /, *args: object, htmx: bool = True, **form: object):
    return client.post(reverse(f"torrents:{name}", args=args), form, headers=HTMX if htmx else {})


def ids(rows) -> list[int]:
    return [row.pk for row in rows]


def toast(answer) -> dict[str, str]:
    """Return the only toast of a response."""
    (item,) = json.loads(answer.headers["HX-Trigger"])["toast"]["items"]
    return item


def tags() -> list[list[str]]:
    return list(Torrent.objects.order_by("pk").values_list("tags", flat=True))


def names() -> list[str]:
    return list(Torrent.objects.order_by("pk").values_list("name", flat=True))


def kept() -> list[bool]:
    return list(Torrent.objects.order_by("pk").values_list("airlocked", flat=True))


def test_several_torrents_are_tagged_at_once_and_one_undo_takes_it_back(cast, three, sign_in):
    client = sign_in(cast.owner)
    answer = post(client, "change_tags", ids=ids(three[:2]), new="Films, Kids")
    assert tags() == [["Films", "Kids"], ["Films", "Kids"], []]
    assert toast(answer)["text"] == "Added 2 tags to 2 torrents."
    assert (
        toast(client.post(toast(answer)["undo"], headers=HTMX))["text"] == "Undid the change of 2 torrents."
    )
    assert tags() == [[], [], []]


def test_one_undo_takes_back_several_changes_in_a_row(cast, three, sign_in):
    client = sign_in(cast.owner)
    first = toast(post(client, "change_tags", ids=ids(three[:2]), new="Films"))["undo"]
    earlier = [first.partition("batch=")[2]]
    answer = toast(
        post(client, "change_tags", ids=ids(three[:2]), had=["Films"], new="Kids", earlier=earlier)
    )
    assert answer["text"] == "Changed the tags of 2 torrents."
    assert answer["undo"].startswith(f"{first}&"), (
        "by which the page knows that it replaces the first message"
    )
    undone = toast(client.post(answer["undo"], headers=HTMX))
    assert undone["text"] == "Undid the change of 2 torrents."
    assert tags() == [[], [], []]


def test_the_sentence_counts_only_the_torrents_that_change(cast, three, sign_in):
    client = sign_in(cast.owner)
    post(client, "change_tags", ids=ids(three[:1]), new="Films")
    answer = post(client, "change_tags", ids=ids(three), tags=["Films"])
    assert toast(answer)["text"] == "Added “Films” to 2 torrents."
    answer = post(client, "change_tags", ids=ids(three), had=["Films"])
    assert toast(answer)["text"] == "Removed “Films” from 3 torrents."
    assert "toast" not in post(client, "change_tags", ids=ids(three), had=["Films"]).headers["HX-Trigger"]


def test_the_sentence_does_not_count_torrents_that_are_gone(cast, three, sign_in):
    gone = make_torrent(cast.account, "Gone", remote_id=None, status=Status.GONE)
    client = sign_in(cast.owner)
    answer = post(client, "change_tags", ids=ids([*three, gone]), new="Films")
    texts = [item["text"] for item in json.loads(answer.headers["HX-Trigger"])["toast"]["items"]]
    assert texts[0] == "Added “Films” to 3 torrents."
    answer = post(client, "change_tags", ids=ids([gone]), new="Kids")
    assert "Added" not in answer.headers["HX-Trigger"]


def test_a_tag_that_only_some_have_stays_as_it_is_without_javascript(cast, three, sign_in):
    client = sign_in(cast.owner)
    tagging.tag(person=cast.owner, torrents=three[:1], add=["Films"])
    tagging.tag(person=cast.owner, torrents=three, add=["Kids"])
    page = post(client, "tag_several", htmx=False, ids=ids(three)).content.decode()
    assert "on 1 of 3 torrents" in page and 'name="had" value="Kids"' in page
    assert 'name="had" value="Films"' not in page
    answer = post(client, "change_tags", htmx=False, ids=ids(three), had=["Kids"], tags=[])
    assert answer.status_code == 302
    assert tags() == [["Films"], [], []]


def test_the_picker_marks_tags_of_all_and_of_some(cast, three, sign_in):
    tagging.tag(person=cast.owner, torrents=three[:1], add=["Films"])
    tagging.tag(person=cast.owner, torrents=three, add=["Kids"])
    picker = post(sign_in(cast.owner), "tag_several", ids=ids(three[:2])).content.decode()
    boxes = {part.split('"')[0]: part.split(">")[0] for part in picker.split('data-tag="')[1:]}
    assert list(boxes) == ["Kids", "Films"], "the most used first"
    assert "checked" in boxes["Kids"] and "data-some" not in boxes["Kids"]
    assert "data-some" in boxes["Films"] and "checked" not in boxes["Films"]


def test_all_that_match_the_list_are_tagged(cast, three, sign_in):
    post(sign_in(cast.owner), "change_tags", matching="q=Film 2", new="Two")
    assert tags() == [[], ["Two"], []]


def test_people_complete_tags_only_of_torrents_they_see(cast, three, sign_in):
    stranger = make_account(make_user("stranger"), make_key("stranger"), "Theirs")
    theirs = make_torrent(stranger, "Theirs")
    tagging.tag(person=stranger.owner, torrents=[theirs], add=["Secret of others"])
    tagging.tag(person=cast.owner, torrents=three[:1], add=["Hidden tag"])
    Torrent.objects.filter(pk=three[0].pk).update(hidden=True)
    tagging.tag(person=cast.owner, torrents=three[1:], add=["Films"])
    Torrent.objects.filter(pk=three[2].pk).update(added_by=cast.member)
    client = sign_in(cast.member)
    for page in (
        client.get(reverse("torrents:tag", args=[three[2].pk])),
        client.get(reverse("torrents:add")),
        post(client, "preview", text=MAGNET),
        post(client, "tag_several", ids=ids(three)),
    ):
        text = page.content.decode()
        assert "Films" in text and "Secret of others" not in text and "Hidden tag" not in text


def test_one_torrent_is_tagged_in_a_dialog_or_on_a_page(cast, three, sign_in):
    client, url = sign_in(cast.owner), reverse("torrents:tag", args=[three[0].pk])
    assert "<modal-dialog>" in client.get(url, headers=HTMX).content.decode()
    assert "<modal-dialog>" not in client.get(url).content.decode()
    assert post(client, "tag", three[0].pk, htmx=False, new="Films").status_code == 302
    assert tags() == [["Films"], [], []]


@pytest.mark.parametrize("name", ["<b>bold</b>", '" onmouseover="alert(1)', "\u202egnp.live", "a,b" * 30])
def test_a_hostile_tag_is_text_on_every_page(cast, three, sign_in, name):
    client = sign_in(cast.owner)
    Torrent.objects.filter(pk=three[0].pk).update(tags=[name])
    for page in (
        client.get(reverse("torrents:tag", args=[three[0].pk])),
        client.get(reverse("torrents:detail", args=[three[0].pk])),
        post(client, "tag_several", ids=ids(three)),
    ):
        text = page.content.decode()
        assert page.status_code == 200
        assert (
            "<b>bold" not in text
            and 'onmouseover="alert' not in text
            and "\u202e" not in text.replace(f'value="{name}"', "").replace(f'data-tag="{name}"', "")
        )


def test_a_torrent_is_renamed_and_the_name_undone(cast, three, sign_in):
    client = sign_in(cast.owner)
    answer = post(client, "rename", three[0].pk, name="  Sintel ")
    assert names() == ["Sintel", "Film 2", "Film 3"]
    assert toast(answer)["text"] == "Renamed 1 torrent."
    client.post(toast(answer)["undo"], headers=HTMX)
    assert names() == ["Film 1", "Film 2", "Film 3"]


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 100_000])
def test_a_name_that_cannot_be_is_explained_and_changes_nothing(cast, three, sign_in, name):
    client = sign_in(cast.owner)
    for htmx in (True, False):
        answer = post(client, "rename", three[0].pk, htmx=htmx, name=name)
        assert answer.status_code == 422
        assert ("<modal-dialog>" in answer.content.decode()) is htmx
        assert 'class="errorlist"' in answer.content.decode()
    assert names()[0] == "Film 1"


def test_a_single_selected_torrent_gets_a_field_for_its_name(cast, three, sign_in):
    asked = post(sign_in(cast.owner), "rename_several", ids=ids(three[:1])).content.decode()
    assert f'action="{reverse("torrents:rename", args=[three[0].pk])}"' in asked and 'value="Film 1"' in asked


def test_many_are_renamed_by_find_and_replace_as_the_preview_showed(cast, three, sign_in):
    make_torrent(cast.account, "Other", remote_id=9)
    client, form = (
        sign_in(cast.owner),
        {"ids": ids(Torrent.objects.all()), "find": "Film ", "replace": "Part 0"},
    )
    shown = post(client, "preview_names", **form).content.decode()
    assert "3 names change." in shown and "Rename 3" in shown
    assert "Part 02" in shown and "Other" not in shown
    assert names()[0] == "Film 1", "a preview changes nothing"
    answer = post(client, "rename_several", **form, apply="1")
    assert names() == ["Part 01", "Part 02", "Part 03", "Other"]
    assert toast(answer)["text"] == "Renamed 3 torrents."
    client.post(toast(answer)["undo"], headers=HTMX)
    assert names() == ["Film 1", "Film 2", "Film 3", "Other"]


def test_find_and_replace_works_without_javascript(cast, three, sign_in):
    client, form = sign_in(cast.owner), {"ids": ",".join(map(str, ids(three)))}
    assert "disabled" in post(client, "rename_several", htmx=False, **form).content.decode()
    form |= {"find": "Film", "replace": "Movie"}
    page = post(client, "rename_several", htmx=False, **form).content.decode()
    assert "Movie 1" in page and "disabled" not in page.split('id="replace-submit"')[1].split(">")[0]
    assert post(client, "rename_several", htmx=False, **form, apply="1").status_code == 302
    assert names() == ["Movie 1", "Movie 2", "Movie 3"]


def test_names_that_nothing_changes_are_said(cast, three, sign_in):
    client = sign_in(cast.owner)
    shown = post(client, "preview_names", ids=ids(three), find="film", replace="x").content.decode()
    assert "None of the names contain this." in shown
    answer = post(client, "rename_several", ids=ids(three), find="film", replace="x", apply="1")
    assert "<modal-dialog>" in answer.content.decode(), "it asks again"


def test_torrents_are_kept_and_no_longer_kept_with_undo(cast, three, sign_in):
    client = sign_in(cast.owner)
    answer = post(client, "keep_several", ids=ids(three[:2]), keep="on")
    assert kept() == [True, True, False]
    assert toast(answer)["text"] == "Keeping 2 torrents."
    client.post(toast(answer)["undo"], headers=HTMX)
    assert kept() == [False, False, False]
    post(client, "keep", three[0].pk)
    assert kept() == [True, False, False]
    answer = post(client, "keep_several", ids=ids(three), keep="off")
    assert toast(answer)["text"] == "No longer keeping 1 torrent."
    assert kept() == [False, False, False]


def test_only_accounts_with_airlock_keep_torrents(cast, three, sign_in):
    Usage.objects.create(account=cast.account, airlock_limit=0)
    client = sign_in(cast.owner)
    for answer in (
        post(client, "keep", three[0].pk),
        post(client, "keep_several", ids=ids(three), keep="on"),
    ):
        assert toast(answer)["text"] == "Nothing was changed. The TorBox plan doesn’t include AirLock."
    assert kept() == [False, False, False]
    assert not EditRequest.objects.exists()


def test_what_torbox_refuses_to_keep_is_said_in_its_own_words(cast, at_torbox, sim, sign_in):
    TorBoxAccount.objects.update(plan=2)
    row, client = at_torbox(name="Sintel", files={"film.mkv": 4000}), sign_in(cast.owner)
    sim.control.account(cast.key, airlock_bytes=1)
    post(client, "keep", row.pk)
    edits.send_due(cast.account.pk)
    said = toast(client.get(reverse("torrents:changes"), headers=HTMX))
    assert said["text"].startswith("TorBox didn’t keep it: “AirLock is full: ")
    assert said["level"] == "warning"
    assert said["usage"] == reverse("torrents:usage", args=[cast.account.pk])
    assert kept() == [False]


def test_a_page_links_to_the_use_of_an_account_only_for_its_owner(cast, at_torbox, sim, sign_in):
    TorBoxAccount.objects.update(plan=2)
    rows = {name: at_torbox(name=name, files={"film.mkv": 4000}) for name in ("Sintel", "Elephants Dream")}
    sim.control.account(cast.key, airlock_bytes=1)
    Share.objects.filter(account=cast.account, user=cast.member).update(level=Share.Level.MANAGE)
    usage = reverse("torrents:usage", args=[cast.account.pk])
    for person, name, linked in ((cast.owner, "Sintel", True), (cast.member, "Elephants Dream", False)):
        client = sign_in(person)
        post(client, "keep", rows[name].pk)
        client.get("/")  # shows and forgets that it is being kept
        edits.send_due(cast.account.pk)
        page = client.get("/").text
        assert "TorBox didn’t keep it: “" in page
        assert (f'href="{usage}">Usage</a>' in page) is linked


@pytest.mark.parametrize(("plan", "limit", "offered"), [(0, None, False), (2, None, True), (2, 0, False)])
def test_keep_is_offered_where_the_plan_has_airlock(cast, three, sign_in, plan, limit, offered):
    TorBoxAccount.objects.update(plan=plan)
    Usage.objects.create(account=cast.account, airlock_limit=limit)
    client = sign_in(cast.owner)
    page = client.get(reverse("torrents:list")).content.decode()
    menu = client.get(reverse("torrents:menu", args=[three[0].pk])).content.decode()
    assert ('id="keep-selected"' in page) is offered
    assert (reverse("torrents:keep", args=[three[0].pk]) in menu) is offered


def test_keep_is_not_offered_to_people_who_only_view(cast, three, sign_in):
    assert 'id="keep-selected"' not in sign_in(cast.viewer).get(reverse("torrents:list")).content.decode()


def test_a_kept_torrent_offers_to_stop_even_after_the_plan_has_lapsed(cast, three, sign_in):
    TorBoxAccount.objects.update(plan=0)
    Torrent.objects.update(airlocked=True)
    menu = sign_in(cast.owner).get(reverse("torrents:menu", args=[three[0].pk])).content.decode()
    assert reverse("torrents:stop_keeping", args=[three[0].pk]) in menu


def test_the_menu_has_tag_rename_and_keep_above_delete(cast, three, sign_in):
    menu = sign_in(cast.owner).get(reverse("torrents:menu", args=[three[0].pk])).content.decode()
    places = [menu.index(f"/{three[0].pk}/{name}/") for name in ("tags", "rename", "keep", "remove")]
    assert places == sorted(places)


def test_people_who_may_not_change_a_torrent_are_offered_nothing(cast, three, sign_in):
    Torrent.objects.filter(pk=three[1].pk).update(added_by=cast.member)
    for person, torrent, expected in (
        (cast.viewer, three[0], False),
        (cast.member, three[0], False),
        (cast.member, three[1], True),
    ):
        client = signed_in(Client(), person)
        menu = client.get(reverse("torrents:menu", args=[torrent.pk])).content.decode()
        assert [f"/{torrent.pk}/{name}/" in menu for name in ("tags", "rename", "keep")] == [expected] * 3


def test_a_selection_changes_only_what_the_person_may_change(cast, three, sign_in):
    Torrent.objects.filter(pk=three[1].pk).update(added_by=cast.member)
    client = sign_in(cast.member)
    post(client, "change_tags", ids=ids(three), new="Mine")
    post(client, "rename_several", ids=ids(three), find="Film", replace="Movie", apply="1")
    post(client, "keep_several", ids=ids(three), keep="on")
    assert tags() == [[], ["Mine"], []]
    assert names() == ["Film 1", "Movie 2", "Film 3"]
    assert kept() == [False, True, False]
    assert ids(three)[0] != ids(three)[1]
    viewer = signed_in(Client(), cast.viewer)
    for name in ("tag_several", "change_tags", "rename_several", "keep_several"):
        answer = post(viewer, name, ids=ids(three))
        assert toast(answer)["text"] == "You can’t change any of the selected torrents."


def test_a_manager_changes_no_torrent_that_is_hidden_from_them(cast, three, sign_in):
    Share.objects.filter(user=cast.viewer).update(level=Share.Level.MANAGE)
    Torrent.objects.filter(pk=three[0].pk).update(hidden=True)
    client = sign_in(cast.viewer)
    assert post(client, "rename", three[0].pk, name="Mine").status_code == 404
    post(client, "change_tags", ids=ids(three), new="Ours")
    assert tags() == [[], ["Ours"], ["Ours"]]


def test_only_the_person_who_made_a_change_undoes_it(cast, three, sign_in):
    undo = toast(post(sign_in(cast.owner), "rename", three[0].pk, name="Sintel"))["undo"]
    Share.objects.filter(user=cast.viewer).update(level=Share.Level.MANAGE)
    other = signed_in(Client(), cast.viewer)
    assert toast(other.post(undo, headers=HTMX))["text"] == "There is nothing to undo."
    assert names()[0] == "Sintel"


@pytest.mark.parametrize("batch", ["", "x", "-1", "9" * 30, "²"])
def test_an_undo_of_nothing_says_so(cast, sign_in, batch):
    answer = sign_in(cast.owner).post(f"{reverse('torrents:undo_edit')}?batch={batch}", headers=HTMX)
    assert toast(answer)["text"] == "There is nothing to undo."


def test_a_row_says_that_torbox_does_not_have_a_change_yet(cast, three, sign_in):
    client = sign_in(cast.owner)
    post(client, "rename", three[0].pk, name="Sintel")
    rows = client.get(reverse("torrents:list")).content.decode().split('<li class="row"')[1:]
    (mine,) = [row for row in rows if f'id="torrent-{three[0].pk}"' in row]
    assert 'aria-busy="true"' in mine and "TorBox doesn’t have this change yet" in mine and "Sintel" in mine
    assert sum("aria-busy" in row for row in rows) == 1


def test_a_page_soon_asks_whether_torbox_has_a_change(cast, three, sign_in):
    client, url = sign_in(cast.owner), reverse("torrents:list")
    TorBoxAccount.objects.update(refreshed_at=timezone.now())
    assert not client.get(url).context["listing"].lively
    post(client, "rename", three[0].pk, name="Sintel")
    assert client.get(url).context["listing"].lively


def test_rows_without_any_of_it_say_nothing_of_it(cast, three):
    Torrent.objects.update(status=Status.READY)
    shown = Torrent.objects.visible_to(cast.owner).for_display(cast.owner).first()
    markup = Row.of(shown).markup.decode()
    assert "data-kept" not in markup and "aria-busy" not in markup and 'title="TorBox' not in markup


def test_the_page_of_a_torrent_shows_its_tags_as_links_to_the_list(cast, three, sign_in):
    tagging.tag(person=cast.owner, torrents=three[:1], add=["Films & more"])
    page = sign_in(cast.owner).get(reverse("torrents:detail", args=[three[0].pk])).content.decode()
    assert f'href="{reverse("torrents:list")}?tag=Films%20%26%20more"' in page and 'id="edit-tags"' in page
    seen = (
        signed_in(Client(), cast.viewer).get(reverse("torrents:detail", args=[three[0].pk])).content.decode()
    )
    assert "Films &amp; more" in seen and 'id="edit-tags"' not in seen


def test_torrents_are_tagged_as_they_are_added(cast, sign_in):
    sign_in(cast.member).post(reverse("torrents:add"), {"text": MAGNET, "tags": "Films, Kids, Films"})
    row = Torrent.objects.get(info_hash="a" * 40)
    assert row.tags == ["Films", "Kids"] and row.edit_pending
    assert EditRequest.objects.get(torrent=row).person == cast.member


def test_tags_that_were_typed_stay_on_the_page_with_the_preview(cast, sign_in):
    page = (
        sign_in(cast.owner)
        .post(reverse("torrents:preview"), {"text": MAGNET, "tags": "Films"})
        .content.decode()
    )
    assert 'value="Films"' in page.split('name="tags"')[1].split(">")[0]
