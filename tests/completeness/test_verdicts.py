"""The verdict on an hour is the first rule that applies: loss, then doubt, then completeness."""

from dataclasses import replace
from typing import Any

import pytest

from completeness.hours import HOUR, hour_of
from completeness.verdicts import COUNTING_TIME, SETTLED_AFTER, TOO_YOUNG, Evidence, verdict
from store.registers.verdicts import CannotTell, Complete, Partial, Verdict
from store.timestamps import to_text
from tests.factories import NOW
from upstream.counts import NO_UPLOADS, Uploads, Visits
from upstream.logpush.job import Job, read_job
from upstream.place import Account, Zone

AT = hour_of(NOW) - 5 * HOUR
UPLOADS = Uploads(delivered=1, delivered_records=10)
COMPLETE = Evidence(
    hour=AT,
    uploads=UPLOADS,
    uploads_why="",
    missing=0,
    shared_with=(),
    doubt="",
    has_unknown_neighbour=False,
    visits=Visits(10, 10, 10, 1.0),
    visits_held=10,
    visits_missing=0,
    deletion_note="",
)
NO_VISITS_KNOWN: dict[str, Any] = {"visits": None, "visits_missing": None}


def job(**changes: Any) -> Job:
    zone = Zone("z", "widgetcorp.example", Account("a", "Widget Corp"))
    answer = {"id": 1, "dataset": "http_requests", "enabled": True, "last_complete": to_text(NOW)}
    return read_job(zone, {**answer, **changes})


def test_an_hour_is_complete_if_no_rule_speaks_against_it() -> None:
    assert verdict(job(), COMPLETE, NOW) == Complete()
    assert verdict(job(), replace(COMPLETE, deletion_note="3 rows"), NOW) == Complete("3 rows")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"missing": 7}, Partial(7, "uploaded, but not here")),
        (
            {"missing": 7, "uploads": Uploads(1, 3, 1, 7)},
            Partial(7, "7 records were in uploads that failed for good"),
        ),
        (
            {"missing": 7, "shared_with": (2, 3)},
            Partial(
                7,
                "uploaded, but not here; counted together with job 2, 3,"
                " which fills the same dataset",
            ),
        ),
        ({"missing": 7, "doubt": "x"}, CannotTell("7 records are not here, but x")),
        (
            {"missing": 7, "has_unknown_neighbour": True},
            CannotTell(
                "7 records are not here, but Cloudflare's count of a neighbouring hour is not known"
            ),
        ),
        (
            {"visits_held": 4, "visits_missing": 6},
            Partial(6, "visitors made at least 10 requests by Cloudflare's analytics, 4 are here"),
        ),
        (
            {"visits_missing": 6, "doubt": "x"},
            CannotTell("fewer visitors' requests are here than were made, but x"),
        ),
        (
            {"uploads": None, "uploads_why": "no plan"},
            CannotTell(
                "uploads are not known: no plan;"
                " visitors' requests are as many as analytics counted"
            ),
        ),
        (
            {"uploads": None, "uploads_why": "no plan", **NO_VISITS_KNOWN},
            CannotTell("uploads are not known: no plan"),
        ),
        ({"uploads": NO_UPLOADS}, Complete()),
        (
            {"uploads": NO_UPLOADS, **NO_VISITS_KNOWN},
            CannotTell("nothing was uploaded: there were no events, or the job did not run"),
        ),
        # Loss is reported before any doubt.
        ({"missing": 7, "uploads": None}, Partial(7, "uploaded, but not here")),
    ],
)
def test_evidence_decides_the_verdict(changes: dict[str, Any], expected: Verdict) -> None:
    assert verdict(job(), replace(COMPLETE, **changes), NOW) == expected


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"output_options": {"sample_rate": 0.1}}, "never be complete: it is sampled: 0.1"),
        ({"filter": "{}", "transformer_id": "7f"}, "it has a filter; a transformer may"),
        ({"last_complete": to_text(AT + HOUR / 2)}, "Logpush has not pushed all of it yet"),
        ({"last_complete": None, "enabled": False}, "not pushed all of it yet; the job is off"),
    ],
)
def test_a_job_that_reduces_its_records_or_lags_behind_is_not_complete(
    changes: dict[str, Any], why: str
) -> None:
    found = verdict(job(**changes), COMPLETE, NOW)

    assert isinstance(found, CannotTell)
    assert why in found.why
    lost = replace(COMPLETE, missing=1)
    assert isinstance(verdict(job(**changes), lost, NOW), Partial)


def test_a_reduced_job_need_not_have_every_visit() -> None:
    few = replace(COMPLETE, visits_held=1, visits_missing=9)

    assert isinstance(verdict(job(filter="{}"), few, NOW), CannotTell)


def test_an_hour_that_has_just_ended_has_no_verdict() -> None:
    lost = replace(COMPLETE, missing=7)
    settled = AT + HOUR + SETTLED_AFTER

    assert SETTLED_AFTER == HOUR + COUNTING_TIME
    assert verdict(job(), lost, settled - HOUR / 60) == TOO_YOUNG
    assert isinstance(verdict(job(), lost, settled), Partial)
