"""Anomalies in the requests of a person alone."""

from dataclasses import replace
from datetime import timedelta

from queries.anomalies.anomaly import Anomaly, Evidence, Kind, NotJudged
from queries.anomalies.known_time import KnownTime
from queries.anomalies.look import MICROSECOND, Found, Look, of_requests

# Two devices or countries take turns this fast: A, B, A, B.
AT_ONCE = timedelta(minutes=10)

NO_APPLICATIONS = "no Access application is known for this time"


def at_once(look: Look) -> Found:
    last: Anomaly | None = None
    for row in look.ask("at_once", within=AT_ONCE // MICROSECOND):
        each = Anomaly(
            kind=Kind(row["kind"]),
            started_at=row["began_at"],
            ended_at=row["seen_at"],
            requests=None,
            values=tuple(sorted((row["value"], row["other"]))),
            evidence=(
                Evidence("request", row["began_at"], row["began_ray_id"]),
                Evidence("request", row["other_at"], row["other_ray_id"]),
                Evidence("request", row["seen_at"], row["ray_id"]),
            ),
        )
        is_same = last is not None and (last.kind, last.values) == (each.kind, each.values)
        if last and is_same and each.started_at - last.ended_at <= AT_ONCE:
            last = replace(last, ended_at=each.ended_at)
            continue
        if last:
            yield last
        last = each
    if last:
        yield last


def unprotected(look: Look) -> Found:
    if not look.hosts:
        return
    known = _applications_known(look)
    if not known.spans:
        yield NotJudged(Kind.UNPROTECTED, NO_APPLICATIONS)
        return
    judged = [{"since": since, "until": until} for since, until in known.spans]
    for row in look.ask("unprotected_hosts", judged=judged):
        yield of_requests(Kind.UNPROTECTED, row)


def _applications_known(look: Look) -> KnownTime:
    """When something is known of what Access protected."""
    taken_at = look.engine.snapshot.taken_at
    listed = ((each.since, max(each.since, taken_at)) for each in look.windows.held)
    return KnownTime.of((*look.windows.told.spans, *listed))
