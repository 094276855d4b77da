"""A name nobody has described is a dataset, unless it could stand in for something else."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.columns import arrow_schema
from schema.dataset import datasets
from schema.our_names import OURS
from schema.unknown_dataset import (
    NAME,
    NAME_CHARS_MAX,
    NAME_CHARS_MIN,
    UNKNOWN,
    dataset_named,
)
from store.files.layout import AUDIT_LABEL, OTHER_DAY, REJECTED
from store.intake.draft import UNNAMED

ROOT = Path(__file__).parents[2]
CREATED = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:temp\s+)?(?:table|view|macro|schema)\s+"
    r"(?:if\s+not\s+exists\s+)?(?!if\b)(\w+)\b(?![.])",
    re.IGNORECASE,
)

# Every dataset of Cloudflare's that has no data file yet.
CLOUDFLARES = """
device_posture dex_device_state_events dns_firewall_logs dns_logs email_security_alerts
ipsec_logs magic_bgp_logs magic_ids_detections mnm_flow_logs nel_reports network_analytics_logs
page_shield_events sinkhole_http_logs spectrum_events turnstile_events websocket_analytics
workers_trace_events zaraz_events
""".split()  # noqa: SIM905 - the form of the list in the program


# Statements that stand in another one, or over tables of a schema of their own: a dataset with the
# name of such a file is not in the way of anything.
PIECES = frozenset({"judging", "found", "narrow"})


def our_names() -> Iterator[str]:
    """What our SQL makes, what its files are called, and what the store keeps for itself."""
    for folder in ("queries", "store", "archives"):
        for path in (ROOT / folder).rglob("*.sql"):
            text = path.read_text(encoding="utf-8")
            yield from CREATED.findall(text)
            is_piece = path.name == "rule.sql" or path.parent.name in PIECES
            if folder == "queries" and not is_piece and "macro rules." not in text:
                yield path.stem
        for path in (ROOT / folder).rglob("*.py"):
            yield from CREATED.findall(path.read_text(encoding="utf-8"))
    yield from (REJECTED, OTHER_DAY, UNNAMED)


def test_a_described_dataset_is_found_by_its_name() -> None:
    for name, dataset in datasets().items():
        assert dataset_named(name) is dataset


@pytest.mark.parametrize("name", [*CLOUDFLARES, UNKNOWN, "a_b", "x64", "unnamed", "settings"])
def test_any_other_plain_name_is_a_dataset_without_fields(name: str) -> None:
    dataset = dataset_named(name)

    assert dataset is not None
    assert (dataset.name, dataset.fields, dataset.scope) == (name, (), None)
    assert dataset.guesses_time
    assert dataset == dataset_named(name)
    assert all(column.islower() for column in arrow_schema(dataset).names)


def test_an_unknown_dataset_knows_every_time_and_every_rule_of_the_known_ones() -> None:
    unknown = dataset_named(UNKNOWN)

    assert unknown is not None
    for dataset in datasets().values():
        assert set(dataset.event_time) <= set(unknown.event_time)
        assert set(dataset.identity) <= set(unknown.identity)
    assert len(set(unknown.event_time)) == len(unknown.event_time)


@pytest.mark.parametrize(
    ("name", "is_named"),
    [
        ("a" * (NAME_CHARS_MIN - 1), False),
        ("a" * NAME_CHARS_MIN, True),
        ("a" * NAME_CHARS_MAX, True),
        ("a" * (NAME_CHARS_MAX + 1), False),
        ("a" * 10_000, False),
    ],
)
def test_a_name_has_three_to_sixty_three_letters(name: str, is_named: bool) -> None:
    assert (NAME_CHARS_MIN, NAME_CHARS_MAX) == (3, 63)
    assert (dataset_named(name) is not None) == is_named


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../x",
        "../../etc/passwd",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "dns.logs",
        "dns-logs",
        "dns logs",
        " dns_logs",
        "dns_logs ",
        "dns_logs\n",
        "dns_logs\0",
        "DNS_logs",
        "CON",
        "_private",
        "1st_logs",
        "dns_logs;drop",
        'dns"logs',
        "dns'logs",
        "dns%2flogs",
        "d\N{CYRILLIC SMALL LETTER ES}n_logs",
        "dns\N{FULLWIDTH LOW LINE}logs",
        "d\N{LATIN SMALL LETTER N WITH ACUTE}s_logs",
        "dns_\N{LATIN SMALL LETTER LONG S}",
        "logs_\N{ARABIC-INDIC DIGIT ONE}",
        "\N{KELVIN SIGN}elvin",
    ],
)
def test_a_name_that_is_no_plain_word_is_no_dataset(name: str) -> None:
    assert dataset_named(name) is None


@given(st.text())
def test_whatever_is_a_name_can_be_a_folder_and_a_view(name: str) -> None:
    dataset = dataset_named(name)

    assert dataset is None or (NAME.fullmatch(name) and name.isascii() and name.isidentifier())


@pytest.mark.parametrize("name", sorted(set(our_names())))
def test_no_dataset_takes_a_name_of_ours(name: str) -> None:
    assert dataset_named(name) is None


def test_the_list_of_our_names_holds_nothing_else() -> None:
    assert set(our_names()) - {OTHER_DAY, UNNAMED} == OURS
    assert AUDIT_LABEL not in OURS, "a draft of it lies where no batch's draft does"


@pytest.mark.parametrize(
    ("name", "is_named"),
    [
        ("duckdb_tables", False),
        ("duckdb", True),
        ("sqlite_master", False),
        ("sqlite", True),
        ("pg_class", False),
        ("pgbouncer", True),
        ("pragma_show", False),
        ("information_schema", False),
        ("information", True),
        ("con", False),
        ("cons", True),
        ("com1", False),
        ("com10", True),
        ("lpt9", False),
        ("nul", False),
        ("null_routes", True),
    ],
)
def test_what_another_program_takes_for_its_own_is_no_dataset(name: str, is_named: bool) -> None:
    assert (dataset_named(name) is not None) == is_named


def test_every_name_that_is_left_stands_bare_in_sql() -> None:
    with duckdb.connect() as connection:
        words = connection.execute("SELECT DISTINCT keyword_name FROM duckdb_keywords()").fetchall()
        names = [word for (word,) in words if NAME.fullmatch(word) and word not in OURS]
        taken = [name for name in names if not _stands_bare(connection, name)]

    assert len(names) > 300
    for name in names:
        assert (dataset_named(name) is None) == (name in taken), name


def _stands_bare(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    connection.execute(f'CREATE VIEW "{name}" AS SELECT 7 AS n')
    try:
        return connection.execute(f"SELECT {name}.n FROM {name}").fetchall() == [(7,)]
    except duckdb.Error:
        return False
    finally:
        connection.execute(f'DROP VIEW "{name}"')
