"""What somebody reads in a report who decides about a person and knows none of the systems."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import orjson
import pytest

from queries.engine import QUESTIONED, open_engine
from queries.findings.rule import rules
from queries.outputs.html.page import report_html
from queries.outputs.json_out import report_object
from queries.outputs.terminal import make_console
from queries.outputs.terminal_report import show_report
from queries.period import Period
from queries.report.model import Report
from queries.report.page_one import sentences
from queries.report.page_one.made import Made
from queries.report.page_one.rules import findings_of
from queries.report.times import Times
from store.reading.snapshot import Snapshot
from tests.factories import login
from tests.queries.report.reports import START, after, reported
from tests.queries.report.test_handed_out import ALL_JUDGED, YOUNG, finding

WIKI = "wiki.widgetcorp.example"


@pytest.fixture(scope="module")
def found(snapshot: Callable[..., Snapshot]) -> Iterator[Report]:
    """A download and a deletion behind a login, and one request elsewhere that anybody could send."""
    requests = [
        after(0, ClientCountry="gb", ClientASN=64500),
        after(
            9, ClientRequestURI="/a.zip", EdgeResponseContentType="application/zip", RayID="aa01"
        ),
        after(12, ClientRequestMethod="DELETE", ClientRequestURI="/rest/1", RayID="aa02"),
        after(
            99,
            ClientRequestHost=WIKI,
            ClientIP="203.0.113.200",
            ClientCountry="nl",
            ClientASN=64506,
            ClientRequestUserAgent="Firefox",
        ),
    ]
    logins = [login(AppDomain="jira.widgetcorp.example", Email="srhea")]
    with open_engine(snapshot(requests, logins), datasets=QUESTIONED) as engine:
        yield reported(engine)


def page(report: Report) -> str:
    return unescape(report_html(report).decode())


def test_country_codes_are_large_and_the_markup_around_them_is_not(found: Report) -> None:
    text = page(found)

    assert "SPAN" not in text
    assert '(<span class="logged">GB</span>' in text
    assert "<td>AS64506" in text


def test_a_finding_that_began_earlier_and_is_unconfirmed_says_so(found: Report) -> None:
    asked = Period(START + timedelta(minutes=30), None)
    told = replace(found, asked=asked, findings=findings_of([finding("high")], ALL_JUDGED))
    sure = findings_of([finding("high", identity="access", since=asked.since)], ALL_JUDGED)

    assert sentences.stands_out(told)[0].startswith(
        "Two places too far apart (high; the name is not confirmed on all of its records;"
        " begins 30 min before the period asked about): "
    )
    assert "; begins 30 min before the period asked about</span>" in page(told)
    assert sentences.stands_out(replace(told, findings=sure))[0].startswith(
        "Two places too far apart (high): "
    )


def test_ordinary_reasons_stand_beside_a_finding(found: Report) -> None:
    told = replace(found, findings=findings_of([finding("high")], ALL_JUDGED))
    [travel] = [each for each in rules() if each.name == "travel"]

    assert f"Ordinary reasons: {' '.join(travel.falsepositives)}" in page(told)
    values = orjson.loads(report_object(told))["findings"]
    assert values["ordinary_reasons"] == {"travel": list(travel.falsepositives)}


def test_a_terminal_tells_ordinary_reasons_once_and_what_was_not_found(found: Report) -> None:
    told = replace(found, findings=findings_of([finding("high"), finding("low")], ALL_JUDGED))
    [travel] = [each for each in rules() if each.name == "travel"]
    page = io.StringIO()

    show_report(told, make_console(page, columns=2_000))

    for reason in travel.falsepositives:
        assert page.getvalue().count(f"ordinary reason: {reason}") == 1
    assert "Looked for in the records that are here, and not found: " in page.getvalue()


def test_what_was_looked_for_in_vain_is_named(found: Report) -> None:
    told = findings_of([finding("high")], ALL_JUDGED)
    young = findings_of([], YOUNG)
    by_name = {each.name: each.title for each in rules()}

    assert by_name["enumeration"] in told.nothing_found
    assert by_name["travel"] not in told.nothing_found
    assert by_name["new_country"] not in young.nothing_found
    # About the log itself, nothing is listed for a person.
    assert by_name["silent_source"] not in told.nothing_found
    assert f"not found: {told.nothing_found[0]}" in page(replace(found, findings=told))


def test_rules_that_compared_only_some_of_the_names_are_not_said_to_be_silent() -> None:
    some = replace(ALL_JUDGED, learning=replace(ALL_JUDGED.learning, people=2, learning=1))
    compared = {each.title for each in rules() if each.is_compared}

    assert compared.isdisjoint(findings_of([], some).nothing_found)
    assert compared <= {*findings_of([], ALL_JUDGED).nothing_found}


def test_a_download_and_a_change_have_their_ray_ids(found: Report) -> None:
    text = page(replace(found, findings=findings_of([], ALL_JUDGED)))

    for ray in ("aa01", "aa02"):
        assert f'Ray ID <span class="logged">{ray}</span>' in text
    assert "raytrail explain RAYID" in text


def test_requests_that_nobody_confirmed_are_counted_apart_and_marked(found: Report) -> None:
    assert "<b>3</b> <span>requests</span><small>+ 1 unconfirmed</small>" in page(found)
    none = replace(found, totals=replace(found.totals, confirmed=0))
    assert "<b>4</b> <span>requests</span><small>all unconfirmed</small>" in page(none)

    for listing in (found.addresses, found.countries, found.user_agents):
        assert {each.identity for each in listing.shown[:-1]} == {None}
        assert listing.shown[-1].identity == "unconfirmed"
    marked = {each.number: each.identity for each in found.networks.shown}
    assert (marked[64500], marked[64506]) == (None, "unconfirmed")


def test_records_that_came_late_say_when_they_came(found: Report) -> None:
    late = found.totals.first_received
    assert late is not None
    early = replace(found.totals, first_received=START, last_received=START + timedelta(days=1))

    [told] = sentences.received(replace(found, last_seen=late - timedelta(days=1)), Times())
    [soon] = sentences.received(replace(found, totals=early), Times())

    assert told.endswith("after the last of them was logged: they were delivered late or imported.")
    assert "between 2026-11-20 09:00:00Z and 2026-11-21 09:00:00Z." in soon
    assert "Received: all of these records came to this store" in page(found)


def test_what_was_typed_stands_beside_the_account_and_the_digest_is_explained(
    found: Report,
) -> None:
    made = Made(question="raytrail report --user srhea", by="Anna <b>", account="root")
    coverage = replace(found.coverage, digest="abc123")

    text = report_html(replace(found, made=made, coverage=coverage)).decode()

    assert 'entered as “<span class="logged">Anna &lt;b&gt;</span>”' in text
    assert '<span class="logged">root</span>, which ran the command' in text
    assert "raytrail fsck --deep" in text


def test_two_columns_that_count_differently_have_two_names(found: Report) -> None:
    assert "Requests, without folded ones" in page(found)
    assert "other than web requests, logins and logouts" in page(found)
