"""What the questions need in `audit.duckdb` and in the engine of `raytrail sql`.

A fact is something that the catalog knows and a view or macro needs. The module that owns its
meaning makes a FactSource, which is listed here.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from queries.definitions import shell_statements
from queries.findings.values import Values
from queries.identity import access_facts, known_facts
from store.files.layout import Layout
from store.reading.facts.kept_facts import USER_FACTS, USER_TAKINGS
from store.reading.shell import acknowledged_findings, coverage_runs
from store.reading.shell.content import AnyTable, FactSource, FactTable, KeptSource, KeptTable
from store.reading.shell.template import Template
from store.reading.snapshot import Snapshot

FACTS: tuple[FactSource, ...] = (
    access_facts.APPLICATIONS,
    access_facts.access_hosts(),
    known_facts.KNOWN_NAMES,
    known_facts.mapped_names(),
    known_facts.NAME_ACTS,
    coverage_runs.COVERAGE,
    acknowledged_findings.ACKNOWLEDGED,
)

# Tables that may be large.
KEPT: tuple[KeptSource, ...] = (USER_FACTS, USER_TAKINGS)


# Made by `python -m queries.shell_base` when Raytrail is installed.
BASE = Path(__file__).with_name("audit.base")


def _template() -> Template:
    return Template(BASE)


@dataclass(frozen=True, slots=True)
class Told:
    """What settings tell an analyst: facts in the place of those of the same names, numbers for
    findings, and of which rules those are; None means all.
    """

    facts: Sequence[FactSource] = ()
    thresholds: Values = ()
    findings: frozenset[str] | None = None


NOTHING = Told()


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """What analysts ask with; implements ShellContent."""

    sources: tuple[FactSource, ...] = FACTS
    template: Template = field(default_factory=_template, compare=False)

    @property
    def statements(self) -> Sequence[str]:
        # Late: a question pays for no rule, and for no parser of their heads.
        from queries.findings.composition import SCHEMA, finding_statements  # noqa: PLC0415

        return shell_statements((SCHEMA, *finding_statements()))

    @property
    def replacing(self) -> Sequence[str]:
        return ()

    def facts(self, layout: Layout, snapshot: Snapshot) -> Sequence[AnyTable]:
        small = [
            FactTable(each.name, each.columns, each.rows(layout, snapshot)) for each in self.sources
        ]
        return [*small, *(each.table(layout, snapshot) for each in KEPT)]


def fact_names() -> frozenset[str]:
    return frozenset([*(each.name for each in FACTS), *(each.name for each in KEPT)])


def fact_tables(
    snapshot: Snapshot, told: Sequence[FactSource], names: Collection[str]
) -> Iterator[FactTable]:
    """The named small tables for an engine; without rows if the snapshot is not one of a store.

    `told` take the place of those of the same names.
    """
    layout, instead = snapshot.layout, {each.name: each for each in told}
    for each in (instead.get(source.name, source) for source in FACTS):
        if each.name in names:
            rows = () if layout is None else each.rows(layout, snapshot)
            yield FactTable(each.name, each.columns, rows)


def kept_tables(snapshot: Snapshot, names: Collection[str]) -> Iterator[KeptTable]:
    """The named tables that may be large, for an engine."""
    for kept in KEPT:
        if kept.name in names:
            # A snapshot without a store knows of no file with facts.
            yield kept.table(snapshot.layout or Layout(Path()), snapshot)


SHELL_CONTENT = QuestionContent()
