"""From request to response: faults, key, limits, route, envelope."""

from __future__ import annotations

from collections.abc import Callable

from simulator import routes_account as of_account
from simulator import routes_adding as adding
from simulator import routes_empty as empty
from simulator import routes_torrents as of_torrents
from simulator import wire
from simulator.accounts import FREE, Account
from simulator.calls import Call
from simulator.errors import Invalid, Limited, Rejection, Unreadable
from simulator.params import to_bool
from simulator.wire import Request, Response
from simulator.world import Simulator

Handler = Callable[..., Response]
KEY, TOKEN, OPEN = "key", "token", "open"
API = "/v1/api"

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
    ("GET", "/user/stats"): (of_account.user_stats, KEY),
    ("POST", "/notifications/clear"): (empty.clear, KEY),
    **{("GET", path): (empty.nothing, KEY) for path in empty.LISTS},
    **{("GET", path): (empty.nothing, OPEN) for path in empty.OPEN_LISTS},
    **{("GET", path): (empty.nothing_cached, KEY) for path in empty.CACHES},
}
PATHS = {path for _, path in ROUTES}
CREATES = ("createtorrent", "asynccreatetorrent")


class App:
    """Responds to requests from the state of one simulator, which the caller has locked."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def handle(self, request: Request) -> Response:
        if request.path.startswith("/cdn/"):
            return self._faulty("cdn", "", request, self.sim.cdn.handle)
        if request.path == "/" or request.path == API + "/":
            return self._faulty("up", _key(request, OPEN), request, self._up)
        return self._api(request)

    def _up(self, request: Request) -> Response:
        return of_account.up(self.sim, request, None)

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
        return self._answer(lambda: of_account.inactivecheck(self.sim, request, None))

    def _faulty(self, name: str, key: str, request: Request, call: Callable[[Request], Response]) -> Response:
        self.sim.calls.record(Call(self.sim.clock.now(), key, name, _bypasses(request)))
        fault = self.sim.faults.pick(name, key)
        if fault is None:
            return call(request)
        return fault.apply(call(request) if fault.carries_out else None)

    def _call(self, name: str, handler: Handler, access: str, key: str, request: Request) -> Response:
        def run() -> Response:
            self.sim.listing.past.remember()
            if name == "checkcached" and not self.sim.options.checkcached_auth:
                account = self.sim.state.keys.get(key)
            else:
                account = self._account(access, key, request)
            if name not in CREATES:
                self.sim.limits.endpoint(key or request.client, name, self.sim.clock.now())
            self.sim.state.settle()
            return handler(self.sim, request, account)

        try:
            return self._answer(run, key, name)
        finally:
            self.sim.listing.past.remember()

    def _account(self, access: str, key: str, request: Request) -> Account | None:
        if access == OPEN:
            return self.sim.state.keys.get(key)
        if access == KEY and not key:
            raise Rejection("NO_AUTH", "No credentials given.")
        if access == TOKEN and request.param("token") is None:
            problem = {"type": "missing", "loc": ["query", "token"], "msg": "Field required", "input": None}
            raise Invalid([problem])
        if key not in self.sim.state.keys:
            raise Rejection("BAD_TOKEN", "Token is invalid.")
        account = self.sim.state.keys[key]
        if account.plan == FREE and not self.sim.options.free_plan_api:
            raise Rejection("PLAN_RESTRICTED_FEATURE", "Plan does not include this feature.")
        return account

    def _answer(self, run: Callable[[], Response], key: str = "", name: str = "") -> Response:
        try:
            response = run()
        except Rejection as error:
            response = self._refusal(error)
        except Limited as error:
            self.sim.calls.refused[key, name] += 1
            response = wire.limited(error)
        except Invalid as error:
            response = wire.invalid(error)
        except Unreadable as error:
            response = wire.json_response({"detail": str(error)}, 400)
        response.delay += self.sim.options.latency
        return response

    def _refusal(self, error: Rejection) -> Response:
        if error.code == "NO_AUTH" and self.sim.options.missing_token == "401":
            return wire.json_response({"detail": "Not authenticated"}, 401, {"www-authenticate": "Bearer"})
        return wire.refusal(self.sim.options, error)


def key_of(request: Request) -> str:
    """Return the API key of a call, from wherever it is."""
    return request.bearer or request.param("token") or ""


def _key(request: Request, access: str) -> str:
    return (request.param("token") if access == TOKEN else request.bearer) or ""


def _bypasses(request: Request) -> bool:
    try:
        return to_bool(request.param("bypass_cache") or "false")
    except ValueError:
        return False
