import re
from typing import Any

from django.db import connection, migrations, models

# Imported on purpose: stored text has to match what the search of this version looks for.
from torrents.folding import fold

from ._sentences import OPERATIONS, Coded, coded

BATCH_SIZE = 1000
FOUND = "Found in TorBox’s list."
LINKS = re.compile(r"([\d,]{1,9}) links?")


def convert_events(apps: Any, schema_editor: Any) -> None:
    """Turn the sentence of each event into a code and parameters; what isn't ours stays, as TorBox's words."""
    model = apps.get_model("torrents", "Activity")
    params = model._meta.get_field("params")
    update = f"UPDATE {connection.ops.quote_name(model._meta.db_table)}"  # noqa: S608 - our own name
    update += " SET code = %s, params = %s, upstream_detail = %s, folded = %s WHERE id = %s"
    rows, last = model.objects.exclude(upstream_detail="").order_by("pk"), 0
    while piece := list(rows.filter(pk__gt=last).values_list("pk", "kind", "name", "upstream_detail")[:BATCH_SIZE]):
        last = piece[-1][0]
        values = []
        for pk, kind, name, detail in piece:
            event = coded_event(kind, detail)
            stored = params.get_db_prep_save(event.params, connection)
            values.append((event.code, stored, event.upstream_detail, _folded(name, event), pk))
        with connection.cursor() as cursor:
            cursor.executemany(update, values)


def coded_event(kind: str, detail: str) -> Coded:
    """Return what replaces the detail of an event of this kind."""
    if kind == "controlled":
        return _operation(detail)
    if kind == "link":
        return _link(detail)
    if kind == "sent" and detail == FOUND:
        return Coded("found")
    return coded(detail, otherwise="") if kind in ("waited", "failed") else Coded("", {}, detail)


def _operation(detail: str) -> Coded:
    label, _, problem = detail.partition(": ")
    if label not in OPERATIONS:
        return Coded("", {}, detail)
    why = coded(problem)
    return Coded(OPERATIONS[label], {"error": why.code} if why.code else {}, why.upstream_detail)


def _link(detail: str) -> Coded:
    if match := LINKS.fullmatch(detail):
        return Coded("links", {"count": int(match[1].replace(",", ""))})
    return Coded("zip") if detail == "zip" else Coded("file", {"path": detail})


def _folded(name: str, event: Coded) -> str:
    """Return what the search finds the event by, as `Activity.values` does."""
    said = "\n".join(filter(None, [event.params.get("path", ""), event.upstream_detail]))
    return fold(f"{name}\n{said}")


class Migration(migrations.Migration):
    dependencies = [("torrents", "0010_folded_names")]

    operations = [
        migrations.RenameField(model_name="activity", old_name="detail", new_name="upstream_detail"),
        migrations.AddField(
            model_name="activity",
            name="code",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="activity",
            name="params",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.RunPython(convert_events, migrations.RunPython.noop),
    ]
