from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import TorBoxAccount, User
from torrents.models import Torrent
from torrents.saving_states import SavingState

from .folders import Folder, Rule

State = SavingState
BLOCKED = (State.DISK_FULL, State.NO_FOLDER, State.DENIED)  # by a disk or folder


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs by who may see and change them. Every query for a person starts with one of these."""

    def visible_to(self, user: User) -> Self:
        """Return the jobs of torrents that a person may see."""
        return self.filter(torrent__in=Torrent.objects.on_visible_accounts(user))

    def controllable_by(self, user: User) -> Self:
        """Return the jobs that a person may pause and cancel: their own, and as an owner all that they see."""
        return self.visible_to(user) if user.is_owner else self.visible_to(user).filter(person=user)

    def not_seen_by(self, user: User) -> Self:
        """Return the jobs of torrents that aren't in a person's list. An owner may end them, but gets no names."""
        return self.exclude(torrent__in=Torrent.objects.visible_to(user))

    def deletable_by(self, user: User) -> Self:
        """Return the jobs whose files on disk a person may delete: those they control, and what a rule has saved because
        they added the torrent."""
        seen, mine = self.visible_to(user), Q(person=user) | Q(rule__isnull=False, torrent__added_by=user)
        return seen if user.is_owner else seen.filter(mine)

    def unfinished(self) -> Self:
        return self.filter(ended_at=None)

    def canceled(self) -> Self:
        """Return the jobs that someone canceled. Their rows remember what is on disk, partial files too."""
        return self.exclude(ended_at=None).exclude(state=State.SAVED)

    def kept(self) -> Self:
        """Return the jobs whose files aren't about to be deleted from the disk."""
        return self.filter(deleting=False)

    def due(self) -> Self:
        """Return the jobs that want to run, in the order of the queue. Others of them may wait for space or hours."""
        return (
            self.unfinished()
            .filter(state__in=[State.WAITING, State.RUNNING, State.SCHEDULED, *BLOCKED])
            .order_by("place", "pk")
        )


class Job(models.Model):
    """Saving a torrent, or chosen files of it, to a folder.

    `path` is where the folder was when the job was made: its files stay there if the folder's path changes later. `base`
    is the path of its files relative to that, without a slash at the end; "" for a single file. Sizes are in bytes.
    `claim` and `claimed_until` fence the process that works on it. `resumed`: someone lets it run although the schedule
    pauses. `attempts`: how often TorBox gave nothing since the last byte came, and `unsent`: how often of these it did
    give addresses, but there was nothing at them. A job that failed isn't over (`ended_at`): it is, once it was saved or
    canceled. `after` and `after_days` are what the person was told about TorBox: no more than that happens, whatever the
    folder says later. `unpacked` are the files that came out of its archives: targets and sizes. `deleting`: all of its
    files are being deleted from the disk, and then its row.
    """

    class Cause(models.TextChoices):
        # Why it waits or failed. pages/cause_text.py has the words.
        NONE = ""
        FLOOR = "floor"  # less free than the folder's floor
        FULL = "full"  # the file system, or a quota
        MISSING = "missing"  # the folder, or what is mounted there
        DENIED = "denied"
        READ_ONLY = "read_only"
        NAME = "name"  # the file system takes no such name
        TOO_LARGE = "too_large"  # the file system takes no file of this size, as FAT32 above 4 GB
        GONE = "gone"  # TorBox no longer has the torrent or file
        SUSPENDED = "suspended"  # the person
        NOT_ALLOWED = "not_allowed"  # the person may no longer save to the folder
        HIDDEN = "hidden"  # the person no longer sees the torrent
        KEY = "key"
        TORBOX = "torbox"  # doesn't answer, or refuses
        SIZE = "size"  # what came isn't as long as TorBox said, or has another checksum
        ARIA2 = "aria2"  # doesn't answer, or refuses
        ARIA2_FOLDER = "aria2_folder"  # sees another folder than we do
        UNPACK = "unpack"  # the archives couldn't be unpacked; the files are saved

    torrent = models.ForeignKey(Torrent, models.CASCADE, related_name="save_jobs")
    account = models.ForeignKey(TorBoxAccount, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    folder = models.ForeignKey(Folder, models.CASCADE, related_name="jobs")
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="+")
    path = models.CharField(max_length=500, blank=True)
    base = models.TextField(blank=True)
    place = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    cause = models.CharField(max_length=12, choices=Cause, blank=True)
    cause_params = models.JSONField(default=dict, blank=True)
    upstream_detail = models.CharField(max_length=500, blank=True)
    resumed = models.BooleanField(default=False)
    resumed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    bytes_total = models.BigIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0)
    speed = models.BigIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    unsent = models.PositiveIntegerField(default=0)
    claim = models.CharField(max_length=40, blank=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    after = models.CharField(max_length=12, choices=Folder.After, default=Folder.After.KEEP)
    after_days = models.PositiveSmallIntegerField(default=0)
    after_due_at = models.DateTimeField(null=True)  # when to do that at TorBox, if the folder still says so
    after_done_at = models.DateTimeField(null=True)
    unpacked = models.JSONField(default=list, blank=True)
    deleting = models.BooleanField(default=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["place", "pk"]
        indexes = [
            models.Index(fields=["state", "place"], condition=Q(ended_at=None), name="jobs_to_do"),
            models.Index(fields=["torrent", "-created_at"]),
            models.Index(fields=["after_due_at"], condition=Q(after_done_at=None), name="jobs_to_follow_up"),
            models.Index(fields=["retry_at"], condition=Q(deleting=True), name="jobs_to_delete"),
        ]

    def __str__(self) -> str:
        return f"torrent {self.torrent_id} to {self.folder_id}: {self.state}"


class SaveFirst(models.Model):
    """A torrent that a program wants saved before others, until there is a job for it."""

    torrent = models.OneToOneField(Torrent, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"torrent {self.torrent_id} first"


class JobFileQuerySet(models.QuerySet["JobFile"]):
    def undone(self) -> Self:
        """Return the files that aren't saved."""
        return self.filter(done_at=None)

    def failed(self) -> Self:
        """Return the files that aren't tried any more."""
        return self.undone().exclude(cause="")

    def to_do(self) -> Self:
        """Return the files that are still to be saved. Those that were tried in vain come last."""
        return self.undone().filter(cause="").order_by(F("tried_at").asc(nulls_first=True), "pk")


class JobFile(models.Model):
    """A file of a job. `path` is TorBox's, `target` the one below the folder, which no other file has. `md5` is "" if
    TorBox doesn't list it. `tried_at`: when it was last tried in vain, so that others come first. `cause` and
    `cause_params`: why it failed, until someone tries the job again.

    While it is being saved, its bytes are in a file beside the target (`engine/part_files.py`).
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="files", db_index=False)
    folder = models.ForeignKey(Folder, models.CASCADE, related_name="+", db_index=False)
    remote_id = models.BigIntegerField()
    path = models.TextField()
    target = models.TextField()
    target_key = models.CharField(max_length=64)  # equal for targets that any file system takes for the same
    size = models.BigIntegerField(default=0)
    md5 = models.CharField(max_length=32, blank=True)
    bytes_done = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=12, choices=Job.Cause, blank=True)
    cause_params = models.JSONField(default=dict, blank=True)
    gid = models.CharField(max_length=16, blank=True)  # of aria2

    objects = JobFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["job", "remote_id"], name="one_row_per_saved_file"),
            models.UniqueConstraint(fields=["folder", "target_key"], name="one_file_per_target"),
        ]

    def __str__(self) -> str:
        return self.target
