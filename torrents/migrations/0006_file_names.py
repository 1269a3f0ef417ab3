from itertools import groupby, islice
from operator import itemgetter

from django.db import migrations

BATCH_SIZE = 500


def write_file_names(apps, schema_editor):  # type: ignore[no-untyped-def]
    """Of the torrents that are known already, as applying.py writes them with every list of files."""
    FileNames = apps.get_model("torrents", "FileNames")
    TorrentFile = apps.get_model("torrents", "TorrentFile")
    paths = TorrentFile.objects.order_by("torrent", "pk").values_list("torrent_id", "path")
    rows = (
        FileNames(torrent_id=pk, text="\n".join(path for _, path in files).casefold().replace("\0", ""))
        for pk, files in groupby(paths.iterator(), key=itemgetter(0))
    )
    while piece := list(islice(rows, BATCH_SIZE)):
        FileNames.objects.bulk_create(piece)


class Migration(migrations.Migration):
    dependencies = [("torrents", "0005_search_and_order")]

    operations = [migrations.RunPython(write_file_names, migrations.RunPython.noop)]
