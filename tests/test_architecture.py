"""The dependencies allowed by docs/architecture.md, and the maximum size of modules."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STDLIB = sys.stdlib_module_names
ALLOWED = {
    "torbox": {"requests"},
    "simulator": set(),
    "localization": {"django", "babel"},
    "accounts": {"localization", "django", "allauth", "fido2", "django_htmx", "cryptography", "torbox"},
    "torrents": {"localization", "accounts", "torbox", "django", "django_htmx", "celery", "kombu"},
    "links": {
        "localization",
        "torrents",
        "accounts",
        "torbox",
        "django",
        "django_htmx",
        "csp",
        "celery",
        "allauth",
        "pysubs2",
        "charset_normalizer",
    },
    "notifications": {
        "localization",
        "torrents",
        "accounts",
        "torbox",
        "django",
        "django_htmx",
        "celery",
        "cryptography",
        "requests",
        "urllib3",
        "apprise",
        "allauth",
    },
    "saving": {
        "localization",
        "links",
        "torrents",
        "accounts",
        "torbox",
        "django",
        "django_htmx",
        "celery",
        "requests",
        "urllib3",
    },
    "api": {
        "localization",
        "care",
        "notifications",
        "saving",
        "links",
        "torrents",
        "accounts",
        "torbox",
        "django",
        "django_htmx",
        "allauth",
        "celery",
        "ninja",
        "pydantic",
        "defusedxml",
    },
    "care": {
        "localization",
        "notifications",
        "saving",
        "torrents",
        "accounts",
        "torbox",
        "django",
        "allauth",
        "celery",
        "kombu",
        "prometheus_client",
    },
}
PACKAGES = [*ALLOWED, "torbox_web"]
# Every module has a layer, the lowest first. A module imports from its own layer and lower ones.
# A name stands for a module and everything in it. The longest match counts.
LAYERS: dict[str, tuple[str, ...]] = {
    "torbox": (
        "bencode boot_clock digests errors escapes failure_reasons link_ends link_extras name_encodings "
        "public_addresses sanitize skip_reasons",
        "account address_check answer_body fields files guarded_fetch magnet_scanner magnets models streaming "
        "torrentfiles",
        "answers error_mapping",
        "transport",
        "api ping",
        "control downloads listing metadata",
        "client",
        ".",
    ),
    "simulator": (
        ". bencode calls clock content errors magnets media_files names subtitles usage zipstream",
        "content_library malformed_lists options",
        "catalogue lifecycle limits wire",
        "accounts cdn faults params rows state forms snapshots",
        "adding controlling editing listing world",
        "routes_account routes_adding routes_empty routes_torrents",
        "app",
        "control_torrents seeding",
        "scenarios",
        "control",
        "control_http",
        "server",
        "__main__",
    ),
    "localization": (
        ". bidi borrowed catalogs context time_zones",
        "pseudo",
        "languages",
        "locales",
        "formats language_names middleware views",
        "management templatetags",
    ),
    "accounts": (
        ". crypto deadlines guessing names outages prepared_query problems qr_codes session_end store_errors toasts "
        "torbox_error_text",
        "models",
        "bookkeeping household http rate_limits recovery_links totals transactions",
        "clients",
        "services",
        "adapter apps forms middleware password_forms reauthentication settings_pages templatetags",
        "views",
        "urls management",
    ),
    "torrents": (
        ". fair_use folding formatting id_ranges link_reasons media operations reason_text reasons removal searching "
        "saving_text skip_reason_text states",
        "models",
        "airlock queueing",
        "services.upkeep",
        "services services.sync",
        "services.outbox",
        "services.actions",
        "access selection tag_counts tags_in_use tasks",
        "pages pages.choice pages.page_position pages.return_url pages.url_cache",
        "pages.add",
        "pages.list",
        "pages.activity pages.detail pages.leaving pages.organize pages.tools pages.usage templatetags",
        "apps urls",
    ),
    "links": (
        ". client_ip content_types cues encodings endings models preview_bots subtitle_names target_paths tokens "
        "visitors",
        "services",
        "link_urls",
        "feeds lasting_exports link_files link_selection",
        "views",
        "pages tasks",
        "registration templatetags",
        "apps management middleware urls",
    ),
    "notifications": (
        ". events",
        "models",
        "channels.message device_names",
        "channel_names",
        "trouble_text",
        "note_facts",
        "words",
        "channels push",
        "services",
        "pages tasks templatetags",
        "registration",
        "apps management middleware urls",
    ),
    "saving": (
        ". models slow_disks target_names",
        "archive_stream markers schedule aria2.rpc engine.failures engine.part_files engine.patience engine.saved_files "
        "engine.throttle unpacking",
        "services",
        "engine",
        "aria2.beginnings aria2.limits aria2.transfers",
        "aria2.checking",
        "aria2",
        "engine.runner",
        "pages tasks",
        "registration templatetags",
        "apps urls",
    ),
    "care": (
        ". log_redaction models request_ids startup_lock",
        "status backups",
        "health metrics",
        "middleware",
        "apps urls management",
    ),
    "api": (
        ". error_answers scopes tokens",
        "models protocols",
        "category_text limits services",
        "authentication",
        "dav qbittorrent v1",
        "pages tasks",
        "registration templatetags",
        "apps middleware urls",
    ),
    "torbox_web": (
        "error_reports logs mfa_forms pages postgresql rate_limits schedule secret_files",
        "env make_secrets parse stores template_whitespace",
        "mail_server site_url",
        "assets cache http queue",
        "celery .",
        "backends checks urls",
        "apps settings wsgi",
    ),
}
SEEDDEMO = "links/management/commands/seeddemo.py"


def modules(package: str) -> list[Path]:
    return [path for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


OURS = [path for package in PACKAGES for path in modules(package)]
NAMES = {dotted(path): path for path in OURS}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path, *, at_top: bool = False) -> Iterator[str]:
    """Yield the full dotted names a module imports, including those in functions and under TYPE_CHECKING."""
    inside = {
        node
        for part in ast.walk(parsed(path))
        if isinstance(part, ast.FunctionDef)
        for node in ast.walk(part)
    }
    for node in ast.walk(parsed(path)):
        if at_top and node in inside:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            folder = path.relative_to(ROOT).parent.parts
            base = ".".join(folder[: len(folder) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def module_of(name: str) -> str:
    """Return our module that an imported name is or is defined in. Empty for other names."""
    while name and name not in NAMES:
        name = name.rpartition(".")[0]
    return name


@cache
def arrows() -> dict[str, set[str]]:
    return {name: {module_of(one) for one in imports(path)} - {"", name} for name, path in NAMES.items()}


def layer(name: str) -> int:
    """Return the layer of one of our modules in its package. Raises LookupError."""
    package, _, rest = name.partition(".")
    while True:
        for rank, names in enumerate(LAYERS[package]):
            if (rest or ".") in names.split():
                return rank
        if not rest:
            raise LookupError(f"{name} has no layer")
        rest = rest.rpartition(".")[0]


def top(name: str) -> str:
    return name.split(".")[0]


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("package", ALLOWED)
def test_packages_import_only_what_the_architecture_allows(package):
    allowed = ALLOWED[package] | STDLIB | {package}
    wrong = {
        (place(path), name) for path in modules(package) for name in imports(path) if top(name) not in allowed
    }
    assert wrong - {(SEEDDEMO, "simulator.scenarios.DEMO_KEYS")} == set()


def test_nothing_imports_the_wiring_the_tests_or_the_benchmarks():
    wrong = [
        (place(path), name)
        for path in OURS
        for name in imports(path)
        if top(name) in {"tests", "bench"}
        or (top(name) == "torbox_web" and path.relative_to(ROOT).parts[0] != "torbox_web")
    ]
    assert not wrong


def test_no_modules_import_each_other_in_a_circle():
    """Count imports at the top, inside functions, and for types."""
    try:
        TopologicalSorter(arrows()).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_has_a_layer_and_every_layer_its_modules(package):
    of_package = {layer(name) for name in NAMES if top(name) == package}
    assert of_package == set(range(len(LAYERS[package])))
    lacking = [
        one
        for names in LAYERS[package]
        for one in names.split()
        if (package if one == "." else f"{package}.{one}") not in NAMES
    ]
    assert not lacking


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_inside_a_package_never_go_up_a_layer(package):
    wrong = [
        f"{name} -> {other}"
        for name, others in arrows().items()
        for other in others
        if top(name) == top(other) == package and layer(other) > layer(name)
    ]
    assert not wrong


def test_only_the_demo_imports_the_simulator_and_inside_a_function():
    users = [
        place(path)
        for path in OURS
        if "simulator" in map(top, imports(path)) and "simulator" not in path.parts
    ]
    assert users == [SEEDDEMO]
    assert "simulator" not in map(top, imports(ROOT / SEEDDEMO, at_top=True))


def test_tasks_are_queued_by_name_and_imported_by_none():
    tasks = ("torrents.tasks.", "links.tasks.", "notifications.tasks.", "saving.tasks.", "api.tasks.")
    assert not [place(path) for path in OURS for name in imports(path) if f"{name}.".startswith(tasks)]


def test_the_project_imports_at_the_top():
    """Allow exceptions for what apps register, the demo, and beat, which Celery loads before Django is set up."""
    late = {place(path) for path in OURS if set(imports(path)) - set(imports(path, at_top=True))}
    assert late <= {
        "torbox_web/queue/beat.py",
        "torbox_web/apps.py",
        "links/apps.py",
        "notifications/apps.py",
        "saving/apps.py",
        "api/apps.py",
        SEEDDEMO,
    }


def test_there_are_no_signal_handlers():
    wrong = [
        (place(path), name)
        for path in OURS
        for name in imports(path)
        if "signals" in name or "receiver" in name
    ]
    assert not wrong


WRITES = {"create", "bulk_create", "get_or_create", "update_or_create"}
RECORDING = {"about", "record", "record_many", "values", "objects", "Kind"}


def unrecorded(path: Path) -> Iterator[str]:
    """Yield where a module writes events without `Activity.record` and `Activity.record_many`."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("bulk_insert"):
            yield from (alias.name for alias in node.names if alias.name == "insert")
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Activity":
            if node.attr not in RECORDING:
                yield ast.unparse(node)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            owner, _, name = called.rpartition(".")
            if owner.endswith(("Activity.objects", ".activity")) and name in WRITES:
                yield called
            if called == "Activity" or (name == "save" and "Activity." in owner):
                yield called
            if any(ast.unparse(argument) == "Activity" for argument in node.args):
                yield ast.unparse(node)


def test_events_have_one_writer():
    wrong = {(place(path), found) for path in OURS for found in unrecorded(path)}
    assert wrong == {
        ("torrents/models/activity.py", "insert"),
        ("notifications/services/publishing.py", "insert"),  # of its own rows
    }


def test_only_two_modules_touch_key_material():
    users = {place(path) for path in OURS for name in imports(path) if top(name) == "cryptography"}
    assert users == {
        "accounts/crypto.py",
        "notifications/push/encryption.py",
        "notifications/push/vapid.py",
        "torbox_web/settings.py",
    }
    decrypting = {place(path) for path in OURS if "crypto.decrypt(" in path.read_text()}
    assert decrypting == {
        "accounts/adapter.py",  # second factors
        "accounts/clients.py",
        "accounts/management/commands/rotatekeys.py",
        "links/services/addresses.py",
        "notifications/channels/address.py",
        "notifications/push/vapid.py",
    }


# The next features change these, so they need room.
GROWING = (
    "torbox_web/settings.py",
    "torrents/models/torrents.py",
    "torrents/services/actions/controlling.py",
    "torrents/services/sync/reconcile.py",
)


@pytest.mark.parametrize("path", OURS, ids=place)
def test_modules_and_functions_are_short(path):
    assert len(path.read_text().splitlines()) <= (290 if place(path) in GROWING else 300)
    functions = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef)]
    assert not [(node.name, node.lineno) for node in functions if (node.end_lineno or 0) - node.lineno >= 40]
