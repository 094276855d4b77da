"""The demo as data: visitors, sites, and who visits which site when.

All people are made up. Addresses and hosts are from the ranges reserved for documentation.
"""

from dataclasses import dataclass
from typing import Final

JIRA: Final = "jira.widgetcorp.example"
WIKI: Final = "wiki.widgetcorp.example"
WWW: Final = "www.widgetcorp.example"  # not behind Access: a user named there is unconfirmed
APPLICATIONS: Final = (JIRA, WIKI)

MAC: Final = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
WINDOWS: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
LINUX: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE: Final = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1"


@dataclass(frozen=True, slots=True)
class Visitor:
    """One person at one place; `user` is the value of `cf-access-user`, or "" without that header."""

    user: str
    email: str
    address: str
    country: str
    colo: str
    agent: str
    admitted: bool = True


SRHEA: Final = Visitor("srhea", "s.rhea@widgetcorp.example", "198.51.100.23", "gb", "LHR", MAC)
SRHEA_PHONE: Final = Visitor("srhea", SRHEA.email, "2001:db8:51::c0de", "gb", "MAN", PHONE)
SRHEA_VPN: Final = Visitor("srhea", SRHEA.email, "203.0.113.77", "sg", "SIN", MAC)
LINDQVIST: Final = Visitor(
    "lindqvist", "k.lindqvist@widgetcorp.example", "198.51.100.41", "se", "ARN", WINDOWS
)
OBRIEN: Final = Visitor("o'brien", "m.obrien@widgetcorp.example", "192.0.2.14", "ie", "DUB", MAC)
TANAKA: Final = Visitor(
    "tanaka@widgetcorp.example", "tanaka@widgetcorp.example", "2001:db8:81::a7", "jp", "NRT", MAC
)
ZOE: Final = Visitor("zoë.müller", "z.mueller@widgetcorp.example", "192.0.2.61", "de", "FRA", LINUX)
KOWALCZYK: Final = Visitor(
    "kowalczyk", "a.kowalczyk@widgetcorp.example", "198.51.100.88", "pl", "WAW", WINDOWS
)
OKAFOR: Final = Visitor("okafor", "c.okafor@widgetcorp.example", "192.0.2.130", "ng", "LOS", PHONE)
DGRAY: Final = Visitor(
    "", "d.gray@contractor.example", "203.0.113.19", "us", "DEN", WINDOWS, admitted=False
)
PRETENDER: Final = Visitor("srhea", "", "203.0.113.200", "nl", "AMS", LINUX)
CUSTOMER: Final = Visitor("", "", "2001:db8:7e::31", "fr", "CDG", PHONE)
SCANNER: Final = Visitor("", "", "203.0.113.245", "br", "GRU", "curl/8.16.0")
PROBE: Final = Visitor("", "", "192.0.2.250", "ie", "DUB", "widget-monitor/2.4")
COLOS: Final = ("LHR", "MAN", "SIN", "ARN", "DUB", "NRT", "FRA", "WAW", "LOS", "DEN", "AMS", "CDG", "GRU")  # fmt: skip
# Where Cloudflare takes the addresses near each of them to be: city, latitude, longitude.
NEAR: Final = {
    "LHR": ("London", "51.50853", "-0.12574"),
    "MAN": ("Manchester", "53.48095", "-2.23743"),
    "SIN": ("Singapore", "1.28967", "103.85007"),
    "ARN": ("Stockholm", "59.33258", "18.0649"),
    "DUB": ("Dublin", "53.33306", "-6.24889"),
    "NRT": ("Tokyo", "35.6895", "139.69171"),
    "FRA": ("Frankfurt am Main", "50.11552", "8.68417"),
    "WAW": ("Warsaw", "52.22977", "21.01178"),
    "LOS": ("Lagos", "6.45407", "3.39467"),
    "DEN": ("Denver", "39.73915", "-104.9847"),
    "AMS": ("Amsterdam", "52.37403", "4.88969"),
    "CDG": ("Paris", "48.85341", "2.3488"),
    "GRU": ("São Paulo", "-23.5475", "-46.63611"),
}


@dataclass(frozen=True, slots=True)
class Site:
    pages: tuple[str, ...]
    assets: tuple[str, ...]
    calls: tuple[str, ...]


SITES: Final = {
    JIRA: Site(
        (
            "/secure/Dashboard.jspa",
            "/projects/OPS/board",
            "/projects/OPS/board?sprint=31",
            "/issues/?jql=assignee%20%3D%20currentUser()",
            *(f"/browse/OPS-{number}" for number in range(112, 124)),
        ),
        ("/s/batch/app.css", "/s/batch/app.js", "/s/images/logo.png", "/s/images/avatar-07.png"),
        ("/rest/api/2/issue/recent", "/rest/board/1.0/unread", "/rest/api/2/myself"),
    ),
    WIKI: Site(
        (
            "/display/ENG/On-call+handbook",
            "/display/ENG/Deploy+checklist",
            "/display/OPS/Incident+2026-11-03",
            "/display/PEOPLE/Holiday+calendar",
            "/pages/viewpage.action?pageId=40961",
            "/pages/viewpage.action?pageId=41003",
            "/search?q=%C3%BCbergabe",
            "/search?q=rollback",
        ),
        ("/assets/wiki.css", "/assets/wiki.js", "/assets/header.png"),
        ("/api/summary?page=home", "/api/presence", "/api/notifications?limit=5"),
    ),
    WWW: Site(
        ("/", "/pricing", "/contact", "/blog/autumn-release"),
        ("/static/site.css", "/static/hero.png"),
        (),
    ),
}
# The URIs that are not answered with 200.
STATUSES: Final = {
    "/secure/admin/ViewApplicationProperties.jspa": 403,
    "/secure/admin/user/UserBrowser.jspa": 403,
    "/rest/auth/1/session": 401,
    "/display/ENG/Old+runbook": 404,
    "/browse/OPS-9999": 404,
    "/wp-login.php": 404,
    "/.env": 404,
    "/cgi-bin/status": 404,
    "/secure/CreateIssue.jspa": 302,
    "/pages/doeditpage.action?pageId=40961": 302,
    "/rest/api/2/issue/OPS-118/comment": 201,
    "/rest/api/2/issue/OPS-121/comment": 201,
    "/rest/api/2/attachment/20417": 204,
    "/rest/api/2/attachment/20931": 204,
    "/support": 302,
    "/cdn-cgi/access/logout": 302,
}


@dataclass(frozen=True, slots=True)
class Visit:
    """`pages` random pages, then `steps`: each a URI to view, or a method and a URI.

    The method AHEAD is a page that the browser fetched before anybody clicked.
    """

    visitor: Visitor
    host: str
    start: str
    pages: int
    steps: tuple[str, ...] = ()


VISITS: Final = (
    Visit(OKAFOR, WIKI, "17 07:04:10", 4),
    Visit(SRHEA, JIRA, "17 07:12:05", 1, ("/secure/Dashboard.jspa", "/browse/OPS-118")),
    Visit(LINDQVIST, JIRA, "17 08:31:40", 9),
    Visit(ZOE, WIKI, "17 08:47:12", 7, ("/display/ENG/Old+runbook",)),
    Visit(
        SRHEA, JIRA, "17 09:02:31", 5,
        ("/browse/OPS-118", "POST /rest/api/2/issue/OPS-118/comment", "/browse/OPS-9999"),
    ),
    Visit(OBRIEN, JIRA, "17 09:15:55", 7, ("POST /secure/CreateIssue.jspa", "/browse/OPS-124")),
    Visit(KOWALCZYK, WIKI, "17 10:20:03", 7),
    Visit(CUSTOMER, WWW, "17 10:41:19", 4),
    Visit(SCANNER, WWW, "17 10:44:02", 0, ("/wp-login.php", "/.env", "/cgi-bin/status")),
    Visit(DGRAY, JIRA, "17 11:05:48", 1),
    Visit(LINDQVIST, WIKI, "17 11:30:22", 6, ("GET /download/attachments/40961/rota.pdf",)),
    Visit(
        SRHEA, WIKI, "17 13:40:16", 4,
        (
            "/search?q=salary+bands",
            "/display/PEOPLE/Salary+bands",
            "/search?q=<script>alert(1)</script>",
            "POST /pages/doeditpage.action?pageId=40961",
            "/pages/viewpage.action?pageId=40961",
        ),
    ),
    Visit(OBRIEN, JIRA, "17 14:10:37", 9, ("DELETE /rest/api/2/attachment/20417",)),
    Visit(
        KOWALCZYK, JIRA, "17 15:01:09", 7,
        (
            "/secure/admin/ViewApplicationProperties.jspa",
            "/secure/admin/user/UserBrowser.jspa",
            "/secure/Dashboard.jspa",
        ),
    ),
    Visit(PRETENDER, WWW, "17 15:30:50", 2, ("POST /support",)),
    Visit(OKAFOR, JIRA, "17 16:00:26", 9),
    Visit(ZOE, JIRA, "17 17:20:44", 10),
    Visit(SRHEA_PHONE, WIKI, "17 22:17:33", 5, ("/display/ENG/On-call+handbook",)),
    Visit(TANAKA, JIRA, "17 23:54:15", 9, ("POST /rest/api/2/issue/OPS-121/comment",)),
    Visit(TANAKA, WIKI, "18 01:10:51", 8),
    Visit(LINDQVIST, JIRA, "18 06:31:07", 6),
    Visit(SRHEA_VPN, JIRA, "18 07:45:29", 5, ("/issues/?jql=project%20%3D%20SEC",)),
    Visit(SRHEA_PHONE, WIKI, "18 08:11:02", 3),
    Visit(ZOE, WIKI, "18 09:01:38", 6),
    Visit(OBRIEN, JIRA, "18 09:30:14", 4, ("GET /rest/auth/1/session",)),
    Visit(KOWALCZYK, JIRA, "18 10:12:57", 6),
    Visit(OKAFOR, WIKI, "18 11:26:40", 5),
    Visit(LINDQVIST, WIKI, "18 13:05:18", 5),
    Visit(
        SRHEA_VPN, WIKI, "18 14:05:45", 2,
        (
            "/display/PEOPLE/Salary+bands",
            "GET /download/attachments/41003/vendor-contract.pdf",
            "GET /cdn-cgi/access/logout",
        ),
    ),
    Visit(PRETENDER, WWW, "18 15:12:33", 2),
    Visit(CUSTOMER, WWW, "18 16:40:08", 3),
    *(Visit(PROBE, WIKI, f"{day} {hour:02}:20:00", 0, ("GET /api/ping",))
      for day in (17, 18) for hour in range(0, 24, 3)),
    # The last, so that the traffic before it stays as it was.
    Visit(
        SRHEA, JIRA, "18 17:31:26", 2,
        (
            "/browse/OPS-118",
            "AHEAD /browse/OPS-119",
            "GET /secure/attachmentzip/10318.zip",
            "DELETE /rest/api/2/attachment/20931",
        ),
    ),
)  # fmt: skip
