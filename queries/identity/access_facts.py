"""What the views of analysts know of Access: its applications, and the hosts of the settings."""

from collections.abc import Iterable
from datetime import timedelta

from queries.identity.session_length import session_length
from store.files.layout import Layout
from store.reading.shell.content import FactSource, Rows
from store.reading.snapshot import Snapshot

_MICROSECOND = timedelta(microseconds=1)

_APPLICATION_COLUMNS = (
    # Older versions have smaller numbers.
    ("number", "BIGINT"),
    ("id", "VARCHAR"),
    ("name", "VARCHAR"),
    ("type", "VARCHAR"),
    ("covers", "VARCHAR[]"),
    ("opens", "VARCHAR[]"),
    ("session_duration", "VARCHAR"),
    # How long a login lasts, in microseconds; empty where session_duration does not tell.
    ("lasts", "BIGINT"),
    ("begins", "TIMESTAMPTZ"),
    ("ends", "TIMESTAMPTZ"),
    ("listed_at", "TIMESTAMPTZ"),
)


def _applications(_: Layout, snapshot: Snapshot) -> Rows:
    in_order = sorted(snapshot.applications, key=lambda version: version.since)
    rows = []
    for number, version in enumerate(in_order):
        told = version.application
        length = session_length(told.session_duration)
        rows.append(
            (
                number,
                told.id,
                told.name,
                told.type,
                list(told.covers),
                list(told.opens),
                told.session_duration,
                length and length // _MICROSECOND,
                version.since,
                version.until,
                version.listed_at,
            )
        )
    return rows


# Every version of every application that Cloudflare listed.
APPLICATIONS = FactSource("applications", _APPLICATION_COLUMNS, _applications)


def access_hosts(configured: Iterable[str] = ()) -> FactSource:
    """The domains of the settings that are protected as a whole and at all times."""
    rows = [(domain,) for domain in sorted(configured)]
    return FactSource("access_domains", (("domain", "VARCHAR"),), lambda *_: rows)
