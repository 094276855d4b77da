"""Which sources could have told more about a request, and are not in the store."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from queries.explanation.records import LoggedRequest
from store.reading.snapshot import Snapshot
from store.registers.verdicts import HOUR, CannotTell, Complete, Partial

# What each field would have told.
FIELDS = {
    "EdgeResponseStatus": "what the client got",
    "OriginResponseStatus": "whether the origin answered",
    "SecurityAction": "whether a security rule stopped it",
    "EdgePathingOp": "whether the security path stopped it",
    "CacheCacheStatus": "whether the cache answered",
    "WorkerStatus": "whether a Worker ran",
    "ParentRayID": "which request caused it",
}

CLOUDFLARE = "Cloudflare"

_LOGINS = ("access_requests", "access_requests_rest")
LOGIN_EVENTS = "access_login_events"
_FIREWALL = "firewall_events"
_REQUESTS = "http_requests"


@dataclass(frozen=True, slots=True)
class Missing:
    """`source` is a dataset, a field, an hour or Cloudflare; `why` says what is known of its absence.

    `tells` is what a field would have told; empty for other sources.
    """

    source: str
    why: str
    tells: str = ""


def datasets(snapshot: Snapshot) -> Iterator[Missing]:
    """Datasets of which the store has no file at all."""
    held = {*snapshot.files, *(each.part.dataset for each in snapshot.damaged)}
    if _REQUESTS not in held:
        yield Missing(_REQUESTS, "this store has none: no Logpush job sends them here")
    if _FIREWALL not in held:
        why = "this store has none: no Logpush job sends what security rules did"
        yield Missing(_FIREWALL, why)
    if not held.intersection(_LOGINS):
        why = "this store has none: push access_requests, or run `raytrail logins pull`"
        yield Missing("logins", why)
    if LOGIN_EVENTS not in held:
        why = "this store has none: `raytrail logins pull` gets them, with what each request presented"
        yield Missing(LOGIN_EVENTS, why)


def without_token() -> Missing:
    why = "not asked for its login event: no API token is set (RAYTRAIL_CLOUDFLARE_TOKEN)"
    return Missing(CLOUDFLARE, why)


def fields(counts: Mapping[str, int], request: LoggedRequest) -> Iterator[Missing]:
    """Fields that this request lacks. `counts` says how many requests of its batch have each."""
    held = {
        "EdgeResponseStatus": request.status,
        "OriginResponseStatus": request.origin_status,
        "SecurityAction": request.security_action,
        "EdgePathingOp": request.pathing_operation,
        "CacheCacheStatus": request.cache_status,
        "WorkerStatus": request.worker_status,
        "ParentRayID": request.parent_ray_id,
    }
    total = counts["requests"]
    for name, value in held.items():
        if value is not None:
            continue
        if counts[name]:
            why = "not in this record, but in others of its batch"
        elif total > 1:
            why = f"in none of {total:,} requests of its batch: the Logpush job does not select it"
        else:
            why = "not in this record, the only one of its batch"
        yield Missing(name, why, FIELDS[name])


def hours(snapshot: Snapshot, seen_at: datetime | None) -> Iterator[Missing]:
    """What is known to be missing from the hour of a request."""
    if seen_at is None:
        return
    for known in snapshot.coverage.hours:
        if not known.hour <= seen_at < known.hour + HOUR:
            continue
        source = f"hour {known.hour:%Y-%m-%d %H:%M}Z"
        match known.verdict:
            case Partial(missing=missing, why=why):
                yield Missing(source, f"at least {missing:,} records never arrived: {why}")
            case CannotTell(why=why):
                yield Missing(source, f"whether all records arrived is not known: {why}")
            case Complete():
                pass


def unfound(snapshot: Snapshot) -> Iterator[Missing]:
    """Why a request may not be in the store."""
    parts = [part for part in snapshot.parts.values() if part.dataset == _REQUESTS]
    firsts = [part.time_min for part in parts if part.time_min]
    lasts = [part.time_max for part in parts if part.time_max]
    if firsts and lasts:
        why = f"no request searched has this Ray ID; they are of {min(firsts)} to {max(lasts)}"
        yield Missing(_REQUESTS, why)
    elif _REQUESTS in snapshot.files:
        yield Missing(_REQUESTS, "no request searched has this Ray ID")
    if snapshot.pending_batches:
        why = f"{snapshot.pending_batches:,} received batches are not loaded yet"
        yield Missing(_REQUESTS, why)
    partial = [known for known in snapshot.coverage.hours if isinstance(known.verdict, Partial)]
    if partial:
        first, last = partial[0].hour, partial[-1].hour
        yield Missing(
            _REQUESTS,
            f"records are missing from {len(partial):,} hours between {first:%Y-%m-%d %H:%M}Z and"
            f" {last + HOUR:%Y-%m-%d %H:%M}Z; see raytrail coverage",
        )
