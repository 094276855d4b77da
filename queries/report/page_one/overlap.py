"""Leaves out what a finding says already, so that a report says one thing once."""

from collections.abc import Iterable
from dataclasses import replace

from queries.anomalies.anomaly import Anomalies, Anomaly, Kind
from queries.findings.question import Finding
from queries.report.model import Report

# The rules that look for the same as an anomaly of this kind.
_RULES = {
    Kind.NO_LOGIN: ("request_without_login",),
    Kind.AFTER_LOGOUT: ("after_logout",),
    Kind.UNUSED_LOGIN: ("login_without_requests",),
    Kind.TWO_DEVICES: ("session_changed_hands",),
    Kind.TWO_COUNTRIES: ("travel", "two_places_at_once"),
    Kind.UNPROTECTED: ("forgeable_identity",),
}


def remaining(report: Report) -> Anomalies:
    """The anomalies that no listed finding is about."""
    found = () if report.findings is None else report.findings.listed.shown
    unsaid = tuple(each for each in report.anomalies.found if not _is_said(each, found))
    return replace(report.anomalies, found=unsaid)


def _is_said(anomaly: Anomaly, found: Iterable[Finding]) -> bool:
    return any(
        each.rule in _RULES[anomaly.kind]
        and each.since <= anomaly.ended_at
        and anomaly.started_at <= each.until
        and _is_of_the_same_host(anomaly, each)
        for each in found
    )


def _is_of_the_same_host(anomaly: Anomaly, found: Finding) -> bool:
    """Or has one of its records as evidence; a finding may name a few of many hosts."""
    rays = {each.ray_id for each in anomaly.evidence}
    return anomaly.host is None or anomaly.host in found.what or not rays.isdisjoint(found.evidence)
