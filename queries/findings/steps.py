"""Makes the relations of the rules one after the other, as tables of an engine.

The macro findings() has all of them in one statement. To plan that takes longer than a small store
takes to answer, and DuckDB knows nothing of the sizes of what it has not made yet. Here each step is
planned when the tables before it are there.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from queries.definition_search import reads_of
from queries.engine import Answer, Engine
from queries.errors import QueryFailed
from queries.findings.relations import Relation, words_of

SCHEMA = "judging"

# The parameters of rules.judged() as they are bound.
_PARAMETERS = {
    "asked_since": "$asked_since::timestamp",
    "asked_until": "$asked_until::timestamp",
    "asked_names": "$asked_names::varchar[]",
}
_PARAMETER = re.compile(rf"\b({'|'.join(_PARAMETERS)})\b")


@dataclass(frozen=True, slots=True)
class Judging:
    """What was made, by name; `given` are the parameters of rules.judged()."""

    engine: Engine
    given: Mapping[str, object]
    made: set[str]

    def ask(self, statement: str) -> Answer:
        """The answer to a statement over the relations."""
        return self._run(self._over(statement))

    def make(self, relation: Relation) -> None:
        """One table, of the rows of all its statements."""
        first, *more = relation.statements
        table = f"{SCHEMA}.{relation.name}"
        self._run(f"create table {table} as {self._over(first)}")
        for each in more:
            self._run(f"insert into {table} {self._over(each)}")
        self.made.add(relation.name)

    def _over(self, statement: str) -> str:
        """With the relations that it names."""
        named = sorted(self.made & words_of(statement))
        tables = ", ".join(f"{each} as (from {SCHEMA}.{each})" for each in named)
        return f"with {tables} select * from (\n{statement}\n)" if tables else statement  # noqa: S608

    def _run(self, statement: str) -> Answer:
        bound = _PARAMETER.sub(lambda found: _PARAMETERS[found[0]], statement)
        given = {name: value for name, value in self.given.items() if name in words_of(statement)}
        return self.engine.run(bound, given, QueryFailed, reads_of(bound))


@contextmanager
def judging(engine: Engine, given: Mapping[str, object]) -> Iterator[Judging]:
    """Until the block ends, relations can be made and asked; they take memory until then."""
    engine.run(f"create schema {SCHEMA}", {}, QueryFailed)
    try:
        yield Judging(engine, given, set())
    finally:
        # After an error of the engine nothing more can be asked of it.
        with suppress(QueryFailed):
            engine.run(f"drop schema {SCHEMA} cascade", {}, QueryFailed)
