"""Makes in an engine what its statements name: views of datasets, facts, shared views and macros.

Each is made when a statement needs it for the first time. To make all of them takes DuckDB longer
than most questions, and opens files of datasets that nobody asked.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import duckdb

from queries.definition_search import Definitions, tokens_of
from queries.definitions import public_comments, shared_statements, sql_of
from queries.errors import QueryFailed
from queries.narrow.narrow_rows import NarrowRows
from queries.path_templates import Rules
from queries.shell_content import NOTHING, Told, fact_names, fact_tables, kept_tables
from queries.statements.data_folder import replacements
from store.reading.facts import without_facts
from store.reading.narrow.reader import NarrowReader
from store.reading.relations import Relations
from store.reading.shell import comments, parsed_texts
from store.reading.shell.content import FactsUnreadable, FactTable
from store.reading.shell.ledger import ledger_lines
from store.reading.snapshot import Snapshot

# A statement with this word lists the views: SHOW TABLES.
LIST = "show"

# A statement with such a word may ask for the text or the comment of anything.
OF_CATALOG = re.compile(r"duckdb_\w+|pg_\w+|sqlite_\w+|information_schema")

# Stands for all comments among the names of what was made; no dataset has such a name.
COMMENTS = "all comments"

# A statement with such a word may ask for findings, which are made of the rules' files: reading them
# takes longer than most questions.
OF_FINDINGS = frozenset({"findings(", "rules"})

# The macro of them, which any statement of an analyst may name.
FINDINGS = frozenset({"findings"})

# The view of the entries of the ledger, in the schema of the facts.
LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Offered:
    """What statements can name. `datasets` None means all, and also what only analysts ask.

    `rules` are the path templates of the settings, and `told` what other settings tell an analyst.
    """

    datasets: Collection[str] | None = None
    rules: Rules = ()
    told: Told = NOTHING


# What the view `snapshot` shows.
SNAPSHOT = FactTable("snapshot", (("sequence", "BIGINT"), ("taken_at", "TIMESTAMPTZ")))


class EngineDefinitions:
    """What statements over a snapshot can name."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        snapshot: Snapshot,
        offered: Offered,
    ) -> None:
        for name in (*snapshot.files, *(each.part.dataset for each in snapshot.damaged)):
            if not name.isidentifier():
                raise QueryFailed(f"invalid dataset name {name!r}")
        self._connection = connection
        self._snapshot = snapshot
        self._told = offered.told
        self._is_for_analyst = offered.datasets is None
        self._has_findings = False
        self._shared = Definitions(
            shared_statements(offered.rules, is_for_analyst=self._is_for_analyst)
        )
        self._only = offered.datasets
        self._relations = Relations.of_snapshot(snapshot, only=self._only)
        self._relations.prepare(connection)
        # Names of views of datasets and of facts, and statements.
        self._made = set[str]()
        self._narrow: NarrowRows | None = None
        if self._is_for_analyst and snapshot.root is not None:
            self._make(replacements(snapshot.root))

    @property
    def row_macros(self) -> frozenset[str]:
        return self._shared.row_macros | FINDINGS

    def read_narrowly(self, reader: NarrowReader | None) -> None:
        """From now on only rows of the snapshot's scope are asked for, and this reader finds them. What
        it refuses, or where there is none, DuckDB reads.
        """
        if reader is not None:
            self._narrow = NarrowRows(self._connection, self._snapshot, reader)

    def make_for(self, statement: str, views: frozenset[str] = frozenset()) -> None:
        """What a statement names, and those of `views` that are views of datasets."""
        named = tokens_of(statement)
        if named & OF_FINDINGS:
            self._add_findings()
        tokens = self._shared.closure(named | self._shared.views if LIST in named else named)
        if any(map(OF_CATALOG.fullmatch, tokens)):
            self.make_everything()
            self._make_comments()
            return
        self._make_kept(tokens)
        self._make_relations(None if LIST in named else tokens | views)
        self._make_facts(tokens)
        self._make(self._shared.needed(tokens))
        if SNAPSHOT.name in tokens or LIST in named:
            self._make_snapshot()

    def make_everything(self) -> None:
        """For statements about the catalog, and for errors that tell of similar names."""
        self._add_findings()
        self._make_kept(fact_names())
        self._make_relations(None)
        self._make_facts(fact_names() | {LEDGER})
        self._make(self._shared.everything())
        self._make_snapshot()

    def _add_findings(self) -> None:
        """From now on, statements can ask for findings."""
        if self._has_findings or not self._is_for_analyst:
            return
        # Late: most questions pay for no rule, and for no parser of their heads.
        from queries.findings.composition import SCHEMA, finding_statements  # noqa: PLC0415

        self._has_findings = True
        self._make([SCHEMA])
        self._shared = self._shared.extended(
            finding_statements(self._told.thresholds, self._told.findings)
        )

    def _make_snapshot(self) -> None:
        if self._is_for_analyst and _fact(SNAPSHOT.name) not in self._made:
            shown = (self._snapshot.sequence, self._snapshot.taken_at)
            replace(SNAPSHOT, rows=(shown,)).create(self._connection)
            self._made.add(_fact(SNAPSHOT.name))
            self._make([sql_of("door/snapshot")])

    def _make_comments(self) -> None:
        if self._is_for_analyst and COMMENTS not in self._made:
            self._made.add(COMMENTS)
            self._make(public_comments())
            comments.write(self._connection, self._relations.undocumented())

    def _make_relations(self, tokens: frozenset[str] | None) -> None:
        for name in self._relations.named(tokens):
            if self._narrow and tokens and self._narrow.stand(name, tokens):
                continue
            if name not in self._made:
                self._relations.define_one(self._connection, name)
                self._made.add(name)

    def _make_kept(self, names: frozenset[str]) -> None:
        """The named tables of what the catalog keeps; where that cannot be read, the files are read."""
        wanted = {each for each in names if _fact(each) not in self._made}
        for table in kept_tables(self._snapshot, wanted):
            try:
                table.create(self._connection)
            except FactsUnreadable as error:
                self._read_files_of(error.numbers)
                self._make_kept(names)
                return
            self._made.add(_fact(table.name))

    def _read_files_of(self, numbers: Collection[int]) -> None:
        self._snapshot = self._snapshot.without_facts(numbers)
        self._relations = Relations.of_snapshot(self._snapshot, only=self._only)
        self._relations.fill(self._connection)
        self._made.discard(without_facts.NAME)

    def _make_facts(self, names: frozenset[str]) -> None:
        """The named tables, and the view of the ledger."""
        wanted = {each for each in names if _fact(each) not in self._made}
        for table in fact_tables(self._snapshot, self._told.facts, wanted):
            table.create(self._connection)
            self._made.add(_fact(table.name))
        if LEDGER in wanted:
            ledger_lines.define(self._connection, self._snapshot, is_published=False)
            self._made.add(_fact(LEDGER))

    def _make(self, statements: Iterable[str]) -> None:
        for each in statements:
            if each not in self._made:
                parsed_texts.run(self._connection, each)
                self._made.add(each)


def _fact(name: str) -> str:
    """No dataset has such a name."""
    return f"shape.{name}"
