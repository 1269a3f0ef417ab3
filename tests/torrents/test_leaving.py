"""Exporting your data, and what happens to it when a person leaves."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Share, TorBoxAccount, User
from tests.factories import let_waiting_end, make_account, make_key, make_torrent, make_user, sign_in
from torbox import magnet_scanner, magnets
from torrents.models import Activity, ControlRequest, EditRequest, Torrent
from torrents.services.actions import controlling, offboarding, tagging
from torrents.services.outbox import controls

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """Mara owns the instance and shares her account with Jon, who has one of his own too."""

    class House:
        mara, jon = make_user("mara", User.Role.OWNER), make_user("jon")
        maras = make_account(mara, make_key("mara"), "Mara’s")
        jons = make_account(jon, make_key("jon"), "Jon’s")

    Share.objects.create(account=House.maras, user=House.jon, level=Share.Level.ADD)
    Share.objects.create(account=House.jons, user=House.mara, level=Share.Level.VIEW)
    House.hers = make_torrent(House.maras, "Hers", added_by=House.mara)
    House.his = make_torrent(House.jons, "His", added_by=House.jon)
    House.his_on_hers = make_torrent(House.maras, "His on hers", added_by=House.jon, remote_id=8)
    Activity.objects.create(account=House.maras, person=House.jon, kind="added", name="His on hers")
    Activity.objects.create(account=House.maras, person=House.mara, kind="added", name="Hers")
    return House


def exported(person: User) -> dict:
    answer = sign_in(Client(), person).get("/me/export/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="torbox-web.json"'
    assert "no-store" in answer.headers["Cache-Control"]
    return json.loads(answer.content)


def test_the_export_has_all_of_my_data_and_none_of_others(house):
    mine = exported(house.jon)
    assert mine["person"]["username"] == "jon"
    assert [row["name"] for row in mine["torrents"]] == ["His", "His on hers"]
    assert [row["label"] for row in mine["torbox_accounts"]] == ["Jon’s"]
    assert mine["shares_with_me"] == [{"account": "Mara’s", "owner": "Mara", "level": "add"}]
    assert [row["name"] for row in mine["activity"]] == ["His on hers"]
    for row in mine["torrents"]:
        assert magnets.parse(row["magnet"]).info_hash == row["info_hash"]


def test_the_export_has_my_preferences(house):
    chosen = {"language": "de", "time_zone": "Europe/Berlin", "appearance": "dark", "shows_speed": True}
    User.objects.filter(pk=house.jon.pk).update(**chosen)
    assert exported(house.jon)["person"].items() >= chosen.items()


def test_the_export_has_what_my_browser_said(house):
    client = Client(headers={"Accept-Language": "de"})
    client.cookies[settings.TIME_ZONE_COOKIE_NAME] = "Asia/Tokyo"
    sign_in(client, house.jon).get("/me/")
    mine = exported(house.jon)["person"]
    assert (mine["seen_language"], mine["seen_time_zone"]) == ("de", "Asia/Tokyo")


def test_the_export_names_the_tags_of_torrents(house):
    tagging.tag(person=house.jon, torrents=[house.his], add=["film"])
    assert [row["tags"] for row in exported(house.jon)["torrents"]] == [["film"], []]


def test_the_export_has_neither_keys_nor_passwords(house):
    text = json.dumps(exported(house.jon))
    house.jons.refresh_from_db()
    for secret in (make_key("jon"), house.jons.encrypted_key, house.jons.key_fingerprint, house.jon.password):
        assert secret not in text


def test_the_export_leaves_out_what_a_person_may_no_longer_see(house):
    Share.objects.filter(user=house.jon).delete()
    assert [row["name"] for row in exported(house.jon)["torrents"]] == ["His"]


def test_the_magnet_links_can_be_pasted_back(house):
    text = sign_in(Client(), house.jon).get("/me/export/magnets/").content.decode()
    found = magnet_scanner.scan(text).found
    assert {one.magnet.info_hash for one in found} == {house.his.info_hash, house.his_on_hers.info_hash}


def delete(house, person: User, **form: object):
    return sign_in(Client(), house.mara).post(f"/people/{person.pk}/delete/", form)


def test_the_question_says_how_much_is_left_behind(house):
    page = sign_in(Client(), house.mara).get(f"/people/{house.jon.pk}/delete/").content.decode()
    assert "They have 1 TorBox account here." in page
    assert "They added 1 torrent to other people’s accounts." in page
    assert User.objects.filter(pk=house.jon.pk).exists()


def test_without_an_answer_no_one_is_deleted(house):
    assert delete(house, house.jon, what="").status_code == 422
    assert delete(house, house.jon, what="hand_over").status_code == 422
    assert User.objects.filter(pk=house.jon.pk).exists()


def test_deleting_disconnects_the_account_and_deletes_torrents_on_other_accounts(house):
    assert delete(house, house.jon, what="delete").status_code == 302
    assert not User.objects.filter(username="jon").exists()
    assert not TorBoxAccount.objects.filter(pk=house.jons.pk).exists()
    house.his_on_hers.refresh_from_db()
    assert house.his_on_hers.removed_at is not None
    new_torrent = ControlRequest.objects.get(torrent=house.his_on_hers)
    assert (new_torrent.operation, new_torrent.person) == ("delete", house.mara)
    assert [row.name for row in Torrent.objects.listed()] == ["Hers"]


def test_exported_magnets_are_in_natural_order(house):
    for number in (10, 9, 1):
        make_torrent(house.jons, f"Part {number}", file_count=0)
    lines = sign_in(Client(), house.jon).get("/me/export/magnets/").content.decode().split()
    named = [name for name in (magnets.parse(line).name for line in lines) if name.startswith("Part")]
    assert named == ["Part 1", "Part 9", "Part 10"]


def test_torrents_are_deleted_from_torbox_though_the_person_is_gone(cast, sim, key, at_torbox):
    rows = [at_torbox(name="Film 1"), at_torbox(name="Film 2")]
    Torrent.objects.update(added_by=cast.member)
    offboarding.leave(cast.member, heir=None)
    let_waiting_end(cast.account)
    controls.send_due(cast.account.pk)
    account = next(account for account in sim.control.state()["accounts"] if key in account["keys"])
    assert len(rows) == 2 and account["torrents"] == []


def test_transferred_accounts_and_torrents_have_a_new_owner(house):
    lina = make_user("lina")
    Share.objects.create(account=house.jons, user=lina, level=Share.Level.VIEW)
    assert delete(house, house.jon, what="hand_over", heir=lina.pk).status_code == 302
    account = TorBoxAccount.objects.get(pk=house.jons.pk)
    assert account.owner == lina and not account.shares.filter(user=lina).exists()
    assert account.shares.filter(user=house.mara).exists()
    assert set(Torrent.objects.filter(added_by=lina)) == {house.his, house.his_on_hers}
    assert Torrent.objects.listed().count() == 3
    assert sign_in(Client(), lina).get(account.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("who", ["a guest", "a suspended person", "themselves", "an unknown person"])
def test_the_new_owner_has_to_be_an_active_member(house, who):
    heir = {
        "a guest": make_user("guest", User.Role.GUEST).pk,
        "a suspended person": make_user("off", is_active=False).pk,
        "themselves": house.jon.pk,
        "an unknown person": 99999,
    }[who]
    assert delete(house, house.jon, what="hand_over", heir=heir).status_code == 422
    assert User.objects.filter(pk=house.jon.pk).exists()


def test_events_stay_without_their_name(house):
    delete(house, house.jon, what="delete")
    assert Activity.objects.filter(account=house.maras, name="His on hers", person=None).exists()


def test_pending_operations_are_still_carried_out(house):
    other = make_torrent(house.maras, "Another", added_by=house.jon, remote_id=9)
    controlling.control(person=house.jon, torrents=[house.his_on_hers, other], operation="pause")
    delete(house, house.jon, what="hand_over", heir=house.mara.pk)
    assert ControlRequest.objects.filter(operation="pause").count() == 2


def test_pending_edits_are_still_sent(house):
    tagging.tag(person=house.jon, torrents=[house.his_on_hers], add=["his"])
    delete(house, house.jon, what="hand_over", heir=house.mara.pk)
    edit = EditRequest.objects.get()
    assert edit.added_tags == ["his"] and edit.person is None and edit.batch is None


def test_a_person_deletes_their_account_and_is_signed_out_everywhere(house):
    client, phone = sign_in(Client(), house.jon), sign_in(Client(), house.jon)
    answer = client.post("/me/delete/", {"what": "delete"}, follow=True)
    assert (
        answer.redirect_chain == [("/sign-in/", 302)]
        and "Your account and everything only you could see have been deleted." in answer.content.decode()
    )
    assert not User.objects.filter(username="jon").exists()
    assert phone.get("/me/").status_code == client.get("/me/").status_code == 302


def test_the_only_owner_cannot_delete_themselves(house):
    answer = sign_in(Client(), house.mara).post("/me/delete/", {"what": "delete"})
    assert answer.status_code == 422 and "Make another person an owner first" in answer.content.decode()
    assert TorBoxAccount.objects.filter(pk=house.maras.pk).exists()
    house.hers.refresh_from_db()
    assert house.hers.removed_at is None


def test_a_person_with_nothing_is_not_asked(house):
    lina = make_user("lina", User.Role.GUEST)
    page = sign_in(Client(), house.mara).get(f"/people/{lina.pk}/delete/").content.decode()
    assert "They have no TorBox account here" in page and 'name="heir"' not in page
    assert delete(house, lina, what="delete").status_code == 302
    assert not User.objects.filter(username="lina").exists()
