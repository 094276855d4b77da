"""Everything that has one Ray ID, as rows."""

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pytest

from queries.analyst import analyst_sql
from queries.errors import QueryRefused
from queries.explanation.explain import RayQuestion, explain
from queries.outputs.explanation import document
from raytrail.commands.questions.asked import find_person
from store.store import Store
from tests.queries.shell.records import CHILD, LATER, LOGIN, OTHER_NAME, PARENT, RAY
from tests.queries.shell.two_ways import TwoWays


def found(rows: list[dict[str, str | None]]) -> list[tuple[str | None, ...]]:
    return [(row["dataset"], row["named_in"], row["ray_id"], row["outcome"]) for row in rows]


def test_every_record_that_has_a_ray_id_or_names_it_is_a_row(asked: TwoWays) -> None:
    rows = asked.rows(f"FROM ray('{RAY}')")

    assert sorted(found(rows), key=str) == sorted(
        [
            ("http_requests", "RayID", RAY, "403"),
            # It was sent in two batches.
            ("http_requests", "RayID", RAY, "403"),
            ("http_requests", "RayID", RAY.upper(), "200"),
            ("http_requests", "ParentRayID", CHILD, "200"),
            ("firewall_events", "RayID", RAY, "managedchallenge"),
            ("firewall_events", "OriginatorRayID", LATER, "managedchallengebypassed"),
            ("access_requests", "RayID", RAY, "refused"),
            ("access_requests_rest", "RayID", RAY, "refused"),
            ("access_login_events", "RayID", RAY, "refused"),
            ("account_abuse_protection_events", "RayID", RAY, "failure"),
            ("rejected", "line", None, "expected an object, found array"),
            ("workers_trace_events", "extra", None, None),
        ],
        key=str,
    )


@pytest.mark.parametrize(
    "written", [f"{RAY}-LHR", RAY.upper(), f"CF-Ray: {RAY}", f" Ray ID: {RAY}"]
)
def test_a_ray_id_may_be_written_as_pages_and_headers_have_it(asked: TwoWays, written: str) -> None:
    assert asked.rows(f"FROM ray('{written}')") == asked.rows(f"FROM ray('{RAY}')")


@pytest.mark.parametrize("written", ["", "8f0e", f"{RAY}0", f"{RAY}' OR true", "%"])
def test_what_is_no_ray_id_is_an_error(asked: TwoWays, written: str) -> None:
    quoted = written.replace("'", "''")
    with pytest.raises(duckdb.Error, match="invalid Ray ID"):
        asked.shell.execute(f"FROM ray('{quoted}')")
    with pytest.raises(QueryRefused, match="invalid Ray ID"):
        list(analyst_sql(asked.engine, f"FROM ray('{quoted}')").rows)


ACCESS_LOGS = ("access_requests", "access_requests_rest", "access_login_events")


def places(records: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Where each record is; one that several requests have in common counts once."""
    return sorted({(each["batch_id"], str(each["line_number"])) for each in records})


@pytest.mark.parametrize("ray_id", [RAY, PARENT, LOGIN, LATER, "8f0e1d2c3b4a0000"])
def test_the_evidence_is_what_the_command_prints_as_json(
    asked: TwoWays, asked_store: Store, ray_id: str
) -> None:
    rows = asked.rows(f"FROM explain('{ray_id}')")
    question = RayQuestion(
        ray_id=ray_id, person_of=lambda name: find_person(asked_store.layout.root, name, ())
    )
    told = document(explain(asked.engine, question))

    def at(layer: str, *datasets: str) -> list[tuple[str, str]]:
        return places(
            row
            for row in rows
            if row["layer"] == layer and (not datasets or row["dataset"] in datasets)
        )

    requests = told["requests"]
    assert at("request") == places(each["request"] for each in requests)
    assert at("parent") == places(parent for each in requests for parent in each["parents"])
    assert at("child") == places(child for each in requests for child in each["children"])
    # Under another name of the person.
    assert (ray_id in {RAY, PARENT}) == (
        OTHER_NAME in {row["user_id"] for row in rows if row["layer"] == "login"}
    )
    assert at("login") == places(each["login"] for each in requests if each["login"])
    assert at("security", "firewall_events") == places(told["firewall_events"])
    assert at("access", *ACCESS_LOGS) == places([*told["logins"], *told["login_events"]])
    assert at("other") == places(each["record"] for each in told["others"])


def test_a_request_tells_what_it_met_as_the_command_reads_it(asked: TwoWays) -> None:
    rows = asked.rows(f"FROM explain('{RAY}') WHERE dataset = 'http_requests'")
    told = document(explain(asked.engine, RayQuestion(ray_id=RAY)))

    assert sorted(
        (row["batch_id"], row["line_number"], row["outcome"], row["user_id"])
        for row in rows
        if row["layer"] == "access"
    ) == sorted(
        (
            each["request"]["batch_id"],
            str(each["request"]["line_number"]),
            each["identity"],
            each["request"]["user_id"],
        )
        for each in told["requests"]
    )
    met = {
        "security": ("security_action", None),
        "worker": ("worker_status", "worker"),
        "cache": ("cache_status", None),
        "origin": ("origin_status", "origin_ip"),
    }
    for layer, (outcome, detail) in met.items():
        assert sorted(
            (row["batch_id"], row["line_number"], row["outcome"], detail and row["detail"])
            for row in rows
            if row["layer"] == layer
        ) == sorted(
            (
                each["request"]["batch_id"],
                str(each["request"]["line_number"]),
                str(each["request"][outcome]),
                detail and each["request"][detail],
            )
            for each in told["requests"]
            if each["request"][outcome] is not None
        )
