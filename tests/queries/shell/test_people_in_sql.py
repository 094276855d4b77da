"""Questions about a person in SQL have the rows of the commands, in every zone, from few files."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from queries.identity.people_list import people_in
from queries.identity.person import Person
from queries.identity.person_search import Identities, person_of
from queries.period import parse_period
from queries.trail import trail
from raytrail.commands.people import links
from store.intake.limits import IntakeLimits
from store.reading import known_inference, known_names, known_pairs
from store.registers.identity import inferred_names
from store.registers.identity.inferred_name import Inference
from store.store import Store
from tests.factories import NO_RESERVE, Clock, gzipped, load, login, ndjson, record, send
from tests.queries.identity.identities import inferred
from tests.queries.shell.two_ways import TwoWays, two_ways

NAME, MAIL, SHOUTED, OTHER, GUESSED = "srhea", "s.rhea@x.example", "SRHEA", "bob", "rhea@y.example"
DAYS = range(17, 22)


def requests(day: int) -> list[dict[str, Any]]:
    times = (f"2026-11-{day}T{time}Z" for time in ("00:00:00", "04:30:00", "19:00:00", "23:59:59"))
    return [
        record(
            EdgeStartTimestamp=time,
            EdgeEndTimestamp=time,
            RayID=f"{day}{number}{place}",
            ClientCountry=country,
            RequestHeaders={"cf-access-user": user},
        )
        for number, time in enumerate(times)
        for place, (user, country) in enumerate(
            [(NAME, "gb"), (SHOUTED, "us"), (f"{NAME} ", "fr"), (OTHER, "de"), (GUESSED, "nl")]
        )
    ]


@pytest.fixture(scope="module")
def store(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    data = tmp_path_factory.mktemp("people") / "data"
    shutil.copytree(empty_store, data, symlinks=True)
    with Store.open(data, Clock(), IntakeLimits(reserve=NO_RESERVE)) as opened:
        for day in DAYS:
            send(opened, gzipped(ndjson(*requests(day))))
            time = f"2026-11-{day}T20:00:00Z"
            send(
                opened,
                gzipped(ndjson(login(Email=MAIL, RayID=f"a{day}", CreatedAt=time))),
                "access_requests",
            )
            load(opened)
        send(opened, gzipped(ndjson(record(EdgeStartTimestamp=None, EdgeEndTimestamp=None))))
        load(opened)
        links.link(opened, NAME, MAIL)
        links.unlink(opened, NAME, SHOUTED)
        with opened.catalog.write() as connection:
            pairs = (inferred(GUESSED, NAME), inferred(GUESSED, OTHER))
            found = Inference(pairs, opened.clock(), opened.snapshot().sequence)
            assert inferred_names.replace(connection, found)
        yield opened


@pytest.fixture(scope="module")
def asked(store: Store) -> Iterator[TwoWays]:
    with two_ways(store) as opened:
        yield opened


@contextmanager
def in_zone(asked: TwoWays, zone: str) -> Iterator[TwoWays]:
    asked.shell.execute(f"SET TimeZone = '{zone}'")
    yield asked
    asked.shell.execute("SET TimeZone = 'UTC'")


def known(store: Store) -> Identities:
    return Identities(
        known_pairs.name_pairs(store.layout), (), known_inference.inference(store.layout)
    )


def person(store: Store, name: str) -> Person:
    return person_of(
        name, lambda each: known_names.known_names(store.layout, each).names, known(store)
    )


@pytest.mark.parametrize("name", [NAME, MAIL, SHOUTED, GUESSED, " Srhea", "nobody"])
def test_a_person_has_the_names_of_the_commands(asked: TwoWays, store: Store, name: str) -> None:
    rows = asked.rows(f"SELECT name, grade FROM names_of('{name}')")

    assert [tuple(row.values()) for row in rows] == [
        (each.name, each.grade.value)
        for each in sorted(
            person(store, name).names, key=lambda each: (list(_GRADES).index(each.grade), each.name)
        )
    ]


_GRADES = ("asked", "equal", "setting", "inferred")


@pytest.mark.parametrize(
    ("zone", "given"),
    [
        ("UTC", (MAIL, None, None)),
        ("Asia/Kolkata", (NAME, "2026-11-18", "2026-11-20")),
        ("America/New_York", (GUESSED, "2026-11-18T04:30:00Z", None)),
        ("America/New_York", (NAME, None, "2026-11-19T06:29:59+02:00")),
    ],
)
def test_a_trail_has_the_rows_of_the_command(
    asked: TwoWays, store: Store, zone: str, given: tuple[str, str | None, str | None]
) -> None:
    name, since, until = given
    # A day as the end of a command's period is included whole.
    typed = f"{until}T00:00:00Z" if until and "T" not in until else until
    period = parse_period(since or "", typed or "")
    expected = [
        (row.user_id, row.ray_id, row.batch_id, str(row.line_number), row.kind, row.folded_into)
        for row in trail(asked.engine, person(store, name), period)
    ]
    told = ", ".join(f"'{each}'" if each else "NULL" for each in given)

    with in_zone(asked, zone):
        rows = asked.rows(
            f"SELECT user_id, ray_id, batch_id, line_number, kind, folded_into FROM trail({told})"
        )

    assert [tuple(row.values()) for row in rows] == expected
    assert expected


@pytest.mark.parametrize(
    "since",
    [
        "'2026-11-19'",
        "DATE '2026-11-19'",
        "TIMESTAMP '2026-11-19 00:00:00'",
        "TIMESTAMPTZ '2026-11-19 00:00:00+00'",
        "'2026-11-18 19:00:00-05'",
    ],
)
def test_a_period_is_of_utc_in_whichever_form_it_is_given(asked: TwoWays, since: str) -> None:
    with in_zone(asked, "America/New_York"):
        assert asked.column(f"SELECT count(*) FROM logins_of('{NAME}', {since})") == ["3"]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_an_event_has_the_day_of_utc_in_every_zone(asked: TwoWays, zone: str) -> None:
    with in_zone(asked, zone):
        found = asked.rows("SELECT date, count(*) AS n FROM requests GROUP BY date ORDER BY date")

    days = [{"date": f"2026-11-{day}", "n": "20"} for day in DAYS]
    assert found == [*days, {"date": None, "n": "1"}]


def test_everybody_is_listed_as_by_the_command(asked: TwoWays, store: Store) -> None:
    lines = people_in(asked.engine, known(store)).people
    expected = [
        {
            "name": line.name,
            "mail": line.mail,
            "requests": str(line.requests),
            "logins": str(line.logins),
            "first_seen": f"{line.first_seen}+00",
            "last_seen": f"{line.last_seen}+00",
            "names": [each.name for each in line.names],
            "mapped": [each.name for each in line.mapped],
        }
        for line in lines
    ]

    rows = asked.rows(
        "SELECT * REPLACE (to_json(names) AS names, to_json(mapped) AS mapped) FROM people()"
    )

    for row in rows:
        row |= {each: json.loads(row[each] or "") for each in ("names", "mapped")}
    assert rows == expected
    assert len(rows) > 2
    assert asked.rows("FROM people") == asked.rows("FROM people()")


def test_the_days_of_users_are_those_of_the_catalog(asked: TwoWays, store: Store) -> None:
    with closing(sqlite3.connect(store.layout.catalog)) as catalog:
        counted = catalog.execute(
            "SELECT name, user_days.day, dataset, SUM(user_days.rows), MIN(first_us), MAX(last_us)"
            " FROM user_names JOIN user_days USING (who) JOIN files ON users_number = file"
            " WHERE retired_sequence IS NULL GROUP BY name, user_days.day, dataset"
        ).fetchall()

    rows = asked.rows(
        "SELECT user_id, day - DATE '1970-01-01' AS day, dataset, rows,"
        " epoch_us(first) AS first, epoch_us(last) AS last FROM user_days"
    )

    no_day = str(min(day for _, day, *_ in counted))
    found = {tuple(row.values()) for row in rows if row["day"] is not None}
    expected = {tuple(map(str, row)) for row in counted}
    assert found == {row for row in expected if row[4] != "None"}
    assert [row["rows"] for row in rows if row["day"] is None] == [
        row[3] for row in expected if row[1] == no_day and row[4] == "None"
    ]


def test_what_a_person_was_first_seen_with(asked: TwoWays) -> None:
    rows = asked.rows(
        f"SELECT value, epoch_us(first_seen) AS first, requests FROM first_seen('{NAME}')"
        " WHERE what = 'country' ORDER BY value"
    )

    first = datetime(2026, 11, DAYS[0], tzinfo=UTC)
    us = str(int(first.timestamp()) * 1_000_000)
    assert rows == [
        {"value": "fr", "first": us, "requests": "20"},
        {"value": "gb", "first": us, "requests": "20"},
        {"value": "nl", "first": us, "requests": "20"},
    ]


def files_read(asked: TwoWays, statement: str) -> list[int]:
    """How many files each scan of Parquet reads in the shell."""
    [(_, plan)] = asked.shell.execute(f"EXPLAIN (ANALYZE, FORMAT json) {statement}").fetchall()
    waiting, found = [json.loads(plan)], list[int]()
    while waiting:
        node = waiting.pop()
        waiting += (
            node if isinstance(node, list) else node.values() if isinstance(node, dict) else ()
        )
        if isinstance(node, dict) and "Total Files Read" in node:
            found.append(int(node["Total Files Read"]))
    return found


def test_a_period_opens_the_files_of_its_days_alone(asked: TwoWays) -> None:
    of_days = files_read(asked, f"SELECT count(*) FROM trail('{NAME}', '2026-11-19', '2026-11-20')")
    of_all = files_read(asked, f"SELECT count(*) FROM trail('{NAME}')")
    of_logins = files_read(
        asked,
        "SELECT count(*) FROM logins_of(NULL, '2026-11-19', '2026-11-20')",
    )

    # The rows, those up to eight hours before and five minutes after it, by which some are folded,
    # and all logins, which tell what Access protects.
    assert sorted(of_days)[-4:] == [3, 3, 3, len(DAYS)]
    assert of_all.count(len(DAYS)) > of_days.count(len(DAYS))
    assert of_logins == [1]
