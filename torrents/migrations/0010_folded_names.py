from collections.abc import Callable
from typing import Any

import torrents.models.names
from django.db import connection, migrations, models

# Imported on purpose: stored text has to match what the search of this version looks for.
from torrents.folding import fold, natural_key
from torrents.models.names import MAX_SORT_NAME

BATCH_SIZE = 1000


def fold_what_is_there(apps, schema_editor):  # type: ignore[no-untyped-def]
    """Fold the names of torrents, of their files and of activity entries."""
    model = apps.get_model
    _fill(model("torrents", "Torrent"), ["name", "info_hash"], ["folded_name", "sort_name"], _names)
    _fill(model("torrents", "FileNames"), ["text"], ["text"], lambda text: [fold(text)])
    _fill(model("torrents", "Activity"), ["name", "detail"], ["folded"], lambda *both: [fold("\n".join(both))])


def _names(name: str, info_hash: str) -> list[str]:
    folded = fold(name)
    return [folded, natural_key(folded)[:MAX_SORT_NAME] or info_hash]


def _fill(model: Any, read: list[str], written: list[str], work_out: Callable[..., list[str]]) -> None:
    """Write the columns `written` of every row from those in `read`, in batches."""
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(column)} = %s" for column in written)
    key = model._meta.pk
    update = f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {quote(key.column)} = %s"  # noqa: S608
    rows, last = model.objects.order_by(key.attname).values_list(key.attname, *read), 0
    while piece := list(rows.filter(**{f"{key.attname}__gt": last})[:BATCH_SIZE]):
        last = piece[-1][0]
        with connection.cursor() as cursor:
            cursor.executemany(update, [(*work_out(*texts), pk) for pk, *texts in piece])


class Migration(migrations.Migration):
    dependencies = [("torrents", "0009_unread_fields")]

    operations = [
        migrations.RemoveIndex(model_name="torrent", name="listed_by_name"),
        migrations.RemoveField(model_name="torrent", name="sort_name"),
        migrations.AddField(
            model_name="torrent",
            name="folded_name",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddField(
            model_name="torrent",
            name="sort_name",
            field=torrents.models.names.BytewiseCharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name="activity",
            name="folded",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.RunPython(fold_what_is_there, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="torrent",
            index=models.Index(condition=models.Q(('removed_at', None)), fields=['account', 'sort_name', 'id', 'status'], name='listed_by_name'),
        ),
    ]
