"""The Logpush jobs of a zone or account, as far as they matter to what arrives here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cloudflare import Cloudflare
from cloudflare.types.logpush import LogpushJob

from upstream.connection import Connection
from upstream.permissions import LOGS_WRITE
from upstream.place import Account, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job. Of its destination only the host is kept: the rest of it holds secrets.

    `reductions` say why what it sends is less, or other, than what happened; `last_complete` is
    the end of the log time that was pushed last.
    """

    place: Zone | Account
    id: int
    dataset: str
    host: str
    enabled: bool
    last_complete: datetime | None
    reductions: tuple[str, ...]


def jobs(connection: Connection, place: Zone | Account) -> list[Job]:
    """Every job that sends over HTTP, in the order of their numbers."""

    def look(sdk: Cloudflare) -> list[LogpushJob | None]:
        if isinstance(place, Zone):
            return list(sdk.logpush.jobs.list(zone_id=place.id))
        return list(sdk.logpush.jobs.list(account_id=place.id))

    found = [_job(place, each) for each in connection.rest(LOGS_WRITE, look) if each]
    return sorted((each for each in found if each.host), key=lambda each: each.id)


def _job(place: Zone | Account, told: LogpushJob) -> Job:
    destination = urlsplit(told.destination_conf or "")
    is_http = destination.scheme in {"http", "https"}
    return Job(
        place=place,
        id=told.id or 0,
        dataset=told.dataset or "",
        host=(destination.hostname or "") if is_http else "",
        enabled=bool(told.enabled),
        last_complete=_utc(told.last_complete),
        reductions=tuple(_reductions(told)),
    )


def _reductions(told: LogpushJob) -> Iterator[str]:
    # Keys that the SDK does not know yet are kept beside those it knows.
    unlisted = told.model_extra or {}
    options = told.output_options
    if options and options.sample_rate is not None and options.sample_rate < 1:
        yield f"it is sampled: {options.sample_rate:.4g} of the records"
    elif not options and "sample=" in (told.logpull_options or ""):
        yield "it may be sampled, by its older options"
    if getattr(told, "filter", None) or unlisted.get("filter"):
        yield "it has a filter"
    if told.filter_attack_traffic:
        yield "it leaves attack traffic out"
    if getattr(told, "transformer_id", None) or unlisted.get("transformer_id"):
        yield "a transformer may drop or redact records"
    if options and options.cve_2021_44228:
        yield "it rewrites what looks like an attack on Log4j"
    if options and options.record_template:
        yield "a template of its own may leave parts of a record out"


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
