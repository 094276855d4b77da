"""Datasets nobody has described yet: which names they may bear, and what is known of them anyway.

Nothing is refused for being new. A dataset without a data file has no columns of its own, so
every member stands in `extra`; its time and its people are looked for under the names that
Cloudflare's datasets use. A data file that comes later makes columns of the same raw bytes.
"""

import re

from schema.dataset import Dataset, IdentityRule, datasets

# Where records go that nobody recognises.
UNKNOWN = "unknown"

# A name becomes a folder, a view and part of file names, so it is one plain lower-case word:
# no dot, slash, space, capital or letter of another alphabet, and far below the 255 bytes that
# file systems take. Cloudflare's own names are of this kind, 8 to 35 long.
NAME_CHARS_MIN = 3
NAME_CHARS_MAX = 63
NAME = re.compile(rf"[a-z][a-z0-9_]{{{NAME_CHARS_MIN - 1},{NAME_CHARS_MAX - 1}}}")

# Views, macros, tables and schemas of ours, in `audit.duckdb` and in the questions: a dataset
# of that name would stand in for them. Tests hold this list against the SQL files.
OURS = frozenset(
    {
        "access_hosts",
        "access_rules_of",
        "activity",
        "breakdown",
        "canaries",
        "grain_of",
        "host_name",
        "identity_of",
        "logins",
        "people",
        "refused",
        "rejected",
        "repeated_requests",
        "session_bucket",
        "session_pages",
        "sessions",
        "sessions_of",
        "shape",
        "sign_ins",
        "snapshot",
        "start_of",
        "syntax_tree",
        "totals",
        "trail",
        "user_hosts",
        "user_nearest",
        "user_seen",
        "visits",
        "visits_held",
        "visits_of",
    }
)

# `FROM like` is no SQL. DuckDB 1.4 to 2.0 refuse these words where a table's name stands.
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

# DuckDB's own catalogue: a view called `duckdb_tables` would hide the one that shells ask.
DUCKDB_NAMES = re.compile(r"(?:duckdb|pg|pragma|sqlite)_.*|information_schema")

# A folder of such a name cannot be copied to a disk of Windows.
WINDOWS_DEVICES = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]")

# In order of preference: what happened before when it was told, a start before its end.
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
)


def dataset_named(name: str) -> Dataset | None:
    """The dataset of that name, described or not; None when no dataset may be called so."""
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
