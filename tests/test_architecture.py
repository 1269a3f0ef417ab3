"""The arrows of docs/architecture.md, and the sizes that keep modules readable."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STDLIB = sys.stdlib_module_names
ALLOWED = {
    "torbox": {"requests"},
    "simulator": set(),
    "accounts": {"django", "allauth", "fido2", "django_htmx", "cryptography", "torbox"},
    "torrents": {"accounts", "torbox", "django", "django_htmx", "csp", "celery", "kombu"},
    "care": {"torrents", "accounts", "torbox", "django", "allauth", "celery", "kombu", "prometheus_client"},
}
LAYERS = {  # inside torrents: what may be imported at the top of a module
    "views": {"views", "forms", "services", "models", "listing", "helpers", "tasks"},
    "forms": {"services", "models", "helpers"},
    "services": {"services", "models", "helpers", "tasks"},
    "models": {"models", "helpers"},
    "tasks": set(),
}
SEEDDEMO = "torrents/management/commands/seeddemo.py"


def modules(package: str) -> list[Path]:
    return [path for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts]


OURS = [path for package in (*ALLOWED, "torbox_web") for path in modules(package)]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path, *, at_top: bool = False) -> Iterator[str]:
    """Full dotted names a module imports, relative ones resolved."""
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


def top(name: str) -> str:
    return name.split(".")[0]


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_the_arrows_allow(package):
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
        if top(name) in {"tests", "bench"} or (top(name) == "torbox_web" and path.parts[-2] != "torbox_web")
    ]
    assert not wrong


def test_the_demo_imports_the_simulator_inside_a_function_and_nobody_else_does():
    users = [
        place(path)
        for path in OURS
        if "simulator" in map(top, imports(path)) and "simulator" not in path.parts
    ]
    assert users == [SEEDDEMO]
    assert "simulator" not in map(top, imports(ROOT / SEEDDEMO, at_top=True))


def layer(name: str) -> str:
    """The layer of a dotted name or path inside torrents."""
    part = name.removeprefix("torrents.").split(".")[0]
    return part if part in {*LAYERS, "listing", "urls"} else "helpers"


@pytest.mark.parametrize("name", LAYERS)
def test_inside_torrents_arrows_point_from_urls_to_models(name):
    paths = [
        path
        for path in modules("torrents")
        if layer(".".join(path.relative_to(ROOT / "torrents").with_suffix("").parts)) == name
    ]
    assert paths
    inner = [
        (place(path), found)
        for path in paths
        for found in imports(path, at_top=True)
        if top(found) == "torrents"
    ]
    assert not [(path, found) for path, found in inner if layer(found) not in LAYERS[name]]


def test_tasks_import_services_only_in_their_bodies():
    path = ROOT / "torrents" / "tasks.py"
    assert any("torrents.services" in name for name in imports(path))
    assert not any(top(name) == "torrents" for name in imports(path, at_top=True))


def test_the_project_imports_at_the_top():
    """But for tasks, the registration of checks, the demo, and beat, which Celery loads before Django is set up."""
    late = {place(path) for path in OURS if set(imports(path)) - set(imports(path, at_top=True))}
    assert late <= {
        "torrents/tasks.py",
        "torbox_web/beat.py",
        "accounts/apps.py",
        "torbox_web/apps.py",
        SEEDDEMO,
    } | {place(path) for path in modules("simulator")}


def test_there_are_no_signal_handlers():
    wrong = [
        (place(path), name)
        for path in OURS
        for name in imports(path)
        if "signals" in name or "receiver" in name
    ]
    assert not wrong


def test_only_two_modules_touch_key_material():
    users = {place(path) for path in OURS for name in imports(path) if top(name) == "cryptography"}
    assert users == {"accounts/crypto.py", "accounts/checks.py", "torbox_web/settings.py"}
    decrypting = {place(path) for path in OURS if "crypto.decrypt(" in path.read_text()}
    assert decrypting == {
        "accounts/adapter.py",  # second factors
        "accounts/clients.py",
        "accounts/management/commands/rotatekeys.py",
    }


@pytest.mark.parametrize("path", OURS, ids=place)
def test_modules_and_functions_are_short(path):
    assert len(path.read_text().splitlines()) <= 300
    functions = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef)]
    assert not [(node.name, node.lineno) for node in functions if (node.end_lineno or 0) - node.lineno >= 40]
