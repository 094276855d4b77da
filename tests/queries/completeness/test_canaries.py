"""When a canary request arrived is told by its id, and only by a whole id."""

from collections.abc import Callable
from datetime import datetime

from queries.completeness.canaries import canaries
from queries.engine import Engine
from tests.factories import NOW, record

SINCE = datetime(2026, 11, 20)  # noqa: DTZ001 - UTC without a zone
ID = "0123456789abcdef" * 2


def test_only_canaries_with_a_whole_id_and_since_the_time_are_found(
    engine: Callable[..., Engine],
) -> None:
    def sent(uri: str, at: str = "2026-11-21T09:00:00Z") -> dict[str, object]:
        return record(ClientRequestURI=uri, EdgeStartTimestamp=at)

    asked = engine(
        [
            sent(f"/page?raytrail-canary={ID}"),
            sent(f"/page?a=b&raytrail-canary={ID}"),
            sent("/page?raytrail-canary=cut"),
            sent(f"/page?no-raytrail-canary={'1' * 32}"),
            sent(f"/page?raytrail-canary={'2' * 32}", at="2026-11-19T23:59:59Z"),
            sent("/page"),
        ]
    )

    assert canaries(asked, SINCE) == {ID: NOW.replace(tzinfo=None)}
