import json

import pytest

from api.models import Category
from tests.factories import make_torrent, tag

pytestmark = pytest.mark.django_db


def test_smoke(cast, program, settings):
    c = program(cast.owner)
    make_torrent(cast.account)
    tag(make_torrent(cast.account, "B", file_count=3), "tv", "x")
    Category.objects.create(person=cast.owner, name="tv")
    for call in [
        "app/version",
        "app/preferences",
        "torrents/info",
        "torrents/info?category=tv",
        "torrents/info?category=",
        "torrents/categories",
        "torrents/tags",
        "torrents/count",
        "transfer/info",
        "sync/maindata",
        "app/buildInfo",
    ]:
        r = c.get(f"/qbittorrent/api/v2/{call}")
        print(call, r.status_code, r.content[:3000].decode())
    h = json.loads(c.get("/qbittorrent/api/v2/torrents/info?category=tv").content)[0]["hash"]
    for call in ["properties", "files", "trackers", "webseeds", "pieceStates"]:
        r = c.get(f"/qbittorrent/api/v2/torrents/{call}?hash={h}")
        print(call, r.status_code, r.content[:1500].decode())
    r = c.get("/qbittorrent/api/v2/nope/x")
    print(r.status_code, r.content)
    settings.MEDIA_PATH = "/mnt/t"
    print(c.get("/qbittorrent/api/v2/torrents/info").content.decode()[:700])
