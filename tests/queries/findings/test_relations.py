"""What rules read, at the ends of what records may have."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from queries.engine import Engine
from queries.errors import QueryFailed
from tests.factories import NOW, record

Engines = Callable[..., Engine]


def asked(engine: Engine, question: str) -> list[tuple[Any, ...]]:
    return list(engine.run(question, {}, QueryFailed).rows)


def hours(engine: Engine, period: str) -> list[str]:
    question = f"SELECT strftime(hour, '%Y-%m-%d %H') FROM rules.silence({period}) ORDER BY hour"
    return [hour for (hour,) in asked(engine, question)]


@pytest.mark.parametrize("first", ["0001-01-01T00:00:00Z", "2010-09-26T23:00:00Z"])
def test_no_hour_before_the_first_request_of_cloudflare_is_silent(
    engine: Engines, first: str
) -> None:
    open_at_first = engine([record(EdgeStartTimestamp=first)])

    found = hours(open_at_first, "NULL, TIMESTAMP '2010-09-27 02:00:00'")
    assert found == ["2010-09-27 00", "2010-09-27 01"]


def test_the_first_hours_after_that_are_silent(engine: Engines) -> None:
    until = "TIMESTAMP '2010-09-27 03:00:00'"
    late = engine([record(EdgeStartTimestamp="2010-09-27T01:00:00Z")])

    assert hours(late, f"NULL, {until}") == ["2010-09-27 02"]
    assert hours(late, f"TIMESTAMP '0001-01-01', {until}") == ["2010-09-27 00", "2010-09-27 02"]


def test_no_hour_that_has_not_come_yet_is_silent(engine: Engines) -> None:
    last = NOW - timedelta(hours=3)
    late = engine([record(EdgeStartTimestamp=f"{last.isoformat()}Z")])
    now = hours(late, "NULL, NULL")

    assert 2 <= len(now) <= 3
    assert hours(late, "NULL, TIMESTAMP '9999-12-31'") == now
    assert hours(engine([record(EdgeStartTimestamp="9999-12-31T00:00:00Z")]), "NULL, NULL") == []


NETWORKS = {
    "192.0.2.1": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "::FFFF:192.0.2.2": "192.0.2.2",
    "0:0:0:0:0:ffff:192.0.2.1": "192.0.2.1",
    "::ffff:c000:201": "192.0.2.1",
    "0000:0000:0000:0000:0000:FFFF:c000:0201": "192.0.2.1",
    "::ffff:1:2:3": ":0:0::/48",
    "64:ff9b::192.0.2.1": "64:ff9b:0::/48",
    "2001:db8:1:2::1": "2001:db8:1::/48",
    "2001:db8::1": "2001:db8:0::/48",
    "::1": ":0:0::/48",
}


def test_an_ipv4_written_as_an_ipv6_is_in_the_network_of_the_ipv4(engine: Engines) -> None:
    given = ", ".join(f"'{ip}'" for ip in NETWORKS)
    question = f"SELECT ip, rules.network(ip) FROM (SELECT unnest([{given}]) AS ip)"

    assert dict(asked(engine(), question)) == NETWORKS
