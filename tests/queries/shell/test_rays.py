"""Everything that has one Ray ID, as rows."""

import duckdb
import pytest

from queries.analyst import analyst_sql
from queries.errors import QueryRefused
from tests.queries.shell.records import CHILD, LATER, RAY
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
            ("http_requests", "ParentRayID", "8f0e1d2c3b4a5970", "200"),
            ("firewall_events", "RayID", RAY, "managedchallenge"),
            ("firewall_events", "OriginatorRayID", LATER, "managedchallengebypassed"),
            ("access_requests", "RayID", RAY, "refused"),
            ("access_requests_rest", "RayID", RAY, "refused"),
            ("access_login_events", "RayID", RAY, "refused"),
            ("account_abuse_protection_events", "RayID", RAY, "failure"),
            ("rejected", "line", None, "expected an object, found array"),
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
