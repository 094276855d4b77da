"""A week at a company, in which each of the twenty questions of docs/sql.md has an answer.

`srhea` has two more names, works from two countries and at night, and takes more than others;
`jdoe` sits at the same device for an hour; `visitor` never logs in; a build server has a token.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.factories import login
from tests.queries.requests.browsing import asked

JIRA = "jira.widgetcorp.example"
BLOG = "blog.widgetcorp.example"
REFUSED = "8f0e1d2c3b4a1002"
LOGIN = "8f0e1d2c3b4a2001"

LONDON = {"ClientIP": "192.0.2.17", "ClientCountry": "gb"}
BOSTON = {"ClientIP": "198.51.100.4", "ClientCountry": "us"}
DOCUMENT = {"dest": "document", "mode": "navigate", "by_user": "?1"}
ZIP = "application/zip"


def request(number: int, time: str, what: str, content: str, **more: Any) -> dict[str, Any]:
    method, uri = what.split()
    seen = f"2026-11-{time}Z"
    host = more.pop("host", JIRA)
    place = more.pop("place", LONDON)
    return {
        **asked(method, uri, content, **more),
        **place,
        "ClientRequestHost": host,
        "EdgeStartTimestamp": seen,
        "EdgeEndTimestamp": seen,
        "RayID": f"8f0e1d2c3b4a{number:04}",
    }


def page(number: int, time: str, uri: str, **more: Any) -> dict[str, Any]:
    return request(number, time, f"GET {uri}", "text/html", **DOCUMENT, **more)


REQUESTS = [
    # Tuesday: jdoe is refused what srhea may see.
    page(1001, "17T09:10:00.000000001", "/admin/users"),
    page(
        1002,
        "17T09:12:00",
        "/admin/users",
        user="jdoe",
        status=403,
        SecurityAction="block",
        SecurityRuleID="rule-1",
        SecurityRuleDescription="Admins only",
        place={"ClientIP": "203.0.113.8", "ClientCountry": "gb"},
    ),
    page(1003, "17T09:15:00", "/browse/EXP-7"),
    request(1004, "17T09:15:01", "GET /s/batch.css", "text/css"),
    page(1005, "17T22:40:00", "/browse/EXP-8"),
    # Wednesday, from another country, under another spelling.
    page(1006, "18T14:00:00", "/browse/EXP-7", user="SRHEA", place=BOSTON),
    request(1007, "18T14:05:00", "GET /export/all.zip", ZIP, place=BOSTON, EdgeResponseBytes=54_000_000),
    # A download in two pieces.
    request(1008, "18T14:06:00", "GET /export/big.zip", ZIP, status=206, place=BOSTON, EdgeResponseBytes=90_000_000),
    request(1009, "18T14:06:20", "GET /export/big.zip", ZIP, status=206, place=BOSTON, EdgeResponseBytes=10_000_000),
    # Thursday: the name on a host that nothing protects; somebody who never logged in.
    page(1010, "19T10:00:00", "/", host=BLOG),
    page(1011, "19T10:30:00", "/browse/EXP-7", user="visitor", place={"ClientIP": "203.0.113.9", "ClientCountry": "fr"}),
    request(1012, "19T11:00:00", "GET /build/status", "application/json", agent="curl/8.5.0", user=None),
    # Friday: a login, and what followed; jdoe at the same device.
    page(1013, "20T09:51:07", "/browse/EXP-9"),
    request(1014, "20T09:52:00", "POST /rest/api/2/issue", "application/json", status=201),
    request(1015, "20T09:53:00", "DELETE /rest/api/2/issue/17", "application/json", status=204),
    page(1016, "20T09:54:00", "/browse/EXP-9", user="jdoe"),
    request(1017, "20T09:55:00", "GET /export/notes.zip", ZIP, user="jdoe", EdgeResponseBytes=70_000),
    page(1018, "20T09:56:00", "/admin/audit", status=403),
    # Saturday, and a second before midnight in UTC.
    page(1019, "21T12:00:00", "/browse/EXP-9"),
    page(1020, "21T23:59:59.999999", "/browse/EXP-10"),
    page(1021, "22T00:00:00", "/browse/EXP-11"),
]  # fmt: skip

LOGINS = [
    login(
        RayID=f"8f0e1d2c3b4a{number}", CreatedAt=f"2026-11-{time}Z", Email=name, AppDomain=JIRA, **more
    )
    for number, time, name, more in (
        (2000, "17T09:09:00", "srhea", {}),
        (2001, "20T09:50:59", "srhea", {}),
        (2002, "20T09:53:30", "jdoe", {}),
        (2003, "17T09:11:00", "jdoe", {"IPAddress": "203.0.113.8"}),
        (2004, "18T13:58:00", "SRHEA", {"Allowed": False, "IPAddress": "198.51.100.4", "Country": "us"}),
        (2005, "18T13:59:00", "SRHEA", {"IPAddress": "198.51.100.4", "Country": "us"}),
        (2006, "20T18:00:00", "srhea", {"Action": "logout"}),
    )
]  # fmt: skip

RECORDS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "http_requests": REQUESTS,
    "access_requests": LOGINS,
    "access_login_events": [
        {
            "Datetime": f"2026-11-19T{time}Z",
            "RayID": f"8f0e1d2c3b4a{number}",
            "IsSuccessfulLogin": 1,
            "IdentityProvider": "nonidentity",
            "ServiceTokenId": "b5f1-build",
            "IPAddress": "203.0.113.40",
            "Country": "DE",
        }
        for number, time in ((3000, "11:00:00"), (3001, "12:00:00"))
    ],
    "firewall_events": [
        {
            "Datetime": "2026-11-17T09:12:00Z",
            "Action": "block",
            "Source": "firewallcustom",
            "RuleID": "rule-1",
            "Description": "Admins only",
            "RayID": REFUSED,
            "ClientIP": "203.0.113.8",
            "ClientCountry": "gb",
        }
    ],
    "audit_logs": [
        {
            "When": "2026-11-20T10:00:00Z",
            "ActorEmail": "srhea",
            "ActorIP": "192.0.2.17",
            "ActionType": "token_create",
            "ActionResult": True,
            "ID": "7c5dae30",
        }
    ],
    # A dataset without columns of its own.
    "workers_trace_events": [
        {
            "EventTimestampMs": 1_795_168_267_000,
            "Event": {"RayID": REFUSED, "Request": {"URL": f"https://{JIRA}/"}},
            "ScriptName": "router",
        }
    ],
}
