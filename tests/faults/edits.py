"""Ways in which somebody who may write the data folder edits a small store by hand."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from store.catalog import counts, ledger, removals
from store.catalog.agreement.placement import write_whole
from store.files.copying import sha256_of
from store.intake.limits import IntakeLimits
from store.ledger.entry import Entry, digest_of
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, load, ndjson, record, send, unshown
from tests.faults.damaged import DAYS, QUILL, loading, merge

# What cannot be packed to less than this: without it, another writer's file is smaller than ours.
LONG_BYTES = 4_000

LIMITS = IntakeLimits(reserve=NO_RESERVE)


def make(root: Path, earlier: Path) -> None:
    """Three days: the first is merged, the others have a part each, of the same size.

    `earlier` is the whole folder before its last two batches came.
    """
    with Store.create(root, Clock(), LIMITS) as store:
        _day(store, DAYS[0])
        merge(store)
        with store.catalog.write() as connection:
            holds.place(connection, store.layout, store.clock, Criteria(user=QUILL), "case 7")
        _publish(store)
    shutil.copytree(root, earlier, symlinks=True)
    with Store.open(root, Clock(), LIMITS) as store:
        for day in DAYS[1:]:
            _day(store, day)
        _publish(store)


def _day(store: Store, day: str) -> None:
    users = {"0": QUILL, "1": "srhea", "2": QUILL}
    rows = (
        record(
            EdgeStartTimestamp=f"{day}T0{hour}:00:00Z",
            RayID=f"{day}-{hour}",
            ClientRequestUserAgent=random.Random(hour).randbytes(LONG_BYTES).hex(),
            RequestHeaders={"cf-access-user": user},
        )
        for hour, user in users.items()
    )
    send(store, gzipped(ndjson(*rows)))
    load(store)


def _publish(store: Store) -> None:
    """And remove what was merged, since the commands go by the real clock."""
    loading(store).until_drained()
    store.publish(SHELL)
    unshown(store)
    removals.remove_due(store.layout, store.catalog, store.clock() + timedelta(days=2))


def sql(root: Path, *statements: str) -> None:
    with closing(sqlite3.connect(root / "catalog.sqlite", isolation_level=None)) as hand:
        for statement in statements:
            hand.execute(statement)


def _value(root: Path, query: str) -> Any:
    with closing(sqlite3.connect(root / "catalog.sqlite")) as hand:
        return hand.execute(query).fetchone()[0]


def part(root: Path, day: str = DAYS[1]) -> Path:
    [found] = (root / "parts" / "http_requests" / f"date={day}").glob("0*.parquet")
    return found


def body(root: Path) -> Path:
    return max(root.rglob("raw/*/*.gz"))


def flip(path: Path, offset: int) -> None:
    held = bytearray(path.read_bytes())
    held[offset] ^= 1
    path.write_bytes(held)


def bit_of_data(root: Path) -> None:
    flip(part(root), 2_000)


def bit_of_footer(root: Path) -> None:
    path = part(root)
    flip(path, path.stat().st_size - 40)


def _rewritten(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Other rows under the footer of the old ones, and padded to the old size."""
    old, own = path.stat().st_size, pq.read_metadata(path).metadata
    table = change(pq.read_table(path, partitioning=None))
    how: dict[str, Any] = {
        "compression": "zstd",
        "use_dictionary": False,
        "store_schema": False,
        "write_statistics": ["user_id", "event_time"],
    }
    with pq.ParquetWriter(path, table.schema, **how) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({key.decode(): value.decode() for key, value in own.items()})
    held = path.read_bytes()
    end = int.from_bytes(held[-8:-4], "little") + 8
    assert len(held) <= old
    path.write_bytes(held[:-end] + bytes(old - len(held)) + held[-end:])


def _without_a_row(table: pa.Table) -> pa.Table:
    return table.slice(1)


def _another_address(table: pa.Table) -> pa.Table:
    for name in ("RayID", "ClientRequestUserAgent"):
        place = table.column_names.index(name)
        table = table.set_column(place, table.field(place), pa.array(["x"] * len(table)))
    return table


def row_dropped(root: Path) -> None:
    _rewritten(part(root), _without_a_row)


def row_changed(root: Path) -> None:
    _rewritten(part(root), _another_address)


def adopt(root: Path, path: Path) -> None:
    name, size = path.relative_to(root).as_posix(), path.stat().st_size
    rows = pq.read_metadata(path).num_rows
    sha256 = sha256_of(root, name)
    sql(
        root,
        f"UPDATE files SET sha256 = '{sha256}', bytes = {size}, rows = {rows}"
        f" WHERE path = '{name}'",
    )


def row_changed_and_hash(root: Path) -> None:
    row_changed(root)
    adopt(root, part(root))


def _recount(root: Path) -> None:
    with Store.open(root, Clock(), LIMITS) as store, store.catalog.write() as connection:
        counts.fill(connection)


def row_dropped_and_counts(root: Path) -> None:
    row_dropped(root)
    adopt(root, part(root))
    _recount(root)


def swapped(root: Path) -> None:
    first, second = part(root, DAYS[1]), part(root, DAYS[2])
    held = first.read_bytes(), second.read_bytes()
    assert len(held[0]) == len(held[1]), "files of two sizes are found by their sizes"
    first.write_bytes(held[1])
    second.write_bytes(held[0])


def copied_over(root: Path) -> None:
    shutil.copyfile(part(root, DAYS[1]), part(root, DAYS[2]))


def linked(root: Path) -> None:
    path = part(root)
    away = root.parent / "away.parquet"
    shutil.move(path, away)
    path.symlink_to(away)


def file_and_row_gone(root: Path) -> None:
    part(root).unlink()
    sql(root, f"DELETE FROM files WHERE day = '{DAYS[1]}'")
    _recount(root)


def forged_chain(root: Path) -> None:
    """An entry says another time, and every digest after it is computed anew, on both sides."""
    with Store.open(root, Clock(), LIMITS) as store:
        with store.catalog.read() as connection:
            held = list(ledger.walk(connection))
        end = held[0].end
        for each in held[1:]:
            at = "2026-11-22T09:00:00.000000Z" if each.sequence == 2 else each.recorded_at
            fields = {**each.fields(), "recorded_at": at, "previous": end.digest}
            del fields["digest"]
            forged = Entry(**fields, digest=digest_of(fields))
            sql(
                root,
                f"UPDATE entries SET recorded_at = '{at}', previous = '{forged.previous}',"
                f" digest = '{forged.digest}' WHERE sequence = {each.sequence}",
            )
            end = forged.end
        with store.catalog.read() as connection:
            write_whole(connection, store.layout)


def forged_in_catalog(root: Path) -> None:
    kept = root.parent / "ledger-kept"
    shutil.copytree(root / "ledger", kept)
    forged_chain(root)
    shutil.rmtree(root / "ledger")
    shutil.move(kept, root / "ledger")


def cut_off(root: Path) -> None:
    newest = _value(root, "SELECT max(sequence) FROM entries")
    sql(root, f"DELETE FROM entries WHERE sequence > {newest - 2}")


def yesterday(root: Path) -> None:
    shutil.rmtree(root)
    shutil.copytree(root.with_name("earlier"), root, symlinks=True)


def older_catalog(root: Path) -> None:
    for name in root.glob("catalog.sqlite*"):
        name.unlink()
    shutil.copy(root.with_name("earlier") / "catalog.sqlite", root / "catalog.sqlite")


def empty_catalog(root: Path) -> None:
    for name in root.glob("catalog.sqlite*"):
        name.unlink()
    (root / "catalog.sqlite").touch()


def page_of_catalog(root: Path) -> None:
    page = _value(root, "SELECT rootpage FROM sqlite_schema WHERE name = 'files'")
    size = _value(root, "PRAGMA page_size")
    held = bytearray((root / "catalog.sqlite").read_bytes())
    held[(page - 1) * size : page * size] = os.urandom(size)
    (root / "catalog.sqlite").write_bytes(held)


def body_with_member(root: Path) -> None:
    path = body(root)
    path.write_bytes(path.read_bytes() + gzipped(b"{}\n"))


def stray_part(root: Path) -> None:
    shutil.copy(part(root), part(root).with_name("unknown.parquet"))


def view_replaced(root: Path) -> None:
    made = root.parent / "made.duckdb"
    shutil.copyfile(root / "audit.duckdb", made)
    with duckdb.connect(str(made)) as forged:
        forged.execute("CREATE OR REPLACE VIEW http_requests AS FROM main.access_requests")
    os.replace(made, root / "audit.duckdb")  # noqa: PTH105 (as a hand would)


def by_sql(*statements: str) -> Callable[[Path], None]:
    return lambda root: sql(root, *statements)


def on_part(harm: Callable[[Path], object]) -> Callable[[Path], None]:
    return lambda root: void(harm(part(root)))


def on_body(harm: Callable[[Path], object]) -> Callable[[Path], None]:
    return lambda root: void(harm(body(root)))


def void(_: object) -> None:
    pass


_IS_PART = f"day = '{DAYS[1]}'"
_NEWEST = "(SELECT max(sequence) FROM batches)"

# By the first column of the table in docs/durability.md.
EDITS: dict[str, Callable[[Path], None]] = {
    "a part deleted": on_part(Path.unlink),
    "a part cut by 100 bytes": on_part(lambda path: path.write_bytes(path.read_bytes()[:-100])),
    "a part zeroed": on_part(lambda path: path.write_bytes(bytes(path.stat().st_size))),
    "one bit of a part's data": bit_of_data,
    "one bit of a part's footer": bit_of_footer,
    "a row of a part changed, the size kept": row_changed,
    "a row of a part dropped, the size kept": row_dropped,
    "two parts swapped": swapped,
    "a part copied over another": copied_over,
    "a row changed, the hash in `files` set to the new one": row_changed_and_hash,
    "a row dropped, `files` and `counts` set to what is left": row_dropped_and_counts,
    "a row of `files` deleted": by_sql(f"DELETE FROM files WHERE {_IS_PART}"),
    "a live file marked as retired": by_sql(
        f"UPDATE files SET retired_sequence = added_sequence WHERE {_IS_PART}"
    ),
    "a part and its row of `files` deleted, `counts` set": file_and_row_gone,
    "a part replaced by a link to it": linked,
    "an entry changed": by_sql("UPDATE entries SET recorded_at = 'never' WHERE sequence = 2"),
    "an entry in the middle deleted": by_sql("DELETE FROM entries WHERE sequence = 2"),
    "an entry changed and all digests computed anew, in the catalog": forged_in_catalog,
    "an entry changed and all digests computed anew, in the catalog and `ledger/`": forged_chain,
    "the newest entries cut off in the catalog": cut_off,
    "the whole folder replaced by an earlier one": yesterday,
    "an older `catalog.sqlite`": older_catalog,
    "an empty `catalog.sqlite`": empty_catalog,
    "one page of `catalog.sqlite`": page_of_catalog,
    "a raw body deleted": on_body(Path.unlink),
    "a member added to a raw body": body_with_member,
    "one bit of a raw body": on_body(lambda path: flip(path, 30)),
    "a part that no entry names": stray_part,
    "`batches`: another dataset": by_sql(
        f"UPDATE batches SET dataset = 'access_requests' WHERE sequence = {_NEWEST}"
    ),
    "`batches`: other counts": by_sql(f"UPDATE batches SET rows = 7 WHERE sequence = {_NEWEST}"),
    "`batches.state` set back": by_sql(
        f"UPDATE batches SET state = 'entered' WHERE sequence = {_NEWEST}"
    ),
    "a hold deleted": by_sql("DELETE FROM holds"),
    "a hold changed": by_sql("UPDATE holds SET user = 'nobody'"),
    "a hold released": by_sql("UPDATE holds SET released_sequence = placed_sequence"),
    "a file of an archive planted in `imports`": by_sql(
        "INSERT INTO imports VALUES ('s3://logs/x.gz', '', 1, '', '', '[\"" + "0" * 64 + "\"]')"
    ),
    "a record planted in `marks`": by_sql(
        f"INSERT INTO marks VALUES ('http_requests', 'x', {_NEWEST})"
    ),
    "a trigger planted": by_sql(
        "CREATE TRIGGER t AFTER INSERT ON batches BEGIN DELETE FROM holds; END"
    ),
    "a table planted": by_sql("CREATE TABLE more (x)"),
    "`people` emptied": by_sql("DELETE FROM people"),
    "`people` changed": by_sql("UPDATE people SET who = who + 1"),
    "`files.user_min` and `user_max` narrowed": by_sql(
        f"UPDATE files SET user_min = 'z', user_max = 'z' WHERE {_IS_PART}"
    ),
    "`files.time_min` and `time_max` narrowed": by_sql(
        f"UPDATE files SET time_min = time_max WHERE {_IS_PART}"
    ),
    "`files.day` changed": by_sql(f"UPDATE files SET day = '2026-11-01' WHERE {_IS_PART}"),
    "`audit.duckdb` deleted": lambda root: (root / "audit.duckdb").unlink(),
    "`audit.duckdb` damaged": lambda root: void((root / "audit.duckdb").write_bytes(b"x")),
    "a view of `audit.duckdb` replaced": view_replaced,
}
