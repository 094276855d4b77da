"""Why a request was answered as it was, from the records that the store has of its Ray ID."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from queries.analyst import analyst_sql
from queries.engine import open_engine
from queries.errors import QueryFailed, QueryRefused
from queries.explanation.explain import (
    DATASETS,
    EVENTS_SHOWN,
    REQUESTS_SHOWN,
    RayQuestion,
    explain,
    parse_ray_id,
)
from queries.explanation.explanation import Explanation
from queries.explanation.layer import Outcome
from queries.identity.person import Grade, Person, PersonName
from queries.outputs.explanation import document, lines
from queries.period import parse_period
from store.parquet.fingerprint import fingerprint
from store.reading.snapshot import Snapshot
from store.registers.verdicts import (
    NO_KNOWN_HOURS,
    CannotTell,
    Complete,
    KnownHour,
    KnownHours,
    Partial,
    Verdict,
)
from tests.factories import NOW, login, record

RAY = "8f0e1d2c3b4a5968"

SNAPSHOT = Snapshot(sequence=7, taken_at=NOW, files={}, pending_batches=0, lag_seconds=0.0)

Explained = Callable[..., Explanation]


@pytest.fixture
def explained(part: Callable[..., Path]) -> Iterator[Explained]:
    """The explanation of one Ray ID over the given records of each dataset."""
    with ExitStack() as opened:

        def make(
            ray_id: str = RAY,
            question: Any = None,
            coverage: KnownHours = NO_KNOWN_HOURS,
            **records: Any,
        ) -> Explanation:
            files = {name: (part(name, *rows),) for name, rows in records.items() if rows}
            columns = {path: fingerprint(pq.read_schema(path)) for [path] in files.values()}
            taken = replace(SNAPSHOT, files=files, columns=columns, coverage=coverage)
            engine = opened.enter_context(open_engine(taken, datasets=DATASETS))
            return explain(engine, question or RayQuestion(ray_id=parse_ray_id(ray_id)))

        yield make


def refused(**changes: Any) -> dict[str, Any]:
    """A request that was answered 403, with every field that tells who answered."""
    told = {
        "EdgeResponseStatus": 403,
        "OriginResponseStatus": 0,
        "SecurityAction": "",
        "EdgePathingSrc": "macro",
        "EdgePathingOp": "wl",
        "EdgePathingStatus": "nr",
        "CacheCacheStatus": "dynamic",
        "WorkerStatus": "unknown",
        "ParentRayID": "00",
    }
    return record(**{**told, **changes})


def event(**changes: Any) -> dict[str, Any]:
    """A firewall event of the request."""
    return {
        "Action": "block",
        "ClientRequestHost": "jira.widgetcorp.example",
        "ClientRequestPath": "/browse/EXP-1",
        "Datetime": "2026-11-20T09:51:07Z",
        "Description": "No exports by night",
        "EdgeResponseStatus": 403,
        "RayID": RAY,
        "RuleID": "rule-7",
        "Source": "firewallCustom",
        **changes,
    }


def login_event(**changes: Any) -> dict[str, Any]:
    """What GraphQL tells of a request that presented nothing."""
    return {
        "Datetime": "2026-11-20T09:51:07Z",
        "RayID": RAY,
        "IsSuccessfulLogin": 0,
        "IPAddress": "192.0.2.17",
        "IdentityProvider": "nonidentity",
        "MtlsStatus": "NONE",
        "Answer": {},
        **changes,
    }


def decided(found: Explanation) -> tuple[str | None, str]:
    [only] = found.requests
    return only.decision.answered_by, only.decision.text


def sources(found: Explanation) -> set[str]:
    return {each.source for each in found.missing}


@pytest.mark.parametrize(
    "typed",
    [
        RAY,
        RAY.upper(),
        f"{RAY}-LHR",
        f" {RAY.upper()}-lhr ",
        f"CF-Ray: {RAY}-LHR",
        f"Ray ID: {RAY}",
    ],
)
def test_a_ray_id_is_taken_as_a_page_a_header_or_a_log_shows_it(typed: str) -> None:
    assert parse_ray_id(typed) == RAY


@pytest.mark.parametrize("typed", ["", RAY[:-1], f"{RAY}0", f"{RAY}-", "srhea", f"{RAY}-LHR1"])
def test_what_is_no_ray_id_is_refused(typed: str) -> None:
    with pytest.raises(QueryRefused, match="16 hex digits"):
        parse_ray_id(typed)


def test_a_ray_id_logged_in_upper_case_is_found(explained: Explained) -> None:
    assert explained(http_requests=[refused(RayID=RAY.upper())]).requests


def test_a_403_of_the_origin_is_told_from_one_of_cloudflare(explained: Explained) -> None:
    """Sixty-one such requests had no reason, although the log has the origin's status."""
    found = explained(http_requests=[refused(OriginResponseStatus=403, OriginIP="198.51.100.7")])

    assert decided(found) == (
        "origin",
        "The origin itself answered 403, and Cloudflare passed its answer on.",
    )
    assert "198.51.100.7" in "\n".join(lines(found))


ANSWERS: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "a rule blocked it": (
        {"SecurityAction": "block", "SecurityRuleID": "r1", "SecurityRuleDescription": "Exports"},
        "security",
        "A security rule blocked the request (r1: Exports).",
    ),
    "the product of the rule": (
        {"SecurityAction": "managed_challenge", "SecuritySources": ["ip", "firewallCustom"]},
        "security",
        "A WAF custom rule sent a managed challenge.",
    ),
    "a ban of the security path": (
        {"EdgePathingOp": "ban", "EdgePathingSrc": "user", "EdgePathingStatus": "ipr24"},
        "security",
        "A rule of this zone stopped it: the client's address range is blocked.",
    ),
    "a host that leads nowhere": (
        {"EdgePathingOp": "err_host", "EdgePathingStatus": "reserved_ip", "EdgePathingSrc": "err"},
        "security",
        "Cloudflare could not pass it on: the host's DNS points to a local or disallowed address.",
    ),
    "a page of Access": (
        {"ClientRequestURI": "/cdn-cgi/access/login/x", "EdgeResponseStatus": 200},
        "access",
        "This is a page of Access itself.",
    ),
    "a Worker": (
        {"WorkerStatus": "ok", "WorkerScriptName": "gate"},
        "worker",
        "The Worker gate made the answer and ended with ok.",
    ),
    "the cache": (
        {"CacheCacheStatus": "hit"},
        "cache",
        "The cache answered (hit) with an earlier answer; the origin was not asked.",
    ),
    "a connection that timed out": (
        {"EdgeResponseStatus": 522},
        "origin",
        "Cloudflare answered 522 itself: the connection to the origin timed out.",
    ),
    "a tunnel without cloudflared": (
        {"EdgeResponseStatus": 530},
        "origin",
        (
            "Cloudflare answered 530 itself: the origin's name could not be resolved; of a tunnel: no"
            " cloudflared was connected."
        ),
    ),
    "a 502 of the origin": (
        {"EdgeResponseStatus": 502, "OriginResponseStatus": 502},
        "origin",
        "The origin itself answered 502, and Cloudflare passed its answer on.",
    ),
    "a 502 of nobody knows whom": (
        {"EdgeResponseStatus": 502, "OriginResponseStatus": None},
        None,
        "OriginResponseStatus was not logged, so it is not known whether the origin answered.",
    ),
    "an origin that was not asked": (
        {"OriginResponseStatus": None, "EdgeServerIP": "", "EdgeResponseStatus": 404},
        "cloudflare",
        "Cloudflare answered 404 itself; no record here says which part did.",
    ),
    "an origin that was asked": (
        {"OriginResponseStatus": None, "EdgeServerIP": "192.0.2.99"},
        None,
        (
            "OriginResponseStatus was not logged, so it is not known whether the origin answered. It"
            " was asked: EdgeServerIP is set."
        ),
    ),
    "a part of a file": (
        {"EdgeResponseStatus": 206, "OriginResponseStatus": 200},
        "origin",
        "The origin answered 200; Cloudflare sent a part of it (206).",
    ),
    "a lookup inside Cloudflare": (
        {"EdgeResponseStatus": 504, "ClientRequestSource": "earlyHintsCache"},
        "cache",
        (
            "A lookup inside Cloudflare (earlyHintsCache) found nothing in the cache. No client saw"
            " this answer."
        ),
    ),
    "another answer than the origin's": (
        {"OriginResponseStatus": 200},
        None,
        (
            "The origin answered 200, and the client got 403: a Worker, a rule for responses or an"
            " error page of Cloudflare changed it."
        ),
    ),
    "nobody that a record names": (
        {},
        "cloudflare",
        (
            "Cloudflare answered 403 before the origin was asked, and no record here says which part"
            " did. Access leaves no field in http_requests: its login event would tell."
        ),
    ),
    "a redirect": (
        {"EdgeResponseStatus": 302},
        "cloudflare",
        (
            "Cloudflare answered with a redirect (302) before the origin was asked. Access sends"
            " people to its login in this way; redirect rules do the same."
        ),
    ),
    "a Worker before an origin that is down": (
        {"EdgeResponseStatus": 521, "WorkerStatus": "ok"},
        "origin",
        "Cloudflare answered 521 itself: the origin refused the connection.",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_part_that_made_the_answer_is_named(explained: Explained, name: str) -> None:
    changes, by, text = ANSWERS[name]

    assert decided(explained(http_requests=[refused(**changes)])) == (by, text)


def test_a_refusal_by_access_is_explained_by_its_login_event(explained: Explained) -> None:
    found = explained(http_requests=[refused()], access_login_events=[login_event()])

    assert decided(found) == ("access", "Access refused this request from 192.0.2.17.")
    assert "It presented no service token" in "\n".join(lines(found))
    [judged] = document(found)["login_events"]
    assert judged["verdict"]["let_in"] is False


def test_a_refused_login_of_a_person_is_named(explained: Explained) -> None:
    logged = login(RayID=RAY, Allowed=False, CreatedAt="2026-11-20T09:51:07Z")

    by, text = decided(explained(http_requests=[refused()], access_requests=[logged]))

    assert by == "access"
    assert "refused the login of srhea@widgetcorp.example to jira.widgetcorp.example" in text


def test_a_firewall_event_explains_a_request_whose_security_fields_were_not_logged(
    explained: Explained,
) -> None:
    plain = refused()
    for field in ("SecurityAction", "EdgePathingOp", "EdgePathingSrc", "EdgePathingStatus"):
        del plain[field]

    found = explained(http_requests=[plain], firewall_events=[event()])

    expected = "A WAF custom rule blocked the request (rule-7: No exports by night)."
    assert decided(found) == ("security", expected)
    assert {"SecurityAction", "EdgePathingOp"} <= sources(found)


def test_a_firewall_event_tells_the_status_of_the_origin_too(explained: Explained) -> None:
    plain = refused()
    del plain["OriginResponseStatus"]

    found = explained(
        http_requests=[plain], firewall_events=[event(Action="log", OriginResponseStatus=403)]
    )

    assert decided(found)[0] == "origin"


def test_the_time_spent_on_the_origin_is_told(explained: Explained) -> None:
    spent = {"OriginTCPHandshakeDurationMs": 12, "OriginTLSHandshakeDurationMs": 0}

    found = explained(http_requests=[refused(EdgeResponseStatus=524, **spent)])

    assert "    Time for the origin: TCP handshake 12 ms." in list(lines(found))


def test_a_rule_that_only_logs_does_not_count_as_the_one_that_stopped(explained: Explained) -> None:
    changes = {
        "SecurityActions": ["log"],
        "SecurityRuleIDs": ["r9"],
        "OriginResponseStatus": 403,
    }
    found = explained(http_requests=[refused(**changes)], firewall_events=[event(Action="log")])

    assert decided(found)[0] == "origin"
    [only] = found.requests
    security = only.layers[0]
    assert (security.outcome, security.reasons) == (
        Outcome.PASSED,
        ("A rule matched without stopping it: log r9.",),
    )


def test_every_record_with_the_ray_id_is_named(explained: Explained) -> None:
    child = record(
        RayID="aaaaaaaaaaaaaaaa",
        ParentRayID=RAY,
        ClientRequestHost="api.widgetcorp.example",
        ClientRequestSource="edgeWorkerFetch",
        WorkerSubrequest=True,
        EdgeResponseStatus=403,
        OriginResponseStatus=403,
    )
    abuse = {"RayID": RAY, "Timestamp": "2026-11-20T09:51:07Z", "EventType": "login"}
    solved = event(RayID="bbbbbbbbbbbbbbbb", OriginatorRayID=RAY, Action="managedChallengeSolved")
    found = explained(
        http_requests=[refused(), refused(EdgeEndTimestamp="2026-11-20T10:51:07Z"), child],
        access_requests=[login(RayID=RAY)],
        firewall_events=[event(Action="managedchallenge"), solved],
        access_login_events=[login_event()],
        account_abuse_protection_events=[abuse],
    )

    assert len(found.requests) == 2
    assert [each.children_total for each in found.requests] == [1, 1]
    assert [each.is_later for each in found.firewall_events] == [False, True]
    assert (len(found.logins), len(found.login_events), len(found.others)) == (1, 1, 1)
    text = "\n".join(lines(found))
    for named in ("api.widgetcorp.example", "answer to its challenge", "account_abuse_protection"):
        assert named in text
    assert "2 requests have this Ray ID" in text


def test_a_subrequest_names_the_request_that_caused_it(explained: Explained) -> None:
    child = record(RayID="aaaaaaaaaaaaaaaa", ParentRayID=RAY.upper())

    [only] = explained("aaaaaaaaaaaaaaaa", http_requests=[refused(), child]).requests

    assert [each.ray_id for each in only.parents] == [RAY]


def test_the_last_login_of_the_person_to_the_application_is_named(explained: Explained) -> None:
    def at(hour: int, ray: str, **changes: Any) -> dict[str, Any]:
        return login(CreatedAt=f"2026-11-20T{hour:02}:00:00Z", RayID=ray * 16, **changes)

    jira = {"AppDomain": "jira.widgetcorp.example", "Email": "srhea"}
    logins = [
        at(7, "1", **jira),
        at(8, "2", **jira),
        at(10, "3", **jira),
        at(8, "4", **{**jira, "AppDomain": "wiki.widgetcorp.example"}),
        at(9, "5", **{**jira, "AppDomain": "jira.widgetcorp.example/brow"}),
        at(9, "6", **jira, Action="logout"),
        at(9, "7", **{**jira, "Email": "jdoe"}),
        at(9, "8", **jira, Allowed=False),
    ]

    [only] = explained(http_requests=[refused()], access_requests=logins).requests

    assert only.login is not None
    assert only.login.ray_id == "2" * 16


def test_the_logins_of_all_names_of_a_person_are_searched(explained: Explained) -> None:
    other = PersonName("srhea@widgetcorp.example", Grade.INFERRED, "2 logins agree", 0, 1)
    question = RayQuestion(ray_id=RAY, person_of=lambda user: Person.of(user, [other]))
    logged = login(AppDomain="jira.widgetcorp.example")

    found = explained(question=question, http_requests=[refused()], access_requests=[logged])

    [only] = found.requests
    assert only.login is not None
    assert only.login.user_id == "srhea@widgetcorp.example"
    text = "\n".join(lines(found))
    assert 'also under "srhea@widgetcorp.example", inferred (2 logins agree)' in text
    assert "Names marked inferred follow from logins and may be wrong" in text


def test_sources_that_the_store_does_not_have_are_named(explained: Explained) -> None:
    found = explained(http_requests=[record(EdgeResponseStatus=403)])

    assert sources(found) == {
        "firewall_events", "logins", "access_login_events", "OriginResponseStatus",
        "SecurityAction", "EdgePathingOp", "CacheCacheStatus", "WorkerStatus", "ParentRayID",
    }  # fmt: skip
    by, text = decided(found)
    assert by is None
    assert "OriginResponseStatus was not logged" in text
    whys = {each.why for each in found.missing if each.tells}
    assert whys == {"not in this record, the only one of its batch"}


def test_fields_that_no_request_of_the_batch_has_were_not_selected(explained: Explained) -> None:
    found = explained(http_requests=[record(), record(RayID="1" * 16)])

    [line] = [line for line in lines(found) if "does not select it" in line]
    assert "OriginResponseStatus (whether the origin answered), SecurityAction" in line
    assert "in none of 2 requests of its batch" in line


def test_a_field_that_only_this_record_lacks_is_not_said_to_be_unselected(
    explained: Explained,
) -> None:
    plain = refused()
    del plain["OriginResponseStatus"]

    found = explained(http_requests=[plain, refused(RayID="1" * 16)])

    [why] = [each.why for each in found.missing if each.source == "OriginResponseStatus"]
    assert "others of its batch" in why


def test_a_ray_id_that_nothing_has_is_not_found(explained: Explained) -> None:
    found = explained("1" * 16, http_requests=[refused()])

    assert found.is_empty
    assert document(found)["found"] is False
    assert "Nothing in this store has the Ray ID" in "\n".join(lines(found))
    assert "http_requests" in sources(found)


def test_a_period_leaves_out_requests_with_the_same_ray_id(explained: Explained) -> None:
    question = RayQuestion(ray_id=RAY, period=parse_period("2026-11-21"))

    assert explained(question=question, http_requests=[refused()]).is_empty


def test_a_request_of_nobody_has_no_grade_and_no_login(explained: Explained) -> None:
    nobody = refused(RequestHeaders={})

    [only] = explained(http_requests=[nobody], access_requests=[login()]).requests

    assert (only.identity, only.login) == (None, None)


def test_the_name_on_a_host_without_an_application_is_unconfirmed(explained: Explained) -> None:
    [bare] = explained(http_requests=[refused()]).requests
    question = RayQuestion(ray_id=RAY, configured_access_hosts=["jira.widgetcorp.example"])
    own = refused(OriginResponseStatus=403)
    [covered] = explained(question=question, http_requests=[own]).requests

    assert (bare.identity, covered.identity) == ("unconfirmed", "access")


def test_the_name_on_a_request_that_access_refused_is_unconfirmed(explained: Explained) -> None:
    question = RayQuestion(ray_id=RAY, configured_access_hosts=["jira.widgetcorp.example"])
    forged = refused(OriginResponseStatus=0, CacheCacheStatus="dynamic")

    [found] = explained(question=question, http_requests=[forged]).requests

    assert (found.identity, found.is_covered) == ("unconfirmed", True)
    assert "covers this host and path" in next(
        each.text for each in found.layers if each.name == "access"
    )


def test_logged_text_cannot_steer_a_terminal(explained: Explained) -> None:
    hostile = "/\x1b[31m\u202e"

    text = "\n".join(lines(explained(http_requests=[refused(ClientRequestURI=hostile)])))

    assert "\x1b" not in text
    assert "\u202e" not in text


def test_many_requests_with_one_ray_id_are_counted_and_the_first_explained(
    explained: Explained,
) -> None:
    """A sender of made-up records may give all of them one Ray ID."""
    requests = [refused(ClientRequestURI=f"/{number}") for number in range(REQUESTS_SHOWN + 1)]
    events = [event(RuleID=f"r{number}") for number in range(EVENTS_SHOWN + 2)]

    found = explained(http_requests=requests, firewall_events=events)

    assert (len(found.requests), found.requests_total) == (REQUESTS_SHOWN, REQUESTS_SHOWN + 1)
    assert found.firewall_events_total == EVENTS_SHOWN + 2
    text = "\n".join(lines(found))
    assert "21 requests have this Ray ID: it is not unique; 20 of them are explained." in text
    assert "2 more firewall events" in text


def test_a_file_without_the_ray_id_is_skipped_by_its_bloom_filter(
    part: Callable[..., Path],
) -> None:
    """The Ray IDs of the other file are destroyed, but not its bloom filter and its footer."""
    wanted = part("http_requests", refused())
    # From one end to the other, so that the least and the greatest value tell nothing.
    rays = [f"{number << 57:016x}" for number in range(128)]
    other = part("http_requests", *(refused(RayID=ray) for ray in rays))
    _destroy(other, "RayID")
    taken = replace(SNAPSHOT, files={"http_requests": (wanted, other)})

    with open_engine(taken, datasets=DATASETS) as engine:
        found = engine.ask("explanation/requests_of_ray", asked_of(RAY)).rows
        assert len(list(found)) == 1
        with pytest.raises(QueryFailed):
            list(engine.ask("explanation/requests_of_ray", asked_of(rays[7])).rows)


def test_an_hour_with_missing_records_is_named(explained: Explained) -> None:
    def known(hour: int, verdict: Verdict) -> KnownHour:
        return KnownHour(7, datetime(2026, 11, 20, hour), verdict)  # noqa: DTZ001 (UTC)

    hours = KnownHours(
        (
            known(8, Partial(5, "the hour before")),
            known(9, Partial(12, "a batch was lost")),
            known(9, CannotTell("the zone is sampled")),
            known(9, Complete()),
        )
    )

    found = explained(coverage=hours, http_requests=[refused()])
    unfound = explained("1" * 16, coverage=hours, http_requests=[refused()])

    whys = [each.why for each in found.missing if each.source == "hour 2026-11-20 09:00Z"]
    assert whys == [
        "at least 12 records never arrived: a batch was lost",
        "whether all records arrived is not known: the zone is sampled",
    ]
    [_, why] = [each.why for each in unfound.missing if each.source == "http_requests"]
    assert "records are missing from 2 hours between 2026-11-20 08:00Z and 2026-11-20 10:00Z" in why


def asked_of(ray_id: str) -> dict[str, Any]:
    return {"ray": ray_id, "since": None, "until": None, "shown": 9}


def _destroy(file: Path, column: str) -> None:
    """Overwrite the pages of one column."""
    group = pq.read_metadata(file).row_group(0)
    chunks = (group.column(number) for number in range(group.num_columns))
    chunk = next(each for each in chunks if each.path_in_schema == column)
    begin = chunk.dictionary_page_offset or chunk.data_page_offset
    with file.open("r+b") as opened:
        opened.seek(begin)
        opened.write(b"\xff" * chunk.total_compressed_size)


def test_a_file_without_the_ray_id_is_skipped_in_sql_too(part: Callable[..., Path]) -> None:
    wanted = part("http_requests", refused())
    rays = [f"{number << 57:016x}" for number in range(128)]
    other = part("http_requests", *(refused(RayID=ray) for ray in rays))
    _destroy(other, "RayID")
    taken = replace(SNAPSHOT, files={"http_requests": (wanted, other)})

    with open_engine(taken) as engine:
        for asked in (
            "ray('{}') where named_in = 'RayID'",
            "explain('{}') where layer = 'request'",
        ):
            assert len(list(analyst_sql(engine, f"from {asked.format(RAY)}").rows)) == 1
            with pytest.raises(QueryFailed):
                list(analyst_sql(engine, f"from {asked.format(rays[7])}").rows)
