"""From request to answer: faults, key, limits, route, envelope."""

from __future__ import annotations

import threading
from collections.abc import Callable

from simulator import routes_account as of_account
from simulator import routes_adding as adding
from simulator import routes_torrents as of_torrents
from simulator import wire
from simulator.accounts import FREE, Account
from simulator.calls import Call, Calls
from simulator.cdn import Cdn
from simulator.clock import Clock
from simulator.errors import Invalid, Limited, Refused
from simulator.faults import Faults
from simulator.limits import Limits
from simulator.listing import Listing
from simulator.options import Options
from simulator.params import to_bool
from simulator.state import State
from simulator.wire import Request, Response

Handler = Callable[..., Response]
KEY, TOKEN, OPEN = "key", "token", "open"
API = "/v1/api"
MOST_BODY = 100 * 1024 * 1024

ROUTES: dict[tuple[str, str], tuple[Handler, str]] = {
    ("POST", "/torrents/createtorrent"): (adding.createtorrent, KEY),
    ("POST", "/torrents/asynccreatetorrent"): (adding.asynccreatetorrent, KEY),
    ("GET", "/torrents/checkcached"): (adding.checkcached, KEY),
    ("POST", "/torrents/checkcached"): (adding.checkcached, KEY),
    ("GET", "/torrents/torrentinfo"): (adding.torrentinfo, OPEN),
    ("POST", "/torrents/torrentinfo"): (adding.torrentinfo, OPEN),
    ("GET", "/torrents/mylist"): (of_torrents.mylist, KEY),
    ("POST", "/torrents/controltorrent"): (of_torrents.controltorrent, KEY),
    ("GET", "/torrents/requestdl"): (of_torrents.requestdl, TOKEN),
    ("GET", "/torrents/exportdata"): (of_torrents.exportdata, KEY),
    ("PUT", "/torrents/edittorrent"): (of_torrents.edittorrent, KEY),
    ("POST", "/torrents/magnettofile"): (of_torrents.magnettofile, OPEN),
    ("GET", "/torrents/getqueued"): (of_account.retired, OPEN),
    ("POST", "/torrents/controlqueued"): (of_account.retired, OPEN),
    ("GET", "/queued/getqueued"): (of_account.getqueued, KEY),
    ("POST", "/queued/controlqueued"): (of_account.controlqueued, KEY),
    ("GET", "/user/me"): (of_account.me, KEY),
    ("GET", "/stats"): (of_account.stats, OPEN),
    ("GET", "/stats/30days"): (of_account.stats, OPEN),
}
PATHS = {path for _, path in ROUTES}
CREATES = ("createtorrent", "asynccreatetorrent")


class Simulator:
    """One simulated TorBox. `lock` guards everything but the streaming of file bytes."""

    def __init__(self, clock: Clock, options: Options) -> None:
        self.clock, self.options = clock, options
        self.lock = threading.RLock()
        self.state = State(clock, options)
        self.listing = Listing(self.state)
        self.limits = Limits(options)
        self.faults = Faults()
        self.calls = Calls()
        self.cdn = Cdn(clock, options)
        self._cache_answers: dict[str, tuple[float, bool]] = {}

    def clear(self) -> None:
        self._cache_answers.clear()
        for part in (self.state, self.listing, self.limits, self.faults, self.calls, self.cdn):
            part.clear()

    def cached_answer(self, info_hash: str) -> bool:
        """What checkcached says, up to an hour after the truth."""
        now = self.clock.now()
        kept = self._cache_answers.get(info_hash)
        if kept is None or now - kept[0] >= self.options.checkcached_seconds:
            kept = self._cache_answers[info_hash] = (now, self.state.is_cached(info_hash, now))
        return kept[1]

    def handle(self, request: Request) -> Response:
        if request.path.startswith("/cdn/"):
            return self._faulty("cdn", "", request, self.cdn.handle)
        if request.path == "/" or request.path == API + "/":
            return self._faulty("up", _key(request, OPEN), request, self._up)
        return self._api(request)

    def _up(self, request: Request) -> Response:
        return of_account.up(self, request, None)

    def _api(self, request: Request) -> Response:
        path = request.path.removeprefix(API)
        name = path.rpartition("/")[2]
        if "/inactivecheck/" in path:
            return self._faulty("inactivecheck", "", request, self._relay)
        method = "GET" if request.method == "HEAD" else request.method
        known = (
            ROUTES.get((method, path)) if request.path.startswith(API) or path.startswith("/stats") else None
        )
        if known is None:
            return self._unknown(path in PATHS)
        handler, access = known
        key = _key(request, access)
        return self._faulty(name, key, request, lambda asked: self._call(name, handler, access, key, asked))

    def _unknown(self, other_method: bool) -> Response:
        if other_method:
            return wire.json_response({"detail": "Method Not Allowed"}, 405)
        return wire.failure(404, "ENDPOINT_NOT_FOUND", "Unknown endpoint.")

    def _relay(self, request: Request) -> Response:
        return self._answer(lambda: of_account.inactivecheck(self, request, None))

    def _faulty(self, name: str, key: str, request: Request, call: Callable[[Request], Response]) -> Response:
        self.calls.record(Call(self.clock.now(), key, name, _bypasses(request)))
        fault = self.faults.pick(name, key)
        if fault is None:
            return call(request)
        return fault.apply(call(request) if fault.carries_out else None)

    def _call(self, name: str, handler: Handler, access: str, key: str, request: Request) -> Response:
        def run() -> Response:
            self.listing.past.remember()
            if name == "checkcached" and not self.options.checkcached_auth:
                account = self.state.keys.get(key)
            else:
                account = self._account(access, key, request)
            if name not in CREATES:
                self.limits.endpoint(key or request.client, name, self.clock.now())
            self.state.settle()
            return handler(self, request, account)

        try:
            return self._answer(run, key, name)
        finally:
            self.listing.past.remember()

    def _account(self, access: str, key: str, request: Request) -> Account | None:
        if access == OPEN:
            return self.state.keys.get(key)
        if access == KEY and not key:
            raise Refused("NO_AUTH", "No credentials given.")
        if access == TOKEN and request.param("token") is None:
            problem = {"type": "missing", "loc": ["query", "token"], "msg": "Field required", "input": None}
            raise Invalid([problem])
        if key not in self.state.keys:
            raise Refused("BAD_TOKEN", "Token is invalid.")
        account = self.state.keys[key]
        if account.plan == FREE and not self.options.free_plan_api:
            raise Refused("PLAN_RESTRICTED_FEATURE", "Plan does not include this feature.")
        return account

    def _answer(self, run: Callable[[], Response], key: str = "", name: str = "") -> Response:
        try:
            response = run()
        except Refused as error:
            response = self._refusal(error)
        except Limited as error:
            self.calls.refused[key, name] += 1
            response = wire.limited(error)
        except Invalid as error:
            response = wire.invalid(error)
        response.delay += self.options.latency
        return response

    def _refusal(self, error: Refused) -> Response:
        if error.code == "NO_AUTH" and self.options.missing_token == "401":
            return wire.json_response({"detail": "Not authenticated"}, 401, {"www-authenticate": "Bearer"})
        return wire.refusal(self.options, error)


def key_of(request: Request) -> str:
    """Whose call it is, wherever the key stands."""
    return request.bearer or request.param("token") or ""


def _key(request: Request, access: str) -> str:
    return (request.param("token") if access == TOKEN else request.bearer) or ""


def _bypasses(request: Request) -> bool:
    try:
        return to_bool(request.param("bypass_cache") or "false")
    except ValueError:
        return False


def too_much_data() -> Response:
    return wire.failure(400, "TOO_MUCH_DATA", "Request body is over 100 MB.")
