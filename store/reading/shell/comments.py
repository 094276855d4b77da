"""Writes into `audit.duckdb` what each dataset and each of its columns means."""

from collections.abc import Iterator, Mapping
from functools import cache

import duckdb

from schema.columns import OWN_MEANINGS, nanoseconds_column
from schema.dataset import Dataset, FieldType, IdentityRule, datasets
from store.files.layout import REJECTED
from store.parquet import dataset_columns
from store.parquet.dataset_columns import quoted
from store.reading.shell import parsed_texts
from store.reading.shell.statements import sql_of

# `event_time::DATE` would be another day for a session with another zone.
DATE = (
    "The UTC day of event_time, whatever the zone of the session: the column to group and filter by."
    " event_time::DATE is the day in the session's zone."
)
REJECTED_LINES = "One row for each line that became no row of its dataset."
_UNDOCUMENTED = (
    "One row for each record of {name}, a dataset without columns of its own: see extra."
)

SNAPSHOT = "Which state of the store this file shows, how old it is, and where it answers."
_OF_SNAPSHOT = {
    "sequence": "The newest ledger entry that the file shows.",
    "taken_at": "When it was made.",
    "age": "How long ago that was.",
    "published_as": "The path at which it answers.",
}
DAMAGED = "One row for each file whose bytes are lost; its dataset raises an error for its days."
_OF_DAMAGED = {
    "path": "The file, in the data folder.",
    "dataset": "The dataset that lacks its rows; the view <dataset>_without_damaged answers without them.",
    "day": "The day or month of its folder.",
    "rows": "How many rows it had, if known.",
    "first_event": "The time of its first event, if known.",
    "last_event": "The time of its last event, if known.",
    "kind": "What is wrong with it.",
    "reason": "That in words.",
    "found_at": "When that was found.",
}

_OURS = {"snapshot": (SNAPSHOT, _OF_SNAPSHOT), "damaged": (DAMAGED, _OF_DAMAGED)}


def write(connection: duckdb.DuckDBPyConnection, undocumented: Mapping[str, str]) -> None:
    """A comment on the view of each dataset, on `snapshot` and `damaged`, and on their columns.

    `undocumented` has the view of each dataset that has no columns of its own.
    """
    # Together they take half the time.
    parsed_texts.run(connection, _of_datasets())
    connection.execute("; ".join(_of_ours(connection)))
    write_undocumented(connection, undocumented)


def write_undocumented(connection: duckdb.DuckDBPyConnection, views: Mapping[str, str]) -> None:
    """The same on the views of the datasets without columns of their own alone."""
    for name, view in views.items():
        meanings = {**OWN_MEANINGS, "date": DATE}
        held = {each: meanings[each] for each in connection.table(view).columns if each in meanings}
        connection.execute("; ".join(_on("VIEW", view, _UNDOCUMENTED.format(name=name), held)))


def of_known_datasets() -> Iterator[str]:
    """As SQL: those on the views of all datasets with columns of their own."""
    for name in sorted(dataset_columns.known()):
        yield from of_known_dataset(name)


def of_known_dataset(name: str) -> Iterator[str]:
    dataset = datasets().get(name)
    about = REJECTED_LINES if name == REJECTED or dataset is None else meaning_of(dataset)
    meanings = {**OWN_MEANINGS, **(_of_fields(dataset) if dataset else {}), "date": DATE}
    held = (*dataset_columns.shape(name).names, "date")
    yield from _on("VIEW", name, about, {each: meanings[each] for each in held if each in meanings})


def of_published() -> Iterator[str]:
    """As SQL: those on what an `audit.duckdb` says of itself."""
    for name, (about, columns) in _OURS.items():
        yield from _on("TABLE" if name == "damaged" else "VIEW", name, about, columns)


def meaning_of(dataset: Dataset) -> str:
    """What one row is, and from which fields its time and user are."""
    how = "fetched from Cloudflare's API" if dataset.is_pulled else "sent by Logpush"
    time = ", else ".join(dataset.event_time)
    user = ", else ".join(map(_place, dataset.identity)) or "always NULL"
    return (
        f"One row for each record of {dataset.name}, {how}."
        f" event_time is {time}; user_id is {user}."
    )


@cache
def _of_datasets() -> str:
    return "; ".join(of_known_datasets())


def _of_ours(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """An engine of ours may lack these."""
    kinds: dict[str, str] = dict(connection.execute(sql_of("main_relations")).fetchall())
    for name, (about, columns) in _OURS.items():
        if name in kinds:
            yield from _on(kinds[name], name, about, columns)


def _on(kind: str, name: str, about: str, columns: Mapping[str, str]) -> Iterator[str]:
    yield f"COMMENT ON {kind} {quoted(name)} IS {_literal(about)}"
    for column, meaning in columns.items():
        yield f"COMMENT ON COLUMN {quoted(name)}.{quoted(column)} IS {_literal(meaning)}"


def _of_fields(dataset: Dataset) -> dict[str, str]:
    found = {field.name: field.meaning for field in dataset.fields}
    for field in dataset.fields:
        if field.type is FieldType.TIMESTAMP:
            found[nanoseconds_column(field.name)] = (
                f"The nanoseconds of {field.name} below its microsecond; NULL if there are none."
            )
    return found


def _place(rule: IdentityRule) -> str:
    return f"{rule.field}->>'{rule.key}'" if rule.key else rule.field


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
