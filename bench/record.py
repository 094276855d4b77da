"""One request as one line. Parts that stay the same for a person or a page are written once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from bench.cast import Thing, Visitor

# More people and pages than any one batch has at once.
REMEMBERED = 8192
MILLISECOND = 1_000_000
REFUSED_BELOW, MISSING_BELOW = 0.01, 0.04

_RULES = '"SecurityRuleIDs":["4a1c0e7b2d3f4c5d8e9f0a1b2c3d4e5f","9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d"]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `at` is in nanoseconds, `luck` decides what few of them have."""

    visitor: Visitor
    thing: Thing
    at: int
    referer: str
    token: str
    port: int
    score: int
    ray: str
    bytes: int
    milliseconds: int
    query: str
    has_extra_headers: bool
    has_security: bool
    has_unknown: bool
    luck: float

    @property
    def status(self) -> int:
        if self.has_security or self.luck < REFUSED_BELOW:
            return 403
        return 404 if self.luck < MISSING_BELOW else 200

    @property
    def end(self) -> int:
        return self.at + self.milliseconds * MILLISECOND

    @property
    def uri(self) -> str:
        return f"{self.thing.path}?v={self.query}" if self.query else self.thing.path


def full_line(request: Request, stamp: Callable[[int], str]) -> str:
    """74 fields, and in some records two more that no data file knows."""
    visitor, thing = request.visitor, request.thing
    size, took = request.bytes, request.milliseconds
    return (
        f'{{"BotScore":{request.score},"BotScoreSrc":"Machine Learning",'
        f'"BotTags":[],{_cache(thing)}"CacheResponseBytes":{size - 180},'
        f'"CacheResponseStatus":{request.status},"CacheTieredFill":false,{_client(visitor)}'
        f'"ClientRequestBytes":{900 + len(request.uri)},{_host(thing)}'
        f'"ClientRequestPath":"{thing.path}","ClientRequestProtocol":"HTTP/2",'
        f'"ClientRequestReferer":"{request.referer}","ClientRequestScheme":"https",'
        f'"ClientRequestSource":"eyeball","ClientRequestURI":"{request.uri}",{_agent(visitor)}'
        f'"ClientSrcPort":{request.port},{_cookies(request)}{_colo(visitor)}'
        f'"EdgeEndTimestamp":{stamp(request.end)},{_pathing(request)}'
        f'"EdgeResponseBodyBytes":{size - 420},"EdgeResponseBytes":{size},'
        f'"EdgeResponseCompressionRatio":{1 + size % 400 / 100:.2f},{_type(thing)}'
        f'"EdgeResponseStatus":{request.status},"EdgeServerIP":"192.0.2.{size % 200}",'
        f'"EdgeStartTimestamp":{stamp(request.at)},"EdgeTimeToFirstByteMs":{took},{_prints(visitor)}'
        f'{_origin(request)}"ParentRayID":"00","RayID":"{request.ray}",{_headers(request)}'
        f'{_security(request)}"UpperTierColoID":0,{_unknown(request)}'
        f'"WAFAttackScore":{90 + size % 10},"WAFRCEAttackScore":{88 + size % 12},'
        f'"WAFSQLiAttackScore":{91 + size % 9},"WAFXSSAttackScore":{89 + size % 11},'
        f'{_worker(thing)}"WorkerWallTimeUs":{took * 700 if thing.script else 0},'
        f'"ZoneName":"{thing.zone}"}}'
    )


def short_line(request: Request, stamp: Callable[[int], str]) -> str:
    """What a job lists that was told to keep an audit trail and little else."""
    visitor, thing = request.visitor, request.thing
    return (
        f"{{{_cache(thing)}{_client(visitor)}{_host(thing)}"
        f'"ClientRequestReferer":"{request.referer}","ClientRequestURI":"{request.uri}",'
        f'{_agent(visitor)}"EdgeEndTimestamp":{stamp(request.end)},'
        f'"EdgeResponseBytes":{request.bytes},{_type(thing)}"EdgeResponseStatus":{request.status},'
        f'"EdgeStartTimestamp":{stamp(request.at)},"RayID":"{request.ray}",{_request(request)}'
        f'{_unknown(request)}"ZoneName":"{thing.zone}"}}'
    )


@lru_cache(REMEMBERED)
def _cache(thing: Thing) -> str:
    return f'"CacheCacheStatus":"{thing.cache}","CacheReserveUsed":false,'


@lru_cache(REMEMBERED)
def _client(visitor: Visitor) -> str:
    country, city, region, network, _ = visitor.place
    device = "mobile" if visitor.is_mobile else "desktop"
    return (
        f'"ClientASN":{network},"ClientCity":"{city}","ClientCountry":"{country}",'
        f'"ClientDeviceType":"{device}","ClientIP":"{visitor.address}",'
        f'"ClientIPClass":"noRecord","ClientRegionCode":"{region}",'
    )


@lru_cache(REMEMBERED)
def _host(thing: Thing) -> str:
    return f'"ClientRequestHost":"{thing.host}","ClientRequestMethod":"GET",'


@lru_cache(REMEMBERED)
def _agent(visitor: Visitor) -> str:
    return (
        f'"ClientRequestUserAgent":"{visitor.agent}",'
        f'"ClientSSLCipher":"AEAD-AES128-GCM-SHA256","ClientSSLProtocol":"TLSv1.3",'
    )


@lru_cache(REMEMBERED)
def _colo(visitor: Visitor) -> str:
    code = visitor.place[-1]
    return f'"EdgeColoCode":"{code}","EdgeColoID":{ord(code[0]) * 3},'


@lru_cache(REMEMBERED)
def _prints(visitor: Visitor) -> str:
    seen = sum(visitor.ja4.encode()) % 900
    return (
        f'"JA3Hash":"{visitor.ja3}","JA4":"{visitor.ja4}","JA4Signals":{{'
        f'"h2h3_ratio_1h":0.9{seen},"uas_rank_1h":{seen},"browser_ratio_1h":0.8{seen},'
        f'"ips_quantile_1h":0.99{seen}}},'
    )


@lru_cache(REMEMBERED)
def _type(thing: Thing) -> str:
    return f'"EdgeResponseContentType":"{thing.content_type}",'


@lru_cache(REMEMBERED)
def _worker(thing: Thing) -> str:
    ran = bool(thing.script)
    return (
        f'"WorkerCPUTime":{1200 * ran},"WorkerScriptName":"{thing.script}",'
        f'"WorkerStatus":"{"ok" if ran else "unknown"}","WorkerSubrequest":false,'
        f'"WorkerSubrequestCount":{2 * ran},'
    )


def _cookies(request: Request) -> str:
    return f'"Cookies":{{"session":"{request.token}","theme":"dark"}},'


def _pathing(request: Request) -> str:
    if request.has_security:
        return (
            '"EdgePathingOp":"ban","EdgePathingSrc":"filterBasedFirewall","EdgePathingStatus":"nr",'
        )
    return '"EdgePathingOp":"wl","EdgePathingSrc":"macro","EdgePathingStatus":"nr",'


def _origin(request: Request) -> str:
    took = request.milliseconds if request.thing.cache != "hit" else 0
    return (
        f'"OriginIP":"{"203.0.113.7" if took else ""}",'
        f'"OriginResponseDurationMs":{took},'
        f'"OriginResponseStatus":{request.status if took else 0},'
        f'"OriginResponseTime":{took * MILLISECOND},"OriginSSLProtocol":"{"TLSv1.3" if took else ""}",'
        f'"OriginTCPHandshakeDurationMs":{took // 9},'
    )


def _request(request: Request) -> str:
    names = f'"cf-access-user":"{request.visitor.user}"' if request.visitor.has_header else ""
    if request.has_extra_headers:
        extra = (
            f'"accept-language":"en-GB,en;q=0.{request.score % 10}",'
            f'"x-trace":"{request.ray}-{request.token[:8]}"'
        )
        names = f"{names},{extra}" if names else extra
    return f'"RequestHeaders":{{{names}}},'


def _headers(request: Request) -> str:
    return (
        f'{_request(request)}"ResponseHeaders":{{"etag":"W/\\"{request.query or "0"}\\"",'
        f'"x-served-by":"edge-{request.port % 40}","x-cache":"{request.thing.cache}"}},'
    )


def _security(request: Request) -> str:
    if not request.has_security:
        return (
            '"SecurityAction":"","SecurityActions":[],"SecurityRuleDescription":"",'
            '"SecurityRuleID":"","SecurityRuleIDs":[],"SecuritySources":[],'
        )
    return (
        '"SecurityAction":"block","SecurityActions":["log","block"],'
        '"SecurityRuleDescription":"Outside of working hours",'
        f'"SecurityRuleID":"9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d",{_RULES},'
        '"SecuritySources":["firewallCustom","firewallManaged"],'
    )


def _unknown(request: Request) -> str:
    """Fields that Cloudflare might add next year."""
    if not request.has_unknown:
        return ""
    return f'"UpstreamGrade":{request.score}.50,"UpstreamTags":["{request.query}",null,{{"n":1}}],'
