"""Store static files with hashed names, compressed and bundled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from . import bundling, lowering


def _styles(name: str, read: bundling.Read) -> str:
    return lowering.lowered(bundling.styles(name, read))


BUNDLES = {"css/app.css": _styles, "js/app.js": bundling.modules, "js/visitor.js": bundling.modules}


class BundlingStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, which also bundles the imports of BUNDLES into one file each."""

    support_js_module_import_aggregation = True
    # With strict mode, a picture that a test doesn't collect would break the whole page.
    manifest_strict = False

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Bundle before hashing. `paths` has the storage and path that each name was collected from."""
        if not dry_run:
            paths = paths | {name: self._bundled(name, paths) for name in BUNDLES if name in paths}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _bundled(self, name: str, paths: dict[str, Any]) -> tuple[BundlingStorage, str]:
        """Replace the collected copy of a file with its bundle, made from the sources."""

        def read(source: str) -> str:
            if source not in paths:
                raise bundling.CannotBundle(f"{name} imports {source}, which doesn't exist.")
            storage, path = paths[source]
            with storage.open(path) as file:
                return str(file.read().decode())

        text = BUNDLES[name](name, read)
        self.delete(name)
        self.save(name, ContentFile(text.encode()))
        return self, name
