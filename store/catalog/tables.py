"""The catalog's tables, in SQLAlchemy Core: the ledger, and what is derived from it.

Written so that PostgreSQL can serve as well as SQLite: no dialect types, times as RFC 3339
text in UTC (sortable, and readable in the ledger), paths relative to the data folder.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store.declared_texts import texts

metadata = MetaData()

# The ledger: no row is ever changed or deleted.
entries = Table(
    "entries",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("recorded_at", String(27), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    info=texts(naming="payload", ours="kind recorded_at previous digest"),
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
    # Which loader began with it, and how many died with it: store/loading/claims.py.
    Column("tried_by", String(16)),
    Column("deaths", Integer, nullable=False, server_default="0"),
    Column("rows", BigInteger),
    Column("rejected_lines", BigInteger),
    Column("blank_lines", BigInteger),
    Column("loaded_sequence", BigInteger, ForeignKey("entries.sequence")),
    # How the last decoding went; empty before the first, and where an older version decoded.
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
    # The entry that retired the raw body; empty while it is kept.
    Column("raw_retired_sequence", BigInteger, ForeignKey("entries.sequence")),
    # How often the same lines were sent again.
    Column("resends", BigInteger, nullable=False, server_default="0"),
    # Raytrail fetched it, so its events may be of any day. False: Logpush sent it.
    Column("is_fetched", Boolean, nullable=False, server_default="0"),
    # Entered by recovery: no sender was told at that time that the batch is stored.
    Column("recovered", Boolean, nullable=False, server_default="0"),
    # The name that got no table, and the token that began one: store/intake/dataset_names.py.
    Column("sent_as", String(64)),
    Column("begun_by", String(16)),
    # The same lines sent to two datasets are two batches; to one dataset, one.
    UniqueConstraint("dataset", "content"),
    Index("batches_by_state", "state", "sequence"),
    # Every scrape asks for lag and waiting batches; this index answers without the table.
    Index("batches_by_state_and_dataset", "state", "dataset", "received_at"),
    Index("batches_by_loaded_sequence", "loaded_sequence"),
    Index("batches_by_raw_path", "raw_path"),
    # Few are, and every question asks for them.
    Index("batches_recovered", "batch_id", sqlite_where=text("recovered = 1")),
    Index("batches_by_batch_id", "batch_id"),
    Index("batches_begun", "begun_by", "received_at", sqlite_where=text("begun_by IS NOT NULL")),
    Index("batches_surplus", "sent_as", sqlite_where=text("sent_as IS NOT NULL")),
    Index("batches_by_raw_retired_sequence", "raw_retired_sequence", "received_at"),
    info=texts(
        naming="dataset reason foreign_dataset tally sent_as",
        ours="batch_id content received_at raw_path state shape decoder tried_by begun_by",
    ),
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
    # The format of the file (store/parquet/footer.py); empty for format 1, which no version noted.
    Column("format", Integer),
    # `part` from the loader (or empty: an older version), or one of store/compaction/tiers.py.
    Column("tier", String(8)),
    # Rows that a compaction folded into equal rows of this file; `also_in` names their batches.
    Column("folded", BigInteger, nullable=False, server_default="0"),
    # Rows of this file that are marked `probable_duplicate`.
    Column("probable", BigInteger, nullable=False, server_default="0"),
    # The numbers under which `people` lists its users and `user_days` counts them; empty if not.
    Column("number", BigInteger),
    Column("users_number", BigInteger),
    # By which revision `user_facts` was made of it, negative where that failed; empty until then.
    Column("facts_revision", Integer),
    # The `users_number` that this is about: an older version gives a file another one, and keeps it.
    Column("facts_number", BigInteger),
    # By what its footer is known (store/parquet/footer_check.py); empty where an older version wrote.
    Column("footer_bytes", BigInteger),
    Column("footer_sha256", String(64)),
    Index("files_by_users_number", "users_number"),
    Index("files_by_added_sequence", "added_sequence"),
    Index("files_by_dataset_and_day", "dataset", "day"),
    Index("files_by_retired_sequence", "retired_sequence"),
    info=texts(
        naming="dataset user_min user_max",
        ours="path day sha256 time_min time_max columns tier footer_sha256",
    ),
)

# Facts about the whole store: `format` is the newest file format that it may hold.
facts = Table(
    "facts",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(64), nullable=False),
    info=texts(ours="name value"),
)

# Retired files, to be unlinked from `due_at` on. While `shown_until` is set, `audit.duckdb` still
# names the file: it is kept until that file is published at this ledger entry or a later one.
removals = Table(
    "removals",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("due_at", String(27), nullable=False),
    Column("shown_until", BigInteger),
    Index("removals_by_due_at", "due_at"),
    info=texts(ours="path due_at"),
)

# Legal holds: retention and erasure keep the rows of a hold until it is released.
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
    # Whether other spellings of the user are not covered, as in holds of older versions.
    Column("is_exact", Boolean, nullable=False, server_default="1"),
    info=texts(naming="user host reason release_reason", ours="id since until"),
)

# Live files and kept raw bodies whose bytes are lost here. See store/catalog/damage.py.
damaged = Table(
    "damaged",
    metadata,
    Column("path", String(255), primary_key=True),
    # `missing` or `damaged`, as in store/files/trouble.py.
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("found_at", String(27), nullable=False),
    # Which work met it: `loader`, `compactor`, `scrub`, ...
    Column("found_by", String(16), nullable=False),
    info=texts(naming="reason", ours="path kind found_at found_by"),
)

# One row: when this machine's clock was last found right. See store/retention/clock.py.
clock = Table(
    "clock",
    metadata,
    Column("right_at", String(27), primary_key=True),
    # The id of the boot and the seconds since, at that moment; an empty id where unknown.
    Column("boot", String(64), nullable=False),
    Column("uptime", Float, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    # Why the clock is doubted since, as a word and as a sentence; empty while it is right.
    Column("doubt", String(8), nullable=False),
    Column("why", Text, nullable=False),
    info=texts(naming="why", ours="right_at boot doubt"),
)

# How often the same damaged body came. See store/intake/quarantine.py.
refusals = Table(
    "refusals",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_at", String(27), nullable=False),
    Column("last_at", String(27), nullable=False),
    info=texts(naming="reason", ours="sha256 first_at last_at"),
)

# Running totals over all batches and live files. See store/catalog/counts.py.
counts = Table(
    "counts",
    metadata,
    Column("dataset", String(64), primary_key=True),
    Column("measure", String(20), primary_key=True),
    Column("label", String(64), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    info=texts(naming="dataset", ours="measure label"),
)

# How often which field of a dataset caused which trouble. See store/loading/diagnosis.py.
fields = Table(
    "fields",
    metadata,
    Column("dataset", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("field", String(100), primary_key=True),
    Column("times", BigInteger, nullable=False),
    Column("first_batch", BigInteger, nullable=False),
    info=texts(naming="dataset field", ours="kind"),
)
