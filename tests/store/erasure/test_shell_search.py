"""What `audit.duckdb` has of a person is found, and words of our own are not taken for a name."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from store.erasure.identifier import Identifier
from store.erasure.remnants.shell_search import naming_facts
from store.erasure.verification import find_remnants
from store.files.layout import Layout
from store.reading.shell.content import FactTable
from store.reading.shell.template import Template
from store.reading.snapshot import Snapshot
from store.store import Store


@dataclass(frozen=True)
class Named:
    """One fact, and one macro with an example."""

    name: str
    statements: tuple[str, ...] = (
        "CREATE MACRO trail() AS 1",
        "COMMENT ON MACRO trail IS 'FROM trail(''fred'')'",
    )
    replacing: tuple[str, ...] = ()
    template: Template = field(default_factory=Template)

    def facts(self, _layout: Layout, _snapshot: Snapshot) -> list[FactTable]:
        return [FactTable("names", (("name", "VARCHAR"),), ((self.name,),))]


def left(store: Store, user: str) -> list[tuple[str, int]]:
    found = find_remnants(store.layout, store.catalog, user)
    return [(each.path, each.count) for each in found]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("wilma", [("audit.duckdb", 1)]),
        # A part of the name of somebody else, a word of a macro, and a name in an example.
        ("wilm", []),
        ("trail", []),
        ("fred", []),
        ("barney", []),
    ],
)
def test_a_fact_is_found_and_no_word_of_ours(store: Store, user: str, expected: list[Any]) -> None:
    store.publish(Named("wilma"))

    assert left(store, user) == expected


def test_bytes_that_nothing_explains_are_found(store: Store) -> None:
    store.publish(Named("wilma"))
    store.layout.audit.chmod(0o644)
    with store.layout.audit.open("ab") as file:
        file.write(b"barney")

    assert left(store, "barney") == [("audit.duckdb", 1)]


def test_a_file_that_duckdb_cannot_read_is_searched_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "audit.duckdb"
    path.write_bytes(b"not a database of wilma")

    assert naming_facts(path, Identifier.of("wilma")) is None


def test_a_name_in_a_fact_without_texts_is_none(tmp_path: Path) -> None:
    path = tmp_path / "audit.duckdb"
    with duckdb.connect(str(path)) as audit:
        audit.execute("CREATE TABLE facts AS SELECT 1 AS one, NULL::VARCHAR AS none")

    assert naming_facts(path, Identifier.of("wilma")) is None
