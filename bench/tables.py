"""How findings are shown: tables on a terminal or in Markdown, and goals met or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """`measured` is None where it could not be measured here; `why` says so then."""

    name: str
    limit: float
    measured: float | None
    at_most: bool = False
    unit: str = "x"
    why: str = ""

    # The machine is shared, and so are the caches: this near to a goal is not a regression.
    def is_met(self, tolerance: float = 0.0) -> bool | None:
        if self.measured is None:
            return None
        if self.at_most:
            return self.measured <= self.limit * (1 + tolerance)
        return self.measured >= self.limit * (1 - tolerance)

    def cells(self) -> tuple[str, str, str, str]:
        sign = "<=" if self.at_most else ">="
        measured = "-" if self.measured is None else _number(self.measured, self.unit)
        verdict = {None: self.why or "not measured", True: "met", False: "NOT MET"}[self.is_met()]
        return self.name, f"{sign} {_number(self.limit, self.unit)}", measured, verdict


@dataclass(frozen=True, slots=True)
class Findings:
    """What one measurement found."""

    tables: Sequence[Table] = ()
    goals: Sequence[Goal] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def goals_table(goals: Iterable[Goal]) -> Table:
    return Table("Goals", ("goal", "set", "measured", "verdict"), [goal.cells() for goal in goals])


def show(table: Table, *, markdown: bool, console: Console) -> None:
    if markdown:
        print(as_markdown(table))
        return
    shown = RichTable(title=table.title, title_justify="left", title_style="bold")
    for number, column in enumerate(table.columns):
        shown.add_column(column, justify="right" if number else "left")
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)
    for note in table.notes:
        console.print(f"  {note}", highlight=False)


def as_markdown(table: Table) -> str:
    head = f"| {' | '.join(table.columns)} |"
    rule = f"|---|{'---:|' * (len(table.columns) - 1)}"
    rows = [f"| {' | '.join(row)} |" for row in table.rows]
    notes = [f"\n{note}" for note in table.notes]
    return "\n".join([f"### {table.title}", "", head, rule, *rows, *notes, ""])


def thousands(number: float) -> str:
    return f"{number / 1000:.1f}"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"


def mebibytes(number: float) -> str:
    return f"{number / 2**20:.0f}"


def _number(value: float, unit: str) -> str:
    if unit == "x":
        return f"{value:.2f}x"
    return f"{value:,.0f} {unit}" if float(value).is_integer() else f"{value:,.1f} {unit}"
