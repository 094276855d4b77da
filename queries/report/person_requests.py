"""The requests of a report's person under the name `person_requests`, for the report's questions.

Which request is folded under which, and in which session it is, takes a second of planning and
sorting. It is done once for a report and not once for each of its questions.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from queries.definitions import sql_of
from queries.engine import Engine
from queries.trail import trail_sql

if TYPE_CHECKING:
    import pyarrow as pa

# Requests by columns, some of them at a time.
Batches: TypeAlias = "Iterator[pa.RecordBatch]"

NAME = "person_requests"

# What its requests tell alone, and which of them belong to another one, until it is made.
RECORDS = "person_records"
FOLDS = "person_folds"

# The parameters of folds_of(), and what they are in person_folds.sql.
PARAMETERS = "who, everybody, since, until"
BOUND = "$who, false, $since::timestamp - fold_reach(), $until::timestamp + prefetch_life()"


@dataclass(frozen=True, slots=True)
class PersonRequests:
    """What `person_requests` has, the rows of queries/sql/report/requests/person_requests.sql."""

    engine: Engine
    parameters: Mapping[str, Any]
    is_kept: bool

    @property
    def reader(self) -> Engine | None:
        """The engine, if it has kept all requests of the person up to the end of the period."""
        is_whole = self.is_kept and self.parameters["since"] is None
        return self.engine if is_whole else None

    def trail(self, rows_at_once: int) -> Batches:
        """The requests as the trail has them, by columns.

        Without sessions they are read faster where they are not kept.
        """
        if self.is_kept:
            return self.engine.columns(sql_of("trail"), {}, rows_at_once)
        scope = ("who", "since", "until", "access_hosts", "access_rules")
        asked = {name: self.parameters[name] for name in scope}
        return self.engine.columns(trail_sql(), {**asked, "host": None}, rows_at_once)


@contextmanager
def person_requests(engine: Engine, parameters: Mapping[str, Any]) -> Iterator[PersonRequests]:
    """Until the block ends, questions of a report can ask for `person_requests`."""
    scope = {name: parameters[name] for name in ("who", "since", "until")}
    [(requests,)] = engine.ask("identity/requests_counted", scope).rows
    is_kept = requests <= engine.kept_rows
    with _kept(engine, parameters) if is_kept else _read_again(engine, parameters):
        yield PersonRequests(engine, parameters, is_kept)


@contextmanager
def _read_again(engine: Engine, parameters: Mapping[str, Any]) -> Iterator[None]:
    with engine.named(NAME, sql_of(f"report/requests/{NAME}"), parameters, is_kept=False):
        yield


@contextmanager
def _kept(engine: Engine, parameters: Mapping[str, Any]) -> Iterator[None]:
    """In steps: one statement would judge each record twice, and takes a second to plan."""
    with ExitStack() as kept:
        with (
            engine.named(RECORDS, sql_of(f"report/requests/{RECORDS}"), parameters, is_kept=True),
            engine.named(FOLDS, _folds(), parameters, is_kept=True),
        ):
            requests = sql_of("report/requests/kept_requests")
            kept.enter_context(engine.named(NAME, requests, parameters, is_kept=True))
        yield


def _folds() -> str:
    """What folds_of() tells of the records that are kept."""
    _, _, told = sql_of("definitions/folding/folds_of").partition(" as table\n")
    told = told.replace(f"unfolded_requests_where({PARAMETERS})", RECORDS)
    told = told.replace(f"({PARAMETERS})", f"({BOUND})")
    return sql_of(f"report/requests/{FOLDS}").replace(f"folds_of({BOUND})", f"(\n{told})")
