"""The records of the store that is asked: a person's morning, and everything around one refusal."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.factories import login, record

RAY = "8f0e1d2c3b4a5968"
PARENT = "8f0e1d2c3b4a5961"
CHILD = "8f0e1d2c3b4a5962"
LATER = "8f0e1d2c3b4a5963"
LOGIN = "8f0e1d2c3b4a5960"

# An operator linked it to srhea.
OTHER_NAME = "s.rhea@widgetcorp.example"

JIRA = "jira.widgetcorp.example"


def at(time: str, **changes: Any) -> dict[str, Any]:
    seen = f"2026-11-20T{time}Z"
    return record(EdgeStartTimestamp=seen, EdgeEndTimestamp=seen, **changes)


RECORDS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "http_requests": [
        at(
            "09:51:07",
            EdgeResponseStatus=403,
            OriginResponseStatus=0,
            ParentRayID=PARENT,
            SecurityAction="managed_challenge",
            SecurityRuleID="rule-1",
            SecurityRuleDescription="No bots",
            CacheCacheStatus="dynamic",
            WorkerScriptName="router",
            WorkerStatus="ok",
        ),
        # A Ray ID is not unique, and its letter case may differ.
        at(
            "09:51:08",
            RayID=RAY.upper(),
            ClientRequestURI="/browse/EXP-2",
            OriginResponseStatus=200,
        ),
        at("09:51:06", RayID=PARENT, ClientRequestURI="/", OriginResponseStatus=200),
        at("09:51:09", RayID=CHILD, ParentRayID=RAY, WorkerSubrequest=True, RequestHeaders={}),
        # Another Ray ID, and a request long after with the same parent.
        at("12:30:00", RayID="8f0e1d2c3b4a5970", ParentRayID=RAY, RequestHeaders={}),
        at("10:15:00", RayID="8f0e1d2c3b4a5971", ClientRequestMethod="POST", ClientIP="192.0.2.9"),
        at("10:16:00", RayID="8f0e1d2c3b4a5972", RequestHeaders={"cf-access-user": "SRHEA"}),
        at("10:17:00", RayID="8f0e1d2c3b4a5973", RequestHeaders={"cf-access-user": "jdoe"}),
        at("10:18:00", RayID="8f0e1d2c3b4a5974", ClientRequestHost="wiki.widgetcorp.example:443"),
    ],
    "access_requests": [
        login(Email="srhea"),
        login(RayID=LOGIN, CreatedAt="2026-11-20T09:50:00Z", AppDomain=JIRA, Email=OTHER_NAME),
        login(
            RayID="8f0e1d2c3b4a5979",
            CreatedAt="2026-11-20T09:00:00Z",
            AppDomain=JIRA,
            Email="srhea",
        ),
        # Not before the request.
        login(
            RayID="8f0e1d2c3b4a5978",
            CreatedAt="2026-11-20T13:00:00Z",
            AppDomain=JIRA,
            Email="srhea",
        ),
        login(RayID=RAY, CreatedAt="2026-11-20T09:51:07Z", Allowed=False, Email="srhea"),
        login(RayID="8f0e1d2c3b4a5980", CreatedAt="2026-11-20T11:00:00Z", Email="jdoe"),
    ],
    "access_requests_rest": [
        # The same event as above, from the other source.
        login(RayID=RAY, CreatedAt="2026-11-20T09:51:07Z", Allowed=False, Email="srhea"),
    ],
    "access_login_events": [
        {
            "Datetime": "2026-11-20T09:51:07Z",
            "RayID": RAY,
            "IsSuccessfulLogin": 0,
            "IdentityProvider": "nonidentity",
            "IPAddress": "192.0.2.17",
            "Country": "GB",
        },
    ],
    "firewall_events": [
        {
            "Datetime": "2026-11-20T09:51:07Z",
            "Action": "managedchallenge",
            "Source": "firewallcustom",
            "RuleID": "rule-1",
            "Description": "No bots",
            "RayID": RAY,
            "OriginatorRayID": "00",
            "ClientIP": "192.0.2.17",
            "ClientCountry": "gb",
        },
        {
            "Datetime": "2026-11-20T09:52:07Z",
            "Action": "managedchallengebypassed",
            "Source": "firewallcustom",
            "RayID": LATER,
            "OriginatorRayID": RAY,
        },
    ],
    "account_abuse_protection_events": [
        {
            "Timestamp": "2026-11-20T09:51:07Z",
            "RayID": RAY,
            "EventType": "login",
            "Host": JIRA,
            "AuthenticationStatus": "failure",
        },
    ],
    "workers_trace_events": [
        {
            "EventTimestampMs": 1_795_168_267_000,
            "Event": {"RayID": RAY, "Request": {"URL": f"https://{JIRA}/"}},
            "ScriptName": "router",
        },
    ],
}
