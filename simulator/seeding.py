"""Accounts and torrents from descriptions, for scenarios and /_sim/seed.

A torrent in a given state is one that was started early enough.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator import content_library, lifecycle
from simulator.accounts import Account, Addition, auth_id_for, plan_id
from simulator.content_library import File, Work
from simulator.errors import Unsupported
from simulator.lifecycle import Course, Torrent
from simulator.state import FIRST_ACCOUNT
from simulator.world import Simulator

DAY = 86400.0
STATES = (
    "metadata", "downloading", "stalled", "failing", "failed", "incomplete", "storing", "seeding", "completed",
    "cached", "paused", "expired", "queued",
)  # fmt: skip
AGES = {"completed": 2 * DAY, "cached": DAY, "failed": 3 * DAY, "incomplete": 3 * DAY, "expired": 40 * DAY}


def account(sim: Simulator, spec: dict[str, Any]) -> Account:
    """Make an account from `key` and optional fields: plan, slots (additional), email, premium_days, and so on.

    `usage`: bytes downloaded on consecutive days, the last one today.
    """
    now = sim.clock.now()
    key = str(spec["key"])
    auth_id = str(spec.get("auth_id") or auth_id_for(key))
    premium = spec.get("premium_expires_at", now + float(spec.get("premium_days", 200)) * DAY)
    plan = plan_id(spec.get("plan", "pro"))
    made = Account(
        id=int(spec.get("id", FIRST_ACCOUNT + len(sim.state.accounts))),
        auth_id=auth_id,
        keys=[key],
        email=str(spec.get("email", f"{spec.get('name', 'user')}@example.org")),
        plan=plan,
        created_at=now - 400 * DAY,
        additional_slots=int(spec.get("slots", 0)),
        premium_expires_at=premium if plan else None,
        cooldown_until=spec.get("cooldown_until"),
        monthly_used=int(spec.get("monthly_used", 0)),
        monthly_limit=spec.get("monthly_limit"),
    )
    sim.usage.set_history(auth_id, now, spec.get("usage", ()))
    return sim.state.add_account(made)


def torrent(sim: Simulator, spec: dict[str, Any]) -> dict[str, Any]:
    """Make a torrent from `key`, `state`, and its work: `work`, `hash`, `magnet`, or `name` with `files` (see `_work`).

    Optional: `age` in seconds, `used` (seconds since its last download), tags, alternative_hashes, airlocked, and more.
    Returns {"hash", "torrent_id"} or {"hash", "queued_id"}.
    """
    owner = sim.state.keys[str(spec["key"])]
    state = str(spec.get("state", "cached"))
    if state not in STATES:
        raise Unsupported(f"no state {state!r}; there are {STATES}")
    addition = _addition(sim, spec)
    now = sim.clock.now()
    if state == "queued":
        item = sim.state.enqueue(owner, addition, now - float(spec.get("age", 0)))
        return {"hash": addition.work.info_hash, "queued_id": item.id}
    made = _in_state(sim, owner, addition, spec, state)
    return {"hash": made.work.info_hash, "torrent_id": made.id}


def _addition(sim: Simulator, spec: dict[str, Any]) -> Addition:
    work = _work(sim, spec)
    uploaded = bool(spec.get("uploaded", False))
    magnet = None if uploaded else spec.get("magnet", work.magnet)
    seed = int(spec.get("seed", 1))
    return Addition(work, magnet, uploaded, spec.get("display_name"), seed, bool(spec.get("allow_zip", True)))


def _work(sim: Simulator, spec: dict[str, Any]) -> Work:
    """Return a given work, a known or invented one by hash, or a new one with a real .torrent."""
    given = spec.get("work")
    if isinstance(given, Work):
        return given
    info_hash, name, files = spec.get("hash"), spec.get("name"), spec.get("files")
    if info_hash and files:
        listed = tuple(File(str(path), int(size)) for path, size in files)
        return Work(info_hash.lower(), name or info_hash, info_hash.lower(), listed)
    if info_hash:
        return content_library.renamed(sim.state.work(info_hash.lower(), name), name)
    made = content_library.make(str(name), files or 100_000, source=str(spec.get("source", "")))
    sim.state.learn(made)
    return made


def _in_state(
    sim: Simulator, owner: Account, addition: Addition, spec: dict[str, Any], state: str
) -> Torrent:
    now = sim.clock.now()
    base = lifecycle.course_for(addition.work, sim.options, addition.seed)
    course = _course(base, spec, state)
    ran = _ran(course, state, float(spec.get("progress", 0.4)))
    age = float(spec.get("age", AGES.get(state, ran)))
    if state in AGES:
        ran = max(ran, age)
    held = Torrent(
        id=sim.state.next_torrent, auth_id=owner.auth_id, work=addition.work, course=course,
        created_at=now - max(age, ran), started_at=None if state == "paused" else now - ran,
        ran=ran if state == "paused" else 0.0, changed_at=now - ran,
        cached_at=now - age if state == "cached" else None, magnet=addition.magnet, name=addition.name,
        uploaded=addition.uploaded, seed=addition.seed, allow_zip=addition.allow_zip, tags=tuple(spec.get("tags", ())),
        alternative_hashes=tuple(spec.get("alternative_hashes", ())), airlocked=bool(spec.get("airlocked", False)),
        used_at=now - float(spec["used"]) if "used" in spec else None,
    )  # fmt: skip
    sim.state.next_torrent += 1
    sim.state.keep(owner, held)
    return held


def _course(base: Course, spec: dict[str, Any], state: str) -> Course:
    course = replace(base, download=float(spec.get("download_seconds", base.download)))
    if state == "incomplete":
        course = replace(course, failure=lifecycle.INCOMPLETE)
    if state in ("stalled", "failing", "failed", "incomplete"):
        return replace(course, stall_at=float(spec.get("progress", 0.4)), fails=state != "stalled")
    if state == "storing":
        return replace(course, store=float(spec.get("store_seconds", course.store)))
    if state == "seeding":
        return replace(course, seed=float(spec.get("seed_seconds", course.seed)))
    return course


def _ran(course: Course, state: str, progress: float) -> float:
    return {
        "metadata": 0.0,
        "downloading": course.meta + progress * course.download,
        "paused": course.meta + progress * course.download,
        "stalled": course.stalled,
        "failing": course.stalled,
        "failed": course.failed,
        "incomplete": course.failed,
        "storing": course.finished,
        "seeding": course.present,
    }.get(state, course.end)
