"""Rules save torrents by themselves: which ones, for whom, from when on, and nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services as accounts
from accounts.models import Share, User
from saving.models import Folder, Job, Rule, RuleMatch
from saving.services import automatic, controlling, rules
from tests.factories import make_account, make_key, make_torrent, make_user
from tests.saving.factories import make_folder
from torrents.models import Activity, Torrent
from torrents.models.writing import write_rows
from torrents.states import Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(save_dir) -> Folder:
    return make_folder()


def make_ready(cast, name: str, tags: tuple[str, ...] = (), **fields) -> Torrent:
    """Make a torrent that has just become ready."""
    torrent = make_torrent(cast.account, name, **fields)
    set_tags(torrent, *tags)
    Activity.record(torrent, Activity.Kind.READY)
    return torrent


def set_tags(torrent: Torrent, *tags: str) -> None:
    torrent.tags = list(tags)
    write_rows(torrent.account, [torrent])


def tag_now(torrent: Torrent, *tags: str) -> None:
    """Tag a torrent as a person does."""
    set_tags(torrent, *tags)
    Activity.record(torrent, Activity.Kind.TAGGED)


def by_tag(cast, folder: Folder, tag: str = "Films") -> Rule:
    return rules.add(owner=cast.owner, folder=folder, tag=tag)[0]


def by_person(cast, folder: Folder, adder) -> Rule:
    return rules.add(owner=cast.owner, folder=folder, adder=adder)[0]


def saved() -> list[str]:
    automatic.apply_rules()
    return sorted(Job.objects.values_list("torrent__name", flat=True))


def test_what_becomes_ready_with_the_tag_is_saved_once(cast, folder):
    rule = by_tag(cast, folder)
    film = make_ready(cast, "Film", ("Films",))
    make_ready(cast, "Album", ("Music",))
    make_ready(cast, "Other", ("films",))  # another tag
    assert saved() == ["Film"]
    job = Job.objects.get()
    assert (job.rule, job.folder, job.person) == (rule, folder, cast.owner)
    Activity.record(film, Activity.Kind.READY)
    assert saved() == ["Film"] and automatic.apply_rules() == 0
    rule.refresh_from_db()
    assert rule.saved == 1


def test_what_was_ready_before_the_rule_is_left_alone(cast, folder):
    make_ready(cast, "Old film", ("Films",))
    by_tag(cast, folder)
    assert saved() == []


def test_what_is_tagged_later_is_saved_too(cast, folder):
    old = make_ready(cast, "Old film")
    by_tag(cast, folder)
    assert saved() == []
    tag_now(old, "Films")
    assert saved() == ["Old film"]


def test_another_tag_on_what_had_the_tag_before_the_rule_saves_nothing(cast, folder):
    old = make_ready(cast, "Old film", ("Films",))
    by_tag(cast, folder)
    tag_now(old, "Films", "New")
    assert saved() == []


def test_what_is_tagged_while_it_downloads_is_saved_when_it_is_ready(cast, folder):
    by_tag(cast, folder)
    film = make_torrent(cast.account, "Film", status=Status.DOWNLOADING)
    tag_now(film, "Films")
    assert saved() == []
    Torrent.objects.filter(pk=film.pk).update(status=Status.READY)
    Activity.record(film, Activity.Kind.READY)
    assert saved() == ["Film"]


def test_a_rule_for_a_person_saves_what_they_added(cast, folder):
    by_person(cast, folder, cast.member)
    make_ready(cast, "Of the member", added_by=cast.member)
    make_ready(cast, "Of the viewer", added_by=cast.viewer)
    other = make_ready(cast, "Tagged by the way")
    tag_now(other, "Films")
    assert saved() == ["Of the member"]


def test_nothing_that_is_hidden_from_the_maker_of_the_rule_is_saved(cast, folder):
    theirs = make_account(cast.member, make_key("member's"))
    by_person(cast, folder, cast.member)
    torrents = [
        make_torrent(theirs, "Private", added_by=cast.member),
        make_torrent(cast.account, "Public", added_by=cast.member),
    ]
    for torrent in torrents:
        Activity.record(torrent, Activity.Kind.READY)
    assert saved() == ["Public"]
    Share.objects.create(account=theirs, user=cast.owner)
    Torrent.objects.filter(pk=torrents[0].pk).update(hidden=True)
    assert saved() == ["Public"]


def test_what_a_person_canceled_is_not_started_again(cast, folder):
    by_tag(cast, folder)
    film = make_ready(cast, "Film", ("Films",))
    assert saved() == ["Film"]
    controlling.cancel(person=cast.owner, jobs=list(Job.objects.all()), keep_partial=False)
    Activity.record(film, Activity.Kind.READY)
    tag_now(film, "Films", "Again")
    assert saved() == []


def test_two_rules_for_the_same_folder_make_one_job(cast, folder):
    by_tag(cast, folder)
    by_person(cast, folder, cast.member)
    make_ready(cast, "Film", ("Films",), added_by=cast.member)
    assert saved() == ["Film"]


def test_rules_for_two_folders_make_a_job_for_each(cast, folder):
    by_tag(cast, folder)
    by_tag(cast, make_folder("Archive"))
    make_ready(cast, "Film", ("Films",))
    assert saved() == ["Film", "Film"]


def test_the_rule_of_someone_who_is_suspended_rests(cast, folder):
    by_tag(cast, folder)
    cast.owner.is_active = False
    cast.owner.save()
    make_ready(cast, "Film", ("Films",))
    assert saved() == []
    cast.owner.is_active = True
    cast.owner.save()
    assert saved() == ["Film"]


def test_the_rule_of_someone_who_is_no_longer_an_owner_rests(cast, folder):
    by_tag(cast, folder)
    heir = make_user("heir", User.Role.OWNER)
    accounts.set_role(cast.owner, User.Role.MEMBER)
    make_ready(cast, "Film", ("Films",))
    assert saved() == [] and not RuleMatch.objects.exists()
    accounts.set_role(cast.owner, User.Role.OWNER)
    accounts.set_role(heir, User.Role.MEMBER)
    assert saved() == ["Film"]


@pytest.mark.parametrize("ends", [accounts.disable, lambda owner: accounts.set_role(owner, User.Role.MEMBER)])
def test_another_owner_takes_over_a_rule_that_rests_by_adding_it_again(cast, folder, ends):
    rule = by_tag(cast, folder)
    film = make_ready(cast, "Film", ("Films",))
    assert saved() == ["Film"]
    heir = make_user("heir", User.Role.OWNER)
    assert rules.add(owner=heir, folder=folder, tag="Films") == (rule, False)
    ends(cast.owner)
    missed = make_ready(cast, "Missed", ("Films",))
    RuleMatch.objects.create(rule=rule, torrent=missed)  # noted, and then the maker lost the role
    assert rules.add(owner=heir, folder=folder, tag="Films") == (rule, True)
    rule.refresh_from_db()
    assert rule.made_by == heir and Job.objects.get().rule == rule
    make_ready(cast, "Hidden", ("Films",))
    assert saved() == ["Film"], "the new maker doesn't see them"
    Share.objects.create(account=cast.account, user=heir)
    Activity.record(film, Activity.Kind.READY)
    make_ready(cast, "New", ("Films",))
    assert saved() == ["Film", "Hidden", "New"], "of what becomes ready from now on, each once"


def test_a_job_that_could_not_be_made_is_made_at_the_next_look(cast, folder):
    rule = by_tag(cast, folder)
    film = make_ready(cast, "Film", ("Films",))
    RuleMatch.objects.create(rule=rule, torrent=film)  # and then the worker was killed
    assert saved() == ["Film"]
    assert RuleMatch.objects.get().started_at


def test_an_event_that_appears_late_is_not_missed(cast, folder):
    """PostgreSQL gives out keys before transactions commit."""
    rule = by_tag(cast, folder)
    first = Activity.record(make_torrent(cast.account, "Film"), Activity.Kind.WAITED)
    for number in range(automatic.STEP + 10):
        Activity.record(first.torrent, Activity.Kind.WAITED, params={"n": number})
    assert saved() == []
    set_tags(first.torrent, "Films")
    Activity.objects.filter(pk=first.pk).update(
        kind=Activity.Kind.READY
    )  # as if it had been committed only now
    assert saved() == ["Film"]
    rule.refresh_from_db()
    assert rule.position < first.pk


def test_old_events_are_not_read_again(cast, folder):
    rule = by_tag(cast, folder)
    event = Activity.record(make_torrent(cast.account, "Film"), Activity.Kind.WAITED)
    for _ in range(automatic.STEP):
        event = Activity.record(event.torrent, Activity.Kind.WAITED)
    Activity.objects.update(at=timezone.now() - 2 * automatic.READ_AGAIN)
    assert saved() == []
    rule.refresh_from_db()
    assert rule.position == event.pk


def test_a_rule_without_a_position_begins_where_it_was_made(cast, folder):
    since = timezone.now() - timedelta(minutes=1)
    Rule.objects.create(kind="tag", tag="Films", folder=folder, made_by=cast.owner, since=since)
    make_ready(cast, "Film", ("Films",))
    assert saved() == ["Film"]


def test_rules_rest_while_saving_is_off(cast, folder, settings):
    by_tag(cast, folder)
    make_ready(cast, "Film", ("Films",))
    settings.SAVE_DIR = None
    assert automatic.apply_rules() == 0 and not Job.objects.exists()


def test_looking_costs_few_queries_and_writes_nothing_without_news(
    cast, folder, django_assert_max_num_queries
):
    by_tag(cast, folder)
    make_ready(cast, "Film", ("Films",))
    assert saved() == ["Film"]
    with django_assert_max_num_queries(4) as queries:
        automatic.apply_rules()
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)
