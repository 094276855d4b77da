"""Datasets without a data file: which names are valid, and where their time and user are found.

A dataset is not refused for being unknown. Without a data file it has no columns of its own: every
member is kept in `extra`, and the time and the user are searched under the names that Cloudflare's
datasets use. When a data file is added later, a replay makes columns from the same raw bytes.
"""

import re

from schema.dataset import Dataset, IdentityRule, datasets
from schema.our_names import OURS

# The dataset of records that are not recognised.
UNKNOWN = "unknown"

# A name becomes a folder, a view and part of file names. So it has only a to z, digits and _, and
# is far shorter than the 255 bytes that file systems allow. Cloudflare's names have 8 to 35.
NAME_CHARS_MIN = 3
NAME_CHARS_MAX = 63
NAME = re.compile(rf"[a-z][a-z0-9_]{{{NAME_CHARS_MIN - 1},{NAME_CHARS_MAX - 1}}}")

# DuckDB 1.4 to 2.0 refuse these words as a table's name without quotes.
SQL_WORDS = frozenset(
    """
    all analyse analyze and anti any array asc asof asymmetric authorization binary both case cast
    check collate collation column concurrently constraint create cross default deferrable desc
    describe distinct else end except false fetch for foreign freeze from full glob group having
    ilike initially inner intersect into isnull join lambda lateral leading left like limit natural
    not notnull null offset only order outer overlaps pivot pivot_longer pivot_wider placing
    positional primary qualify references returning right select semi show similar some summarize
    symmetric table tablesample then trailing true union unique unpack unpivot using variadic
    verbose when where window with
    """.split()  # noqa: SIM905 - a list would be a screen of commas
)

# Names of DuckDB's own catalog: a view `duckdb_tables` would hide DuckDB's.
DUCKDB_NAMES = re.compile(r"(?:duckdb|pg|pragma|sqlite)_.*|information_schema")

# Windows allows no folder with such a name.
WINDOWS_DEVICES = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]")

# In order of preference: the event before its log time, a start before its end.
EVENT_TIME = (
    "Timestamp",
    "Datetime",
    "EventTimestamp",
    "EventTimestampMs",
    "EdgeStartTimestamp",
    "EdgeEndTimestamp",
    "CreatedAt",
    "When",
    "ActionTimestamp",
    "SessionStartTime",
    "SessionEndTime",
    "RequestedAt",
    "CompletedAt",
    "ConnectTimestamp",
    "DetectedTimestamp",
    "TimestampStart",
    "timestampStartNanos",
    "timestampEndNanos",
)

IDENTITY = (
    IdentityRule(source="request_header", field="RequestHeaders", key="cf-access-user"),
    IdentityRule(source="cookie", field="Cookies", key="cf-access-user"),
    IdentityRule(source="email", field="Email"),
    IdentityRule(source="email", field="ActorEmail"),
    IdentityRule(source="email", field="UserEmail"),
    IdentityRule(source="email", field="RequestedBy"),
)


def dataset_named(name: str) -> Dataset | None:
    """The dataset of that name, with or without a data file; None if the name is not valid."""
    known = datasets().get(name)
    if known is not None or not _may_be_named(name):
        return known
    return Dataset(
        name=name,
        scope=None,
        event_time=EVENT_TIME,
        identity=IDENTITY,
        fields=(),
        guesses_time=True,
    )


def _may_be_named(name: str) -> bool:
    is_taken = (
        name in OURS
        or name in SQL_WORDS
        or DUCKDB_NAMES.fullmatch(name)
        or WINDOWS_DEVICES.fullmatch(name)
    )
    return bool(NAME.fullmatch(name)) and not is_taken
