"""Adds the tables, columns and indexes that an older catalog lacks.

Nothing is ever removed or changed, so that an older version still reads what a newer one wrote.
A column that was added later is nullable or has a default in the database.
"""

from sqlalchemy import Column, Connection, Index, Inspector, Table, delete, insert, inspect, select
from sqlalchemy.schema import CreateColumn, CreateIndex

from store.catalog import counts, ledger, register_tables, tables
from store.catalog.users import tables as user_tables
from store.errors import StoreTooNew
from store.parquet.footer import FORMAT, OLDEST_FORMAT

# All tables: importing these modules adds those of the registers and of users.
(METADATA,) = {each.metadata for each in (register_tables.imports, user_tables.user_days)}
_IS_FORMAT = tables.facts.c.name == "format"


def require_known_format(connection: Connection, place: str) -> None:
    """StoreTooNew if a newer version wrote the store in a format that this one does not know."""
    found = _format(connection)
    if found > FORMAT:
        raise StoreTooNew(place, found, FORMAT)


def is_needed(connection: Connection) -> bool:
    inspector = inspect(connection)
    older = _present(inspector)
    if len(older) < len(METADATA.tables) or _format(connection) < FORMAT:
        return True
    return any(
        _missing_columns(inspector, table) or _missing_indexes(inspector, table) for table in older
    )


def migrate(connection: Connection) -> None:
    """Add what is missing. The caller holds the write lock and commits; run again it adds nothing."""
    inspector = inspect(connection)
    older = _present(inspector)
    METADATA.create_all(connection)
    for table in older:
        for column in _missing_columns(inspector, table):
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
        for index in _missing_indexes(inspector, table):
            connection.execute(CreateIndex(index))
    if tables.counts not in older or tables.removals not in older:
        counts.fill(connection)
    if tables.removals not in older:
        _schedule_retired(connection)
    if tables.entries in older and register_tables.name_pairs not in older:
        _enter_distinct_names(connection)
    if tables.entries in older and tables.clock not in older:
        _trust_the_clock_so_far(connection)
    connection.execute(delete(tables.facts).where(_IS_FORMAT))
    connection.execute(insert(tables.facts), {"name": "format", "value": str(FORMAT)})


def _format(connection: Connection) -> int:
    """The newest format in this store; versions before the second noted none."""
    if not inspect(connection).has_table(tables.facts.name):
        return OLDEST_FORMAT
    return int(connection.scalar(select(tables.facts.c.value).where(_IS_FORMAT)) or OLDEST_FORMAT)


def _present(inspector: Inspector) -> list[Table]:
    names = set(inspector.get_table_names())
    return [table for table in METADATA.sorted_tables if table.name in names]


def _missing_columns(inspector: Inspector, table: Table) -> list[Column[object]]:
    names = {column["name"] for column in inspector.get_columns(table.name)}
    return [column for column in table.columns if column.name not in names]


def _missing_indexes(inspector: Inspector, table: Table) -> list[Index]:
    names = {index["name"] for index in inspector.get_indexes(table.name)}
    return [index for index in table.indexes if index.name not in names]


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
