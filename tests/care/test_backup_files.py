"""The files of backups, with separate instances, so that the other tests are not affected."""

from __future__ import annotations

import stat


def test_the_file_is_private_and_overwrites_nothing_by_mistake(make_instance):
    instance = make_instance()
    file = instance.data / "backup.zip"
    assert not instance.manage("backup", str(file))[0], "nothing is prepared yet"
    instance.bring_up_to_date()
    assert instance.manage("backup", str(file))[0]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = file.read_bytes()
    well, said, _ = instance.manage("backup", str(file))
    assert not well and "--overwrite" in said and file.read_bytes() == first
    assert instance.manage("backup", str(file), "--overwrite")[0] and file.read_bytes() != first
    assert not instance.manage("backup", str(instance.data / "no" / "folder.zip"))[0]
    assert not list(instance.data.rglob("*.part"))


def test_a_mistyped_file_name_is_reported_in_a_sentence(make_instance):
    well, said, _ = make_instance().manage("restore", "/nowhere/backup.zip")
    assert not well and "Nothing was restored." in said and "Traceback" not in said
