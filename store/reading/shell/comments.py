"""Writes into `audit.duckdb` what each dataset and each of its columns means."""

from collections.abc import Iterator

import duckdb

from schema.columns import OWN_MEANINGS, nanoseconds_column
from schema.dataset import Dataset, FieldType, IdentityRule, datasets
from store.files.layout import REJECTED
from store.parquet import dataset_columns
from store.parquet.dataset_columns import quoted

# `event_time::DATE` would be another day for a session with another zone.
DATE = (
    "The UTC day of event_time, whatever the zone of the session: the column to group and filter by."
    " event_time::DATE is the day in the session's zone."
)
_REJECTED = "One row for each line that became no row of its dataset."


def write(connection: duckdb.DuckDBPyConnection) -> None:
    """A comment on the view of each known dataset, and on its columns."""
    # Together they take half the time.
    connection.execute("; ".join(_comments()))


def meaning_of(dataset: Dataset) -> str:
    """What one row is, and from which fields its time and user are."""
    how = "fetched from Cloudflare's API" if dataset.is_pulled else "sent by Logpush"
    time = ", else ".join(dataset.event_time)
    user = ", else ".join(map(_place, dataset.identity)) or "always NULL"
    return (
        f"One row for each record of {dataset.name}, {how}."
        f" event_time is {time}; user_id is {user}."
    )


def _comments() -> Iterator[str]:
    for name in sorted(dataset_columns.known()):
        dataset = datasets().get(name)
        about = _REJECTED if name == REJECTED or dataset is None else meaning_of(dataset)
        yield f"COMMENT ON VIEW {quoted(name)} IS {_literal(about)}"
        meanings = {**OWN_MEANINGS, **(_of_fields(dataset) if dataset else {}), "date": DATE}
        for column in (*dataset_columns.shape(name).names, "date"):
            if column in meanings:
                place = f"{quoted(name)}.{quoted(column)}"
                yield f"COMMENT ON COLUMN {place} IS {_literal(meanings[column])}"


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
