from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from . import bundling

BUNDLES = {"css/app.css": bundling.styles, "js/app.js": bundling.modules}


class BundlingStorage(CompressedManifestStaticFilesStorage):
    """Hashed file names, compressed files, and in place of the two that import all others one file each."""

    support_js_module_import_aggregation = True
    # A page that names a file nobody collected is a broken page; a missing picture in a test is not.
    manifest_strict = False

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """`paths`: the storage and the path in it that each name was collected from."""
        if not dry_run:
            paths = paths | {name: self._bundled(name, paths) for name in BUNDLES if name in paths}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _bundled(self, name: str, paths: dict[str, Any]) -> tuple[BundlingStorage, str]:
        """The file with all it imports, made from the sources and put where its copy was collected to."""

        def read(source: str) -> str:
            if source not in paths:
                raise bundling.CannotBundle(f"{name} needs {source}, which is not there.")
            storage, path = paths[source]
            with storage.open(path) as file:
                return str(file.read().decode())

        text = BUNDLES[name](name, read)
        self.delete(name)
        self.save(name, ContentFile(text.encode()))
        return self, name
