"""Without an API token, `raytrail doctor` tells from records which headers are not logged."""

from typing import Any

import pytest

from queries.completeness.logged_headers import EVIDENCE_MIN
from raytrail.doctor import headers
from raytrail.doctor.finding import Grade
from store.store import Store
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
FETCH = {"sec-fetch-dest": "empty", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}


def received(store: Store, day: str, agent: str, sent: dict[str, str] | None = None) -> None:
    """Just enough requests of one hour to tell."""
    usual: dict[str, Any] = {
        "ClientRequestUserAgent": agent,
        "RequestHeaders": {"cf-access-user": "srhea", **(sent or {})},
    }
    lines = [
        record(RayID=f"{number:016x}", EdgeStartTimestamp=f"{day}T09:51:{number:02}Z", **usual)
        for number in range(EVIDENCE_MIN)
    ]
    send(store, gzipped(ndjson(*lines)))
    load(store)


def test_a_store_without_requests_gives_no_finding(store: Store) -> None:
    assert list(headers.examine(store)) == []


def test_requests_of_programs_give_no_finding(store: Store) -> None:
    received(store, "2026-11-20", "backup-agent/2.4")

    assert list(headers.examine(store)) == []


def test_the_last_records_of_browsers_show_what_is_not_logged_and_what_it_costs(
    store: Store,
) -> None:
    received(store, "2026-11-20", CHROME)

    found = {each.text.split()[1]: each for each in headers.examine(store)}

    assert set(found) == {"sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-purpose"}
    assert {each.grade for each in found.values()} == {Grade.NOTE}
    first = found["sec-purpose"]
    assert first.text.endswith("is in none of the last 20 requests of people's browsers")
    assert "fetched ahead" in first.means
    assert "raytrail setup" in first.helps


def test_only_the_last_day_counts(store: Store) -> None:
    received(store, "2026-11-18", CHROME)
    received(store, "2026-11-20", CHROME, FETCH)

    assert list(headers.examine(store)) == []


@pytest.mark.service
def test_doctor_notes_them_and_does_not_fail(raytrail: Command, store: Store) -> None:
    received(store, "2026-11-20", CHROME)

    ended = raytrail("doctor", "--data", str(store.layout.root))

    assert "note   field     http_requests: sec-purpose is in none of the last 20" in ended.stdout
    assert "means  pages that a browser fetched ahead count as viewed" in ended.stdout
    assert ended.returncode == 0, ended.stdout
