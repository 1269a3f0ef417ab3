from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleAwareStorage(CompressedManifestStaticFilesStorage):
    """Hashed file names, with the imports inside JavaScript modules rewritten to match."""

    support_js_module_import_aggregation = True
    # A page that names a file nobody collected is a broken page; a missing picture in a test is not.
    manifest_strict = False
