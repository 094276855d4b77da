"""Records show that a header is not logged only where their browsers must have sent it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

import pytest

from queries.completeness.logged_headers import EVIDENCE_MIN, LoggedHeaders, logged_headers
from queries.engine import Engine
from tests.browser.logged import records
from tests.browser.recording import golden
from tests.factories import record

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
SAFARI_16 = (
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.1 Safari/605.1.15"
)
SAFARI_19 = SAFARI_16.replace("16.1", "19.1")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
USER = {"cf-access-user": "srhea"}
PAGE = {"EdgeResponseContentType": "text/html; charset=utf-8"}
PICTURE = {"EdgeResponseContentType": "image/png"}
FETCH = {"sec-fetch-dest": "empty", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}
VIEW = {**FETCH, "sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}

Make = Callable[..., Engine]


def of_browser(number: int, **changes: Any) -> dict[str, Any]:
    usual = {"ClientRequestUserAgent": CHROME, "ZoneName": "widgetcorp.example"}
    return record(RayID=f"{number:016x}", **{**usual, **changes})


def found(engine: Make, *records: Mapping[str, Any]) -> list[LoggedHeaders]:
    return logged_headers(engine(records), datetime(2026, 11, 20))  # noqa: DTZ001


def alike(**changes: Any) -> list[dict[str, Any]]:
    """Just enough requests that differ only by number."""
    return [of_browser(number, **changes) for number in range(EVIDENCE_MIN)]


def missing(engine: Make, *records: Mapping[str, Any]) -> set[str]:
    [zone] = found(engine, *records)
    assert zone.zone == "widgetcorp.example"
    return set(zone.missing())


def test_a_store_with_no_header_but_the_user_lacks_what_browsers_always_send(
    engine: Make,
) -> None:
    lacking = {"sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-purpose"}

    assert missing(engine, *alike()) == lacking
    assert missing(engine, *alike(**PAGE)) == {*lacking, "sec-fetch-user"}
    assert missing(engine, *alike(**PICTURE)) == {
        *lacking,
        "content-length",
        "content-disposition",
    }


def test_a_header_that_any_record_holds_is_logged(engine: Make) -> None:
    one = of_browser(99, RequestHeaders={**USER, **VIEW, "sec-fetch-user": "?1"})
    whole = of_browser(98, ResponseHeaders={"content-length": "7"}, **PICTURE)

    assert missing(engine, *alike(**PAGE), one) == set()
    assert "content-length" not in missing(engine, *alike(**PICTURE), whole)


def test_without_a_prefetch_or_an_attachment_nothing_is_said_of_their_headers(
    engine: Make,
) -> None:
    logged = alike(RequestHeaders={**USER, **FETCH}, **PICTURE)
    other = of_browser(99, RequestHeaders={**USER, **FETCH}, ResponseHeaders={"server": "x"})

    assert missing(engine, *logged) == {"content-length", "content-disposition"}
    assert missing(engine, *logged, other) == {"content-length"}


def test_pages_of_people_that_no_person_chose_show_that_sec_fetch_user_is_not_logged(
    engine: Make,
) -> None:
    viewed = alike(RequestHeaders={**USER, **VIEW})

    assert missing(engine, *viewed) == {"sec-fetch-user"}
    assert missing(engine, *viewed[1:], of_browser(99, RequestHeaders={**USER, **FETCH})) == set()


def test_of_what_a_real_browser_sends_nothing_is_missing(engine: Make) -> None:
    [found_there] = found(engine, *records(list(chain(*golden().values()))))

    assert found_there.requests > EVIDENCE_MIN
    assert found_there.holding["sec-purpose"]
    assert found_there.missing() == ()


@pytest.mark.parametrize("agent", [FIREFOX, SAFARI_19])
def test_each_large_browser_is_evidence(engine: Make, agent: str) -> None:
    assert "sec-fetch-dest" in missing(engine, *alike(ClientRequestUserAgent=agent))


@pytest.mark.parametrize(
    "changes",
    [
        {"ClientRequestUserAgent": "curl/8.16.0"},
        {"ClientRequestUserAgent": None},
        {"ClientRequestUserAgent": SAFARI_16},
        {"ClientRequestUserAgent": CHROME.replace("142", "79")},
        {"RequestHeaders": {}},
        {"ClientRequestScheme": "http"},
        {"ClientRequestSource": "edgeWorkerFetch"},
        {"WorkerSubrequest": True},
        {"EdgeStartTimestamp": "2026-11-19T09:51:07Z"},
    ],
)
def test_requests_that_need_no_such_header_are_no_evidence(
    engine: Make, changes: dict[str, Any]
) -> None:
    assert found(engine, *alike(**changes)) == []


def test_too_few_requests_are_no_evidence(engine: Make) -> None:
    assert missing(engine, *alike(**PAGE)[1:]) == set()


def test_each_zone_is_judged_by_its_own_requests(engine: Make) -> None:
    logging = alike(RequestHeaders={**USER, **FETCH}, ZoneName="b.example")

    first, second = found(engine, *alike(ZoneName="a.example"), *logging)

    assert (first.zone, second.zone) == ("a.example", "b.example")
    assert first.missing()
    assert not second.missing()
