"""Adds the tables, columns and indexes that an older catalog lacks.

Nothing is ever removed or changed, so that an older version still reads what a newer one wrote.
A column that was added later is nullable or has a default in the database.
"""

from functools import cache

from sqlalchemy import Column, Connection, Index, MetaData, Table, delete, insert, select
from sqlalchemy.schema import CreateColumn, CreateIndex

from store.catalog import counts, ledger, register_tables, tables
from store.catalog.databases import dialect
from store.catalog.users import tables as user_tables
from store.errors import StoreTooNew
from store.parquet.footer import FORMAT, OLDEST_FORMAT

# All tables: importing these modules adds those of the registers and of users.
(METADATA,) = {each.metadata for each in (register_tables.imports, user_tables.user_days)}
_IS_FORMAT = tables.facts.c.name == "format"
_FORMAT = select(tables.facts.c.value).where(_IS_FORMAT)


# What a catalog has: ("column" or "index", its table, its name).
Names = frozenset[tuple[str, str, str]]


def require_known_format(connection: Connection, place: str) -> None:
    """StoreTooNew if a newer version wrote the store in a format that this one does not know."""
    _require_known(_format(connection, _names(connection)), place)


def has_tables(connection: Connection) -> bool:
    """Whether it has a ledger and facts."""
    found = _names(connection)
    return _has(found, tables.entries) and _has(found, tables.facts)


def is_needed(connection: Connection, place: str) -> bool:
    """Whether anything of this version is missing; StoreTooNew as for require_known_format."""
    found = _names(connection)
    format_ = _format(connection, found)
    _require_known(format_, place)
    return format_ < FORMAT or not _wanted(dialect.of(connection).schema(METADATA)) <= found


def migrate(connection: Connection) -> None:
    """Add what is missing. The caller holds the write lock and commits; run again it adds nothing."""
    found = _names(connection)
    older = _present(found)
    missing = [table for table in METADATA.sorted_tables if table not in older]
    made = dialect.of(connection).schema(METADATA)
    new = [made.tables[table.name] for table in missing]
    made.create_all(connection, tables=new, checkfirst=False)
    for table in (made.tables[each.name] for each in older):
        for column in _missing_columns(found, table):
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
        for index in _missing_indexes(found, table):
            connection.execute(CreateIndex(index))
    if older and (tables.counts not in older or tables.removals not in older):
        counts.fill(connection)
    if older and tables.removals not in older:
        _schedule_retired(connection)
    if tables.entries in older and register_tables.name_pairs not in older:
        _enter_distinct_names(connection)
    if tables.entries in older and tables.clock not in older:
        _trust_the_clock_so_far(connection)
    connection.execute(delete(tables.facts).where(_IS_FORMAT))
    connection.execute(insert(tables.facts), {"name": "format", "value": str(FORMAT)})


def _require_known(format_: int, place: str) -> None:
    if format_ > FORMAT:
        raise StoreTooNew(place, format_, FORMAT)


def _format(connection: Connection, found: Names) -> int:
    """The newest format in this store; versions before the second noted none."""
    if not _has(found, tables.facts):
        return OLDEST_FORMAT
    return int(connection.scalar(_FORMAT) or OLDEST_FORMAT)


def _names(connection: Connection) -> Names:
    return frozenset(dialect.of(connection).names(connection))


@cache
def _wanted(metadata: MetaData) -> Names:
    every = metadata.sorted_tables
    columns = {("column", table.name, column.name) for table in every for column in table.columns}
    indexes = {("index", table.name, str(index.name)) for table in every for index in table.indexes}
    return frozenset(columns | indexes)


def _has(found: Names, table: Table) -> bool:
    return any(("column", table.name, column.name) in found for column in table.columns)


def _present(found: Names) -> list[Table]:
    return [table for table in METADATA.sorted_tables if _has(found, table)]


def _missing_columns(found: Names, table: Table) -> list[Column[object]]:
    return [each for each in table.columns if ("column", table.name, each.name) not in found]


def _missing_indexes(found: Names, table: Table) -> list[Index]:
    return [each for each in table.indexes if ("index", table.name, each.name) not in found]


def _schedule_retired(connection: Connection) -> None:
    """An older version decided by the age of the entry when to remove a retired file."""
    files, entries = tables.files, tables.entries
    older = select(files.c.path, entries.c.recorded_at).join(
        entries, entries.c.sequence == files.c.retired_sequence
    )
    connection.execute(insert(tables.removals).from_select(["path", "due_at"], older))


def _enter_distinct_names(connection: Connection) -> None:
    """Older versions read them in the ledger."""
    told = {"is_same": False, "name": None, "other": None}
    for entry in ledger.of_kinds(connection, ["distinct_names"], after=0):
        facts = {name: entry.payload[name] for name in ("salt", "digest")}
        row = {**told, **facts, "sequence": entry.sequence}
        connection.execute(insert(register_tables.name_pairs), row)


def _trust_the_clock_so_far(connection: Connection) -> None:
    """Times that the machine was off, before this version, are no reason to doubt its clock."""
    entries = tables.entries
    newest = select(entries.c.sequence, entries.c.recorded_at).order_by(entries.c.sequence.desc())
    row = connection.execute(newest.limit(1)).first()
    if row is not None:
        right = {"right_at": row.recorded_at, "sequence": row.sequence}
        unknown = {"boot": "", "uptime": 0.0, "doubt": "", "why": ""}
        connection.execute(insert(tables.clock), {**right, **unknown})
