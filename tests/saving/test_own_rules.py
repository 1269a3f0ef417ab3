"""A person's own rules: what they add or tag is saved to a folder that they may use, whatever their role is."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Share, User
from saving.models import Folder, Job, Rule, RuleMatch
from saving.services import automatic, controlling, rules
from tests.factories import make_torrent, make_user
from tests.saving.factories import make_folder
from tests.saving.test_rules import make_ready, saved, set_tags
from torrents.models import Activity, Torrent
from torrents.services.actions import tagging
from torrents.states import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(save_dir) -> Folder:
    return make_folder("TV")


@pytest.fixture
def rule(cast, folder) -> Rule:
    found = rules.add_own(person=cast.member, folder=folder, tag="tv")
    assert found
    return found


def test_what_a_member_adds_with_the_tag_is_saved_for_them(cast, folder, rule):
    make_ready(cast, "Mine", ("tv",), added_by=cast.member)
    make_ready(cast, "Mine, of another kind", ("films",), added_by=cast.member)
    make_ready(cast, "Of the owner", ("tv",), added_by=cast.owner)
    make_ready(cast, "Of nobody", ("tv",))
    assert saved() == ["Mine"]
    job = Job.objects.get()
    assert (job.person, job.folder, job.rule) == (cast.member, folder, rule)


def test_what_others_added_is_saved_once_the_maker_gives_it_the_tag(cast, rule):
    Share.objects.filter(user=cast.member).update(level=Share.Level.MANAGE)
    theirs = make_ready(cast, "Of the owner", added_by=cast.owner)
    other = make_ready(cast, "Also of the owner", added_by=cast.owner)
    tagging.tag(person=cast.owner, torrents=[other], add=["tv"])
    assert saved() == []
    tagging.tag(person=cast.member, torrents=[theirs], add=["tv"])
    tagging.tag(person=cast.member, torrents=[other], add=["another"])
    assert saved() == ["Of the owner"]


def test_what_the_maker_tagged_while_it_was_downloading_is_saved_when_it_is_ready(cast, rule):
    Share.objects.filter(user=cast.member).update(level=Share.Level.MANAGE)
    theirs = make_torrent(cast.account, "Of the owner", added_by=cast.owner, status=Status.DOWNLOADING)
    tagging.tag(person=cast.member, torrents=[theirs], add=["tv"])
    assert saved() == []
    Torrent.objects.filter(pk=theirs.pk).update(status=Status.READY)
    Activity.record(theirs, Activity.Kind.READY)
    assert saved() == ["Of the owner"]


@pytest.mark.parametrize("take_away", ["folder", "account", "person"])
def test_without_the_right_to_the_folder_or_the_torrent_nothing_is_saved(cast, folder, rule, take_away):
    if take_away == "folder":
        Folder.objects.update(for_everyone=False)
    elif take_away == "account":
        Share.objects.filter(user=cast.member).delete()
    else:
        User.objects.filter(pk=cast.member.pk).update(is_active=False)
    make_ready(cast, "Mine", ("tv",), added_by=cast.member)
    assert saved() == [] and rule.rests == (take_away != "account")


def test_it_does_not_rest_when_its_maker_is_no_owner_anymore(cast, folder):
    rules.add_own(person=cast.owner, folder=folder, tag="tv")
    rules.add(owner=cast.owner, folder=folder, tag="films")
    User.objects.filter(pk=cast.owner.pk).update(role=User.Role.MEMBER)
    make_ready(cast, "Mine", ("tv",), added_by=cast.owner)
    make_ready(cast, "A film", ("films",), added_by=cast.owner)
    assert saved() == ["Mine"]


def test_nobody_gets_a_rule_for_a_folder_that_they_may_not_use(cast, save_dir):
    private = make_folder("Private", for_everyone=False)
    assert rules.add_own(person=cast.member, folder=private, tag="tv") is None
    private.people.add(cast.member)
    assert rules.add_own(person=cast.member, folder=private, tag="tv")


def test_the_same_rule_is_made_once(cast, folder, rule):
    assert rules.add_own(person=cast.member, folder=folder, tag="tv") == rule
    assert rules.add_own(person=cast.owner, folder=folder, tag="tv") != rule


class TestAgain:
    def test_what_is_added_again_is_saved_again(self, cast, rule):
        film = make_ready(cast, "Mine", ("tv",), added_by=cast.member)
        assert saved() == ["Mine"]
        Job.objects.all().delete()
        assert saved() == []
        Torrent.objects.filter(pk=film.pk).update(added_at=timezone.now())
        Activity.record(film, Activity.Kind.READY)
        assert saved() == ["Mine"]
        assert automatic.apply_rules() == 0

    def test_what_is_wanted_again_is_saved_again_if_it_is_ready(self, cast, rule):
        film = make_ready(cast, "Mine", ("tv",), added_by=cast.member)
        later = make_torrent(cast.account, "Later", added_by=cast.member, status=Status.DOWNLOADING)
        set_tags(later, "tv")
        assert saved() == ["Mine"]
        controlling.cancel(person=cast.member, jobs=list(Job.objects.all()), keep_partial=False)
        assert saved() == []
        rules.apply_again(rule=rule, torrents=[film, later])
        assert saved() == ["Mine"]
        Torrent.objects.filter(pk=later.pk).update(status=Status.READY)
        Activity.record(later, Activity.Kind.READY)
        assert saved() == ["Later", "Mine"]

    def test_it_waits_until_what_was_saved_before_is_deleted(self, cast, rule):
        film = make_ready(cast, "Mine", ("tv",), added_by=cast.member)
        assert saved() == ["Mine"]
        Job.objects.update(deleting=True, ended_at=timezone.now())
        rules.apply_again(rule=rule, torrents=[film])
        assert automatic.apply_rules() == 0 and RuleMatch.objects.get().started_at is None
        Job.objects.all().delete()
        assert automatic.apply_rules() == 1


class TestTheOwnersPage:
    def test_it_says_in_words_what_they_save_and_for_whom(self, cast, rule, sign_in):
        page = sign_in(cast.owner).get(reverse("saving:settings")).content.decode()
        line = re.sub(r"\s+", " ", re.sub("<[^>]*>", "", page.partition(f'id="rule-{rule.pk}"')[2]))
        assert "Torrents with the tag tv that Member adds" in line.replace("\u2068", "").replace("\u2069", "")
        assert "Saved to TV" in line.replace("\u2068", "").replace("\u2069", "")
        assert "made by" not in line.partition("More actions")[0]

    @pytest.mark.parametrize("why", ["can’t save to this folder anymore", "is suspended"])
    def test_it_says_why_they_rest(self, cast, folder, rule, sign_in, why):
        if why == "is suspended":
            User.objects.filter(pk=cast.member.pk).update(is_active=False)
        else:
            Folder.objects.update(for_everyone=False)
        page = sign_in(cast.owner).get(reverse("saving:settings")).content.decode()
        assert why in page and "make it yours" not in page

    def test_owners_remove_them(self, cast, rule, sign_in):
        make_user("another")
        url = reverse("saving:rule_remove", args=[rule.pk])
        assert sign_in(cast.member).post(url).status_code == 404
        assert Rule.objects.exists()
        assert sign_in(cast.owner).post(url).status_code == 302
        assert not Rule.objects.exists()
