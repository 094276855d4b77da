"""Tables of the users of files: who is in which, when, and with what habits. See people.py,
user_days.py and user_facts.py.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from store.catalog.tables import metadata
from store.declared_texts import texts

# Which users have rows in which compacted file; `who` is a hash of the name.
people = Table(
    "people",
    metadata,
    Column("who", BigInteger, primary_key=True, autoincrement=False),
    Column("file", BigInteger, primary_key=True, autoincrement=False),
    Index("people_by_file", "file"),
)

# The names of `user_days`. `who` is a hash of the name, and `folded` of what all its spellings have
# in common: as a text it would show the name of somebody who was erased, but for another spelling.
user_names = Table(
    "user_names",
    metadata,
    Column("who", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("folded", BigInteger, nullable=False),
    Index("user_names_by_folded", "folded"),
    info=texts(naming="name"),
)

# The rows of a file by user and UTC day; `file` is its `users_number`. A day is counted from
# 1970-01-01, and a time in microseconds from then.
user_days = Table(
    "user_days",
    metadata,
    Column("who", BigInteger, primary_key=True, autoincrement=False),
    Column("file", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("rows", BigInteger, nullable=False),
    Column("first_us", BigInteger),
    Column("last_us", BigInteger),
    # Where they begin in the file, if they lie together; empty where an older version counted.
    Column("first_row", BigInteger),
    Index("user_days_by_file", "file"),
    # Half as large without numbers of rows.
    sqlite_with_rowid=False,
)

# What the users of a merged file had on which days, and what they took; `file` is its
# `users_number`. Numbers only, packed as packed_facts.py says.
user_facts = Table(
    "user_facts",
    metadata,
    Column("file", BigInteger, primary_key=True, autoincrement=False),
    Column("who", BigInteger, primary_key=True, autoincrement=False),
    # Without numbers of rows, SQLite would give each of these bytes a page of their own.
    Column("habits", LargeBinary, nullable=False),
    Column("takings", LargeBinary, nullable=False),
)

# The values that `habits` names by number, each once a file: a section of a host may name a person.
fact_values = Table(
    "fact_values",
    metadata,
    Column("file", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
    info=texts(naming="value", ours="kind"),
)
