"""Datasets without a data file: which names are valid, and where their time and user are found.

A dataset is not refused for being unknown. Without a data file it has no columns of its own: every
member is kept in `extra`, and the time and the user are searched under the names that Cloudflare's
datasets use. When a data file is added later, a replay makes columns from the same raw bytes.
"""

import re

from schema.dataset import Dataset, IdentityRule, datasets

# The dataset of records that are not recognised.
UNKNOWN = "unknown"

# A name becomes a folder, a view and part of file names. So it has only a to z, digits and _, and
# is far shorter than the 255 bytes that file systems allow. Cloudflare's names have 8 to 35.
NAME_CHARS_MIN = 3
NAME_CHARS_MAX = 63
NAME = re.compile(rf"[a-z][a-z0-9_]{{{NAME_CHARS_MIN - 1},{NAME_CHARS_MAX - 1}}}")

# Names of our views, macros, tables and schemas, in `audit.duckdb` and in questions: a dataset with
# such a name would replace them. A test compares this list with the SQL files.
OURS = frozenset(
    {
        "abuse_events_of_ray",
        "access_events",
        "access_hosts",
        "access_rules_of",
        "activity",
        "address_block",
        "application_logins",
        "at_once",
        "breakdown",
        "canaries",
        "changes",
        "children_of_ray",
        "compare",
        "compared_since",
        "compared_totals",
        "compared_until",
        "compared_values",
        "configured_template",
        "content_of",
        "damaged",
        "device_of",
        "downloads",
        "duckdb_functions",
        "duckdb_settings",
        "duckdb_views",
        "ending_of",
        "explain",
        "fields_logged",
        "firewall_events_of_ray",
        "first_seen",
        "fold_pause",
        "fold_reach",
        "folded_name",
        "folding_key",
        "folds_of",
        "grain_of",
        "help",
        "host_name",
        "host_path_template",
        "http_requests_where",
        "identity_grade",
        "identity_of",
        "in_utc",
        "is_ray",
        "inferred_names",
        "instant_of",
        "is_api_path",
        "is_delivered",
        "is_edge_script",
        "is_file",
        "is_let_through",
        "is_own_page",
        "is_page_view",
        "is_stopped",
        "is_tool",
        "is_within",
        "kinds",
        "large_answer",
        "logged_headers",
        "logged_hosts",
        "login_before",
        "login_event",
        "login_events_of_ray",
        "login_hosts",
        "login_islands",
        "login_places",
        "logins",
        "logins_counted",
        "logins_of",
        "logins_under",
        "logins_where",
        "logins_of_ray",
        "mentions_of_ray",
        "names_of",
        "page_views",
        "path_template",
        "people",
        "people_held",
        "people_macro",
        "person_requests",
        "prefetch_life",
        "protected_visits",
        "ray",
        "ray_key",
        "ray_records",
        "recovered_batches",
        "referer_url",
        "refused",
        "rejected",
        "rejected_of_ray",
        "repeated_requests",
        "request_kind",
        "request_navigation",
        "requests",
        "requests_after_logout",
        "requests_counted",
        "requests_under",
        "requests_where",
        "requests_of_ray",
        "requests_without_login",
        "resends_of",
        "rows_elsewhere",
        "session_bucket",
        "session_kinds",
        "session_spans_of",
        "session_steps",
        "sessions",
        "sessions_under",
        "shape",
        "snapshot",
        "start_of",
        "syntax_tree",
        "totals",
        "trail",
        "unfolded_requests_where",
        "unprotected_hosts",
        "url_host",
        "used_logins",
        "utc_moment",
        "user_hosts",
        "user_names",
        "user_nearest",
        "user_seen",
        "visited_host",
        "visited_path",
        "visited_place",
        "visitors",
        "visitors_at",
        "visits_held",
        "word_template",
    }
)

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
