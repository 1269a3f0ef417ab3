"""Saving to disk has words of its own where English has the same ones for something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as configured
from django.utils import translation

from care.status import status_for
from localization import catalogs, locales
from tests.factories import make_torrent
from tests.saving.factories import make_folder, make_job
from torrents.models import Torrent
from torrents.pages.list import saving_row
from torrents.saving_states import SavingState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _compiled(settings, tmp_path_factory):
    """Have the catalogs as they are now, whatever was compiled before."""
    folder = tmp_path_factory.mktemp("locale")
    for path in sorted((configured.BASE_DIR / "locale").glob("*/LC_MESSAGES/django.po")):
        compiled = folder / Path(*path.parts[-3:]).with_suffix(".mo")
        catalogs.write_compiled(compiled, catalogs.read(path))
    settings.LOCALE_PATHS = [folder]
    yield
    locales.activate("en")


@pytest.mark.parametrize(("language", "words"), [("nl", "1 wachtend"), ("zh-hans", "1 个等待中")])
def test_torrents_that_wait_are_not_called_like_messages_that_wait(cast, save_dir, language, words):
    make_job(make_torrent(cast.account), make_folder())
    with translation.override(language):
        part = next(part for part in status_for().saving if part.key == "saving")
        assert words in part.line.split(" · ")


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Niet meer tonen"), ("zh-hans", "不再显示"), ("de", "Ausblenden")]
)
def test_a_saved_torrent_is_not_closed_like_a_message(cast, language, words):
    torrent = Torrent(pk=7, name="Sintel", saving=SavingState.SAVED, saving_params={})
    with translation.override(language):
        (control,) = saving_row.controls(torrent, cast.owner)
        assert control.title == words and control.label.casefold() != words.casefold()
