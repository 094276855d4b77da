"""The made-up traffic of the demo: every request and login of every visit."""

import random
import uuid
from typing import Any, Final

from raytrail.demo import browser_headers
from raytrail.demo.cast import (
    APPLICATIONS,
    COLOS,
    NEAR,
    SITES,
    STATUSES,
    WIKI,
    Visit,
    Visitor,
)
from raytrail.demo.record_fields import BYTES_A_MILLISECOND, FILES, KINDS, QUIET, Record, kind
from raytrail.demo.times import MILLISECOND, SECOND, at

SEED: Final = 20261117
LOGIN_LASTS: Final = 24 * 3600 * SECOND  # the default session of an Access application
OK: Final = 200
# The method of a step in which the browser, and not the person, asks for a page.
FETCHED_AHEAD: Final = "AHEAD"


class Traffic:
    """Every request and login so far, and the only source of randomness."""

    def __init__(self) -> None:
        self.chance = random.Random(SEED)  # noqa: S311 - sample data must be the same on every run
        self.requests: list[Record] = []
        self.logins: list[Record] = []
        self.signed_in: dict[tuple[Visitor, str], int] = {}


class Tab:
    """One visit: time passes between pages, and each asset is fetched once."""

    def __init__(self, traffic: Traffic, visit: Visit) -> None:
        self._traffic = traffic
        self._chance = traffic.chance
        self._visit = visit
        self._visitor = visit.visitor
        self._host = visit.host
        self._now = at(visit.start) + self._chance.randrange(SECOND)
        self._port = self._chance.randrange(40_000, 65_000)
        self._referer = ""
        self._fetched: set[str] = set()

    def walk(self) -> None:
        pages = self._chance.sample(SITES[self._host].pages, self._visit.pages)
        steps = (*pages, *self._visit.steps)
        if self._host in APPLICATIONS and not self._sign_in(steps[0]):
            return
        for step in steps:
            method, _, uri = step.rpartition(" ")
            self._wait(4, 80)
            if not method:
                self._view(uri)
                continue
            if method == FETCHED_AHEAD:
                self._ask(uri, is_ahead=True, ClientRequestReferer=self._referer)
                continue
            ray = self._ask(uri, ClientRequestMethod=method, ClientRequestReferer=self._referer)
            if uri.endswith("/logout"):
                self._log_access("logout", ray)

    def _wait(self, seconds_min: int, seconds_max: int) -> None:
        self._now += self._chance.randrange(seconds_min, seconds_max) * SECOND

    def _sign_in(self, uri: str) -> bool:
        """Access redirects to its login page; an admitted visitor returns with a token."""
        here = (self._visitor, self._host)
        signed_in = self._traffic.signed_in.get(here, 0)
        if not self._visitor.email or self._now - signed_in < LOGIN_LASTS:
            # A visitor without an e-mail is a program, which sends a service token each time.
            return True
        self._ask(uri, is_named=False, EdgeResponseStatus=302, OriginResponseStatus=0)
        self._wait(6, 25)
        callback = f"/cdn-cgi/access/authorized?nonce={self._chance.getrandbits(64):016x}"
        status = 302 if self._visitor.admitted else 403
        ray = self._ask(callback, is_named=False, EdgeResponseStatus=status)
        self._log_access("login", ray)
        self._traffic.signed_in[here] = self._now
        return self._visitor.admitted

    def _view(self, uri: str) -> None:
        """A page, then the assets and API calls of that page."""
        self._ask(uri, ClientRequestReferer=self._referer)
        self._referer = f"https://{self._host}{uri}"
        if uri in STATUSES:
            return
        site = SITES[self._host]
        within: Record = {"ClientRequestReferer": self._referer}
        if self._host == WIKI and not self._fetched:
            hints: Record = {"ClientRequestSource": "earlyHintsCache", "RequestHeaders": {}}
            self._ask(uri, EdgeResponseStatus=504, OriginResponseStatus=0, **hints)
        for asset in site.assets:
            if asset not in self._fetched:
                self._fetched.add(asset)
                self._ask(asset, **within)
        calls_count = min(len(site.calls), self._chance.randrange(3))
        for call in self._chance.sample(site.calls, calls_count):
            self._call(call, within | {"ClientXRequestedWith": "XMLHttpRequest"})

    def _call(self, uri: str, within: Record) -> None:
        """A script requests JSON; a Worker answers summaries and requests the origin itself."""
        if not uri.startswith("/api/summary"):
            self._ask(uri, **within)
            return
        worker: Record = {"WorkerScriptName": "summaries", "WorkerStatus": "ok"}
        parent = self._ask(uri, WorkerSubrequestCount=1, WorkerCPUTime=2140, **worker, **within)
        fetch: Record = {"ClientRequestSource": "edgeWorkerFetch", "WorkerSubrequest": True}
        self._ask("/api/index", ParentRayID=parent, ClientIP="2001:db8:ffff::1", **fetch)

    def _ask(
        self, uri: str, *, is_named: bool = True, is_ahead: bool = False, **fields: Any
    ) -> str:
        """Record one request and return its Ray ID; `fields` override the usual values."""
        chance = self._chance
        self._now += chance.randrange(2 * MILLISECOND, 120 * MILLISECOND)
        took_ms = chance.randrange(8, 260)
        path = uri.partition("?")[0]
        content_type, size, cache = KINDS[kind(path)]
        status = fields.get("EdgeResponseStatus", STATUSES.get(uri, OK))
        at_edge = cache == "hit" or path.startswith("/cdn-cgi/")
        origin = fields.get("OriginResponseStatus", 0 if at_edge else status)
        size = size if status == OK else 400
        body = chance.randrange(size // 2, size * 3 // 2)
        sending_ms = body // BYTES_A_MILLISECOND if kind(path) in FILES else 0
        record = {
            "CacheCacheStatus": cache,
            "CacheResponseBytes": body + 210,
            "ClientRequestBytes": chance.randrange(900, 2600),
            "ClientRequestHost": self._host,
            "ClientRequestMethod": "GET",
            "ClientRequestPath": path,
            "ClientRequestURI": uri,
            "EdgeEndTimestamp": self._now + (took_ms + sending_ms) * MILLISECOND,
            "EdgeRequestHost": self._host,
            "EdgeResponseBodyBytes": body,
            "EdgeResponseBytes": body + 388,
            "EdgeResponseCompressionRatio": chance.randrange(100, 400) / 100,
            "EdgeResponseContentType": content_type,
            "EdgeResponseStatus": status,
            "EdgeServerIP": "198.51.100.250" if origin else "",
            "EdgeStartTimestamp": self._now,
            "EdgeTimeToFirstByteMs": took_ms - 3,
            "OriginIP": "192.0.2.200" if origin else "",
            "OriginResponseDurationMs": took_ms - 6 if origin else 0,
            "OriginResponseStatus": origin,
            "RayID": f"{chance.getrandbits(64):016x}",
            "RequestHeaders": self._headers(path, fields, is_named=is_named, is_ahead=is_ahead),
            "ResponseHeaders": browser_headers.answered(path, body) if status == OK else {},
        }
        self._traffic.requests.append(QUIET | self._client() | record | fields)
        return str(record["RayID"])

    def _headers(
        self, path: str, fields: Record, *, is_named: bool, is_ahead: bool
    ) -> dict[str, str]:
        user = self._visitor.user if is_named else ""
        headers = {"cf-access-user": user} if user else {}
        if "ClientRequestSource" in fields:
            # A Worker's own request, which no browser has sent.
            return headers
        referer = fields.get("ClientRequestReferer", "")
        agent = self._visitor.agent
        return headers | browser_headers.sent(agent, path, referer, is_ahead=is_ahead)

    def _client(self) -> Record:
        place = COLOS.index(self._visitor.colo)
        city, latitude, longitude = NEAR[self._visitor.colo]
        return {
            "ClientASN": 64_496 + place,
            "ClientCity": city,
            "ClientCountry": self._visitor.country,
            "ClientDeviceType": "mobile" if "Mobile" in self._visitor.agent else "desktop",
            "ClientIP": self._visitor.address,
            "ClientLatitude": latitude,
            "ClientLongitude": longitude,
            "ClientRequestUserAgent": self._visitor.agent,
            "ClientSrcPort": self._port,
            "ClientTCPRTTMs": 6 + place,
            "EdgeColoCode": self._visitor.colo,
            "EdgeColoID": 17 + 10 * place,
        }

    def _log_access(self, action: str, ray: str) -> None:
        self._traffic.logins.append(
            {
                "Action": action,
                "Allowed": self._visitor.admitted,
                "AppDomain": self._host,
                "AppUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, self._host)),
                "Connection": "oidc" if self._visitor.admitted else "onetimepin",
                "Country": self._visitor.country,
                "CreatedAt": self._now,
                "Email": self._visitor.email,
                "IPAddress": self._visitor.address,
                "PurposeJustificationPrompt": "",
                "PurposeJustificationResponse": "",
                "RayID": ray,
                "TemporaryAccessApprovers": [],
                "TemporaryAccessDuration": 0,
                "UserUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, self._visitor.email)),
            }
        )
