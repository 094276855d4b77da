"""The catalog's tables, in SQLAlchemy Core: ledger and manifest of live files at once.

Written so that PostgreSQL can serve as well as SQLite: no dialect types, times as RFC 3339
text in UTC (sortable, and readable in the ledger), paths relative to the data folder.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# The ledger: nothing here is ever changed or deleted.
entries = Table(
    "entries",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("recorded_at", String(27), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
)

# One row a batch; `sequence` is that of its ledger entry.
batches = Table(
    "batches",
    metadata,
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), primary_key=True),
    Column("batch_id", String(64), nullable=False),
    Column("dataset", String(64), nullable=False),
    Column("content", String(80), nullable=False),
    Column("body_bytes", BigInteger, nullable=False),
    Column("inflated_bytes", BigInteger),
    Column("received_at", String(27), nullable=False),
    Column("raw_path", String(255), nullable=False),
    Column("state", String(8), nullable=False),
    Column("reason", Text),
    Column("attempts", Integer, nullable=False, default=0),
    Column("rows", BigInteger),
    Column("rejected_lines", BigInteger),
    Column("blank_lines", BigInteger),
    Column("loaded_sequence", BigInteger, ForeignKey("entries.sequence")),
    # How the last decoding went; empty while there was none, or none by a version that told.
    Column("shape", String(16)),
    Column("decoder", String(16)),
    Column("misfits", BigInteger),
    Column("approximations", BigInteger),
    Column("unknown_members", BigInteger),
    Column("overruled_members", BigInteger),
    Column("foreign_lines", BigInteger),
    Column("foreign_dataset", String(64)),
    # What this batch added to `fields`, as JSON, so that a replay can take it out again.
    Column("tally", Text),
    # The entry by which the raw body was let go of; empty while it is kept.
    Column("raw_retired_sequence", BigInteger, ForeignKey("entries.sequence")),
    # How often the same lines were sent again.
    Column("resends", BigInteger, nullable=False, server_default="0"),
    # We went and got it, and nobody pushed it: its events may be of any day.
    Column("is_fetched", Boolean, nullable=False, server_default="0"),
    # The same lines sent to two datasets are two batches; to one dataset, one.
    UniqueConstraint("dataset", "content"),
    Index("batches_by_state", "state", "sequence"),
    # Lag and waiting batches are asked for at every scrape; this answers without the table.
    Index("batches_by_state_and_dataset", "state", "dataset", "received_at"),
    Index("batches_by_loaded_sequence", "loaded_sequence"),
    Index("batches_by_raw_path", "raw_path"),
    Index("batches_by_batch_id", "batch_id"),
    Index("batches_by_raw_retired_sequence", "raw_retired_sequence", "received_at"),
)

# One row a Parquet part; live while `retired_sequence` is empty.
files = Table(
    "files",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("dataset", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("time_min", String(27)),
    Column("time_max", String(27)),
    Column("user_min", Text),
    Column("user_max", Text),
    Column("added_sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    Column("retired_sequence", BigInteger, ForeignKey("entries.sequence")),
    # Parts with the same fingerprint have the same columns; empty where an older version wrote.
    Column("columns", String(16)),
    # Who wrote it: the loader (`part`, or empty where an older version wrote), or a compaction
    # (`day`, `month`). See store/compaction/tiers.py.
    Column("tier", String(8)),
    # Rows that were the same lines as rows in this file and stand beside them, in `also_in`.
    Column("folded", BigInteger, nullable=False, server_default="0"),
    # The number under which `people` lists whose rows are in it; empty where nobody listed them.
    Column("number", BigInteger),
    Index("files_by_added_sequence", "added_sequence"),
    Index("files_by_dataset_and_day", "dataset", "day"),
    Index("files_by_retired_sequence", "retired_sequence"),
)

# Whose rows are in which compacted file; `who` is a hash of the name, which no catalog keeps.
people = Table(
    "people",
    metadata,
    Column("who", BigInteger, primary_key=True, autoincrement=False),
    Column("file", BigInteger, primary_key=True, autoincrement=False),
    Index("people_by_file", "file"),
)

# Which records of a dataset that we ask for are in the store, told by a hash of each, and of
# which batch we know so. See store/registers/seen_records.py.
marks = Table(
    "marks",
    metadata,
    Column("dataset", String(64), primary_key=True),
    Column("mark", String(32), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Index("marks_by_dataset_and_sequence", "dataset", "sequence"),
)

# Files of archives that were imported whole, so that an import which goes on need not read them
# again. Never asked for anything else: whether a batch is known, the ledger says.
imports = Table(
    "imports",
    metadata,
    Column("uri", String(1024), primary_key=True),
    # The dataset that was asked for; empty where the records told it.
    Column("asked", String(64), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("modified", String(40), nullable=False),
    Column("imported_at", String(27), nullable=False),
    # The ids of the batches it became, as JSON.
    Column("batches", Text, nullable=False),
)

# Access applications as they were from one moment to another. See store/registers/applications.py.
applications = Table(
    "applications",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("holds_from", String(27), primary_key=True),
    # Empty while it is still so.
    Column("holds_until", String(27)),
    Column("name", Text, nullable=False),
    Column("type", String(32), nullable=False),
    Column("aud", String(128), nullable=False),
    # What it covers and what it leaves open, as JSON.
    Column("coverage", Text, nullable=False),
    # A hash of all that Cloudflare told, so that a change of anything is a change.
    Column("digest", String(64), nullable=False),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
)

# Files that nobody is shown any more, to be unlinked once the time has come.
removals = Table(
    "removals",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("due_at", String(27), nullable=False),
    Index("removals_by_due_at", "due_at"),
)

# Legal holds: rows that fit one which is not released outlive retention and erasure.
holds = Table(
    "holds",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("user", Text),
    Column("host", Text),
    Column("since", String(27)),
    Column("until", String(27)),
    Column("reason", Text, nullable=False),
    Column("placed_sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    Column("released_sequence", BigInteger, ForeignKey("entries.sequence")),
    Column("release_reason", Text),
)

# What is known of how complete each hour of a Logpush job is. See store/registers/coverage.py.
coverage = Table(
    "coverage",
    metadata,
    Column("job", BigInteger, primary_key=True, autoincrement=False),
    Column("hour", String(27), primary_key=True),
    Column("dataset", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("missing", BigInteger),
    Column("why", Text, nullable=False),
    # What Cloudflare said it uploaded, for when it says nothing any more; empty where it never did.
    Column("counted", BigInteger),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    Index("coverage_by_dataset_and_hour", "dataset", "hour"),
)

# Requests with a mark that were sent to see whether they come back. See store/registers/canaries.py.
canaries = Table(
    "canaries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("sent_at", String(27), nullable=False),
    Column("status", Integer),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
    Index("canaries_by_sent_at", "sent_at"),
)

# How often the same damaged body came; the third time it is kept as evidence.
refusals = Table(
    "refusals",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_at", String(27), nullable=False),
    Column("last_at", String(27), nullable=False),
)

# Running totals over all batches and live files, changed in the transactions that change those,
# since a million batches are too many to add up at every scrape. See store/catalog/counts.py.
counts = Table(
    "counts",
    metadata,
    Column("dataset", String(64), primary_key=True),
    Column("measure", String(20), primary_key=True),
    Column("label", String(64), primary_key=True),
    Column("amount", BigInteger, nullable=False),
)

# Which fields of a dataset gave what trouble how often. See store/loading/diagnosis.py.
fields = Table(
    "fields",
    metadata,
    Column("dataset", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("field", String(100), primary_key=True),
    Column("times", BigInteger, nullable=False),
    Column("first_batch", BigInteger, nullable=False),
)

# What was last found to differ between Cloudflare's settings and ours. See store/registers/drifts.py.
drifts = Table(
    "drifts",
    metadata,
    Column("place", String(64), primary_key=True),
    Column("found", Text, nullable=False),
    Column("sequence", BigInteger, ForeignKey("entries.sequence"), nullable=False),
)
