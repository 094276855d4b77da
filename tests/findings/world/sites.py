"""The company's applications: their pages, what the pages load, their files and their admin paths."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

DOMAIN = "acme.example"
# Nobody is named here, and no application of Access covers it.
OPEN_HOST = f"www.{DOMAIN}"

Path = Callable[[Random], str]


@dataclass(frozen=True, slots=True)
class Site:
    host: str
    pages: tuple[Path, ...]
    calls: tuple[Path, ...]
    files: tuple[Path, ...]
    admin: tuple[str, ...] = ()


ASSETS = ("/assets/app.js", "/assets/app.css", "/assets/logo.png", "/assets/inter.woff2")


def _fixed(*paths: str) -> tuple[Path, ...]:
    return tuple((lambda _chance, path=path: path) for path in paths)


def _numbered(text: str, first: int, last: int) -> Path:
    return lambda chance: text.format(chance.randint(first, last))


JIRA = Site(
    f"jira.{DOMAIN}",
    (
        *_fixed("/secure/Dashboard.jspa", "/projects/OPS/board"),
        _numbered("/browse/OPS-{}", 100, 900),
        _numbered("/browse/WEB-{}", 100, 900),
    ),
    (*_fixed("/rest/api/2/myself"), _numbered("/rest/api/2/issue/{}", 10_000, 10_400)),
    (_numbered("/secure/attachment/{}/screenshot.zip", 20_000, 21_000),),
    ("/secure/admin/ViewApplicationProperties.jspa", "/secure/admin/user/UserBrowser.jspa"),
)
WIKI = Site(
    f"wiki.{DOMAIN}",
    (
        *_fixed(
            "/display/ENG/Handbook",
            "/display/ENG/Deploy",
            "/display/PEOPLE/Holidays",
            "/dashboard.action",
        ),
        _numbered("/pages/viewpage.action?pageId={}", 40_000, 40_600),
        _numbered("/display/OPS/Incident+{}", 1, 60),
    ),
    _fixed("/rest/quicknav/1/search", "/rest/likes/1/content"),
    (_numbered("/download/attachments/{}/slides.pdf", 40_000, 40_600),),
    ("/admin/users/browseusers.action", "/admin/console.action"),
)
GIT = Site(
    f"git.{DOMAIN}",
    (
        *_fixed("/acme/shop", "/acme/api", "/acme/infra"),
        _numbered("/acme/shop/pulls/{}", 1, 900),
        _numbered("/acme/api/issues/{}", 1, 900),
    ),
    (_numbered("/api/v4/projects/{}/pipelines", 1, 40),),
    (_numbered("/acme/shop/archive/{}.zip", 100, 200),),
    ("/admin/users", "/admin/runners"),
)
CRM = Site(
    f"crm.{DOMAIN}",
    (
        *_fixed("/home", "/reports/pipeline"),
        _numbered("/accounts/{}", 5_000, 9_000),
        _numbered("/contacts/{}", 50_000, 60_000),
    ),
    (_numbered("/api/accounts/{}/activity", 5_000, 9_000),),
    (_numbered("/exports/{}/accounts.csv", 100, 999),),
    ("/settings/users", "/admin/audit"),
)
FILES = Site(
    f"files.{DOMAIN}",
    (*_fixed("/", "/shared", "/recent"), _numbered("/folders/{}", 300, 700)),
    (_numbered("/api/folders/{}", 300, 700),),
    (_numbered("/files/{}/download/contract.pdf", 7_000, 9_900),),
    ("/admin/shares",),
)
HR = Site(
    f"hr.{DOMAIN}",
    (*_fixed("/me", "/absences"), _numbered("/employees/{}", 1, 400)),
    _fixed("/api/absences"),
    (_numbered("/payslips/{}/payslip.pdf", 100, 900),),
    ("/admin/payroll",),
)
# Introduced in the judged weeks, for everybody.
CHAT = Site(
    f"chat.{DOMAIN}",
    (
        *_fixed("/", "/channels/general"),
        _numbered("/channels/{}", 1, 80),
        *_fixed("/settings/profile"),
    ),
    _fixed("/api/v4/posts", "/api/v4/typing"),
    (_numbered("/files/{}/image.zip", 1, 999),),
    ("/admin_console",),
)
SITES = (JIRA, WIKI, GIT, CRM, FILES, HR)
EVERY = (*SITES, CHAT)
# Which teams use which sites; every one has the wiki and the tickets.
TEAMS = {
    "engineering": (JIRA, WIKI, GIT, GIT, GIT),
    "sales": (CRM, CRM, CRM, WIKI, FILES),
    "support": (JIRA, JIRA, CRM, WIKI),
    "office": (FILES, FILES, WIKI, JIRA),
    "people": (HR, HR, HR, WIKI, FILES),
}
TEAM_WEIGHTS = {"engineering": 5, "sales": 4, "support": 4, "office": 3, "people": 2}
DECOYS = (
    "/.env",
    "/.git/config",
    "/backup.sql",
    "/wp-login.php",
    "/phpmyadmin/index.php",
    "/.aws/credentials",
)
