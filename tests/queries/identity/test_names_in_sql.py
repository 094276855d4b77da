"""names_of() and the view `people` follow the rule of the commands, whatever is known of names."""

from collections.abc import Iterator, Sequence

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from queries.definitions import sql_of
from queries.identity import known_facts
from queries.identity.people_list import people_of
from queries.identity.person_search import NOTHING_KNOWN, Identities, Search
from store import names
from store.reading.shell.content import FactSource, FactTable, Rows
from store.registers.identity.name_pair import NamePairs
from tests.queries.identity.identities import ROWS, held, identities, said

DEFINITIONS = ("spelling_of", "name_pair_digest", "names_among", "names_of", "people")
TABLES = (
    "create table http_requests (user_id varchar, event_time timestamptz)",
    "create table logins (user_id varchar, event_time timestamptz, event varchar)",
)
OWN_LOGINS = """
    create macro session_logins_where(who, everybody, since, until) as table
    select user_id as person, * from logins
"""


@pytest.fixture(scope="module")
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables in the place of the views of a store, so that each example has rows of its own."""
    with duckdb.connect() as opened:
        opened.execute("create schema shape")
        for source in (
            known_facts.KNOWN_NAMES,
            known_facts.mapped_names(),
            known_facts.NAME_ACTS,
        ):
            FactTable(source.name, source.columns).create(opened)
        for text in (*TABLES, *(sql_of(f"definitions/people/{name}") for name in DEFINITIONS)):
            opened.execute(text)
        opened.execute(OWN_LOGINS)
        opened.execute(sql_of("definitions/sessions/everybodys_logins_where"))
        yield opened


def fill(
    store: duckdb.DuckDBPyConnection, rows: dict[str, tuple[int, int]], known: Identities
) -> None:
    facts: Sequence[tuple[FactSource, Rows]] = (
        (known_facts.KNOWN_NAMES, known_facts.folded_names(tuple(rows))),
        (known_facts.mapped_names(), known_facts.mappings(known)),
        (known_facts.NAME_ACTS, known_facts.said_acts(known.said)),
    )
    for source, told in facts:
        store.execute(f"delete from shape.{source.name}")
        FactTable(source.name, source.columns, told).fill(store)
    store.execute("delete from http_requests")
    store.execute("delete from logins")
    for name, (requests, logins) in rows.items():
        store.execute(
            "insert into http_requests select $name, null from range($rows)",
            {"name": name, "rows": requests},
        )
        store.execute(
            "insert into logins select $name, null, 'login' from range($rows)",
            {"name": name, "rows": logins},
        )


def names_of(store: duckdb.DuckDBPyConnection, who: str) -> list[tuple[str, str, str | None]]:
    found = store.execute("select name, grade, evidence from names_of($who)", {"who": who})
    return found.fetchall()


@given(ROWS, identities())
def test_a_person_has_the_names_of_the_commands(
    store: duckdb.DuckDBPyConnection, rows: dict[str, tuple[int, int]], known: Identities
) -> None:
    rows = {name: counts for name, counts in rows.items() if any(counts)}
    fill(store, rows, known)
    spelled = held([(name, *counts) for name, counts in rows.items()])
    search = Search(
        lambda name: [each for each in spelled if names.folded(each.name) == names.folded(name)],
        known.mapped,
        known.is_other,
    )

    for name in {"ann", "ANN", "ann@x", *rows}:
        person = search.person(name)
        found = names_of(store, name)
        # A name without rows that is a spelling of the asked one finds none.
        expected = {
            (each.name, each.grade.value)
            for each in person.names
            if each.name in (*rows, name) or names.folded(each.name) != names.folded(name)
        }
        assert {(told, grade) for told, grade, _ in found} == expected
        assert found[0][0] == name


@given(ROWS, identities())
def test_everybody_is_listed_as_by_the_command(
    store: duckdb.DuckDBPyConnection, rows: dict[str, tuple[int, int]], known: Identities
) -> None:
    rows = {name: counts for name, counts in rows.items() if any(counts)}
    fill(store, rows, known)
    lines = people_of(held([(name, *counts) for name, counts in rows.items()]), known)
    expected = [
        (
            line.name,
            line.mail,
            line.requests,
            line.logins,
            [each.name for each in line.names],
            [
                each.name
                for each in line.mapped
                if each.name in rows or not _is_spelling(each.name, line.name)
            ],
        )
        for line in lines
    ]

    found = store.execute("select name, mail, requests, logins, names, mapped from people")

    assert found.fetchall() == expected


@example({"ann": (1, 0), "ANN": (0, 1)}, NOTHING_KNOWN)
@example(
    {"ann": (1, 0), "ANN": (0, 1)}, Identities(NamePairs((said("ann", "ANN", is_same=False),)))
)
@example({"ann": (1, 0), "bob": (0, 1)}, Identities(linked=(("ann", "bob"),)))
@given(ROWS, identities())
def test_a_login_counts_for_everybody_whose_name_it_has(
    store: duckdb.DuckDBPyConnection, rows: dict[str, tuple[int, int]], known: Identities
) -> None:
    rows = {name: counts for name, counts in rows.items() if any(counts)}
    fill(store, rows, known)
    expected = {
        (person, login)
        for person in rows
        for login, _, _ in names_of(store, person)
        if rows.get(login, (0, 0))[1]
    }

    found = store.execute(
        "select distinct person, user_id from everybodys_logins_where(null, true, null, null)"
    )

    assert {pair for pair in found.fetchall() if pair[0] in rows} == expected


def _is_spelling(name: str, other: str) -> bool:
    return names.folded(name) == names.folded(other)


@pytest.mark.parametrize(
    "asked",
    [
        "srhea",
        "SRHEA",
        " srhea\t",
        "".join(chr(ord(each) + 0xFEE0) for each in "SRhea"),
        "\N{NO-BREAK SPACE}Srhea",
    ],
)
def test_a_spelling_without_rows_finds_those_that_have_some(
    store: duckdb.DuckDBPyConnection, asked: str
) -> None:
    fill(store, {"srhea": (1, 0), "SRhea ": (1, 0), "rhea": (1, 0)}, NOTHING_KNOWN)

    found = {name for name, *_ in names_of(store, asked)}

    assert found == {asked, "srhea", "SRhea "}


@given(st.text("abzAZ09.@-_ \t\u00e4\u00c4\u00e9\u00c9\u00df\u0416\u0436\u03b1\u0391", min_size=1))
def test_the_letters_of_names_are_folded_as_the_catalog_does_it(
    store: duckdb.DuckDBPyConnection, name: str
) -> None:
    fill(store, {name: (1, 0)}, NOTHING_KNOWN)

    for other in (f" {name} ", name.upper(), name.lower()):
        assert name in {told for told, *_ in names_of(store, other)}


def test_no_name_has_no_names(store: duckdb.DuckDBPyConnection) -> None:
    assert store.execute("from names_of(null)").fetchall() == []
    assert names_of(store, "") == []


@given(ROWS, identities())
def test_several_people_have_the_names_that_each_of_them_has(
    store: duckdb.DuckDBPyConnection, rows: dict[str, tuple[int, int]], known: Identities
) -> None:
    fill(store, rows, known)
    asked = sorted(rows)

    found = store.execute(
        "select asked, name, grade, evidence from names_among($asked) order by asked, place, name",
        {"asked": [*asked, *asked, "", None]},
    ).fetchall()

    assert found == [(who, *told) for who in asked if who for told in names_of(store, who)]
