"""Tables of the registers: what is known from outside, and when. See store/registers.

As in tables.py, no dialect types, and times as RFC 3339 text in UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from store.catalog.tables import metadata
from store.declared_texts import texts

# Hashes of the records of a fetched dataset that are in the store, each with its batch. See
# store/registers/seen_records.py.
marks = Table(
    "marks",
    metadata,
    Column("dataset", String(64), primary_key=True),
    Column("mark", String(32), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Index("marks_by_dataset_and_sequence", "dataset", "sequence"),
    info=texts(naming="dataset", ours="mark"),
)

# Files of archives that were imported whole, so that a resumed import skips them. Whether a batch
# is a duplicate is decided by the ledger alone. See store/registers/fetches.py.
imports = Table(
    "imports",
    metadata,
    Column("uri", String(1024), primary_key=True),
    # The dataset that the import named; empty where it named none.
    Column("asked", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("modified", String(40), nullable=False),
    Column("imported_at", String(27), nullable=False),
    # The ids of the batches it became, as JSON.
    Column("batches", Text, nullable=False),
    info=texts(naming="uri asked", ours="modified imported_at batches"),
)

# Versions of Access applications. See store/registers/applications.py.
applications = Table(
    "applications",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("holds_from", String(27), primary_key=True),
    # Empty for the current version.
    Column("holds_until", String(27)),
    Column("name", Text, nullable=False),
    Column("type", String(32), nullable=False),
    Column("aud", String(128), nullable=False),
    # What it covers and what it leaves open, as JSON.
    Column("coverage", Text, nullable=False),
    # A hash of everything that Cloudflare said, so that any change is noticed.
    Column("digest", String(64), nullable=False),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    info=texts(naming="name coverage", ours="id holds_from holds_until type aud digest"),
)

# How complete each hour of a Logpush job is. See store/registers/coverage.py.
coverage = Table(
    "coverage",
    metadata,
    Column("job", BigInteger, primary_key=True, autoincrement=False),
    Column("hour", String(27), primary_key=True),
    Column("dataset", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("missing", BigInteger),
    Column("why", Text, nullable=False),
    # What Cloudflare said it uploaded, which it says for a limited time; empty where it never did.
    Column("counted", BigInteger),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    Index("coverage_by_dataset_and_hour", "dataset", "hour"),
    info=texts(naming="dataset why", ours="hour state"),
)

# Marked requests that were sent to see whether they arrive. See store/registers/canaries.py.
canaries = Table(
    "canaries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("sent_at", String(27), nullable=False),
    Column("status", Integer),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    Index("canaries_by_sent_at", "sent_at"),
    info=texts(ours="id sent_at"),
)

# The last difference found between Cloudflare's settings and ours. See store/registers/drifts.py.
drifts = Table(
    "drifts",
    metadata,
    Column("place", String(64), primary_key=True),
    Column("found", Text, nullable=False),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    info=texts(naming="found", ours="place"),
)

# Alarms that a person has looked at. See store/registers/acknowledgements.py.
acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("alarm", String(128), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("acknowledged_at", String(27), nullable=False),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    # Only of findings.
    Column("acknowledged_by", Text),
    info=texts(naming="alarm reason acknowledged_by", ours="acknowledged_at"),
)

# Whose records are not loaded, until when, as salted digests. See store/keepout/register.py.
keep_outs = Table(
    "keep_outs",
    metadata,
    Column("erasure", BigInteger, ForeignKey("entries.sequence"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("salt", String(64), nullable=False),
    Column("before", String(27), nullable=False),
    Column("until", String(27), nullable=False),
    info=texts(ours="digest salt before until"),
)

# What was kept out of which batch. See store/keepout/exclusion.py.
excluded_records = Table(
    "excluded_records",
    metadata,
    Column("batch", BigInteger, primary_key=True, autoincrement=False),
    # The ledger entry that tells of it; the newest one, if the batch was replayed.
    Column("sequence", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("rejected_lines", BigInteger, nullable=False),
    # A legal hold keeps rows of the batch, and so its raw body.
    Column("is_held", Boolean, nullable=False),
)

# Pairs of names of which an operator said that they are, or are not, one person's. The newest row of
# a pair counts. Only rows that say they are have names; see store/registers/identity/name_pairs.py.
name_pairs = Table(
    "name_pairs",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("is_same", Boolean, nullable=False),
    Column("name", Text),
    Column("other", Text),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    info=texts(naming="name other", ours="digest salt"),
)

# Rounds in which every file is read against its hash. See store/registers/scrub_round.py.
scrubs = Table(
    "scrubs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("started_at", String(27), nullable=False),
    Column("ended_at", String(27)),
    Column("after_path", String(255), nullable=False),
    Column("files", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("unreadable", BigInteger, nullable=False),
    Column("catalog_problem", Text, nullable=False),
    info=texts(naming="catalog_problem", ours="started_at ended_at after_path"),
)

# Where backups of this store were made. See store/backup/places.py.
backups = Table(
    "backups",
    metadata,
    Column("path", String(4096), primary_key=True),
    Column("taken_at", String(27), nullable=False),
    info=texts(naming="path", ours="taken_at"),
)

# The last `raytrail fsck`, as one row. See store/fsck/last_check.py.
checks = Table(
    "checks",
    metadata,
    Column("started_at", String(27), primary_key=True),
    # Whether it read every byte.
    Column("is_deep", Boolean, nullable=False),
    Column("files", BigInteger, nullable=False),
    Column("findings", BigInteger, nullable=False),
    # The kinds of what it found and left, as JSON with the number of each.
    Column("kinds", Text, nullable=False),
    info=texts(ours="started_at kinds"),
)

# Login names and request names that are one person's, as the logs of both told when they were last
# judged. Replaced whole; see store/registers/identity/inferred_names.py.
inferred_names = Table(
    "inferred_names",
    metadata,
    Column("login_name", Text, primary_key=True),
    Column("request_name", Text, primary_key=True),
    Column("agreeing", BigInteger, nullable=False),
    Column("against", BigInteger, nullable=False),
    Column("addresses", BigInteger, nullable=False),
    Column("first_login", String(27), nullable=False),
    Column("last_login", String(27), nullable=False),
    info=texts(naming="login_name request_name", ours="first_login last_login"),
)

# When that was, as one row, and up to which ledger entry.
inferences = Table(
    "inferences",
    metadata,
    Column("judged_at", String(27), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    info=texts(ours="judged_at"),
)
