"""What a login proves: its application covered host and path around that time, and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from queries.engine import Engine
from queries.identity.person import Person
from queries.period import Period
from queries.trail import trail
from store import timestamps
from store.reading.snapshot import Snapshot
from store.registers.application_version import Application, ApplicationVersion
from tests.factories import login, record

Snapshots = Callable[..., Snapshot]
Engines = Callable[..., Engine]
Graded = Callable[..., list[str]]

START = datetime(2026, 3, 1, 9)  # noqa: DTZ001 (UTC without a zone, as in the store)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
HOST = "shop.acme.example"
SHOP = "0f7e2a5f-02b7-4d9d-af26-8d1988fca631"


def at(moment: datetime, url: str = f"{HOST}/") -> dict[str, Any]:
    host, slash, path = url.partition("/")
    time = timestamps.to_text(moment)
    return record(
        ClientRequestHost=host,
        ClientRequestURI=slash + path,
        EdgeStartTimestamp=time,
        EdgeEndTimestamp=time,
    )


def login_at(moment: datetime, domain: str = HOST, **changes: Any) -> dict[str, Any]:
    told = {"AppDomain": domain, "CreatedAt": timestamps.to_text(moment), "AppUUID": SHOP}
    return login(**{**told, "RayID": f"{moment:%m%d%H%M%S}", **changes})


def known(
    *covers: str,
    since: datetime,
    until: datetime | None = None,
    listed_at: datetime,
    application: str = "another",
    lasts: str = "",
    opens: tuple[str, ...] = (),
) -> ApplicationVersion:
    told = Application(
        id=application,
        name="",
        type="self_hosted",
        aud="",
        covers=covers,
        opens=opens,
        session_duration=lasts,
    )
    return ApplicationVersion(told, since, until, listed_at)


@pytest.fixture
def graded(engine: Engines, snapshot: Snapshots) -> Graded:
    """The grades of requests, where these logins and versions of applications are known."""

    def graded(
        requests: Sequence[Mapping[str, Any]],
        logins: Sequence[Mapping[str, Any]] = (),
        held: Sequence[ApplicationVersion] = (),
        period: Period | None = None,
    ) -> list[str]:
        sent = [{**each, "RayID": f"{number:016x}"} for number, each in enumerate(requests)]
        taken = replace(snapshot(sent, logins), applications=tuple(held))
        rows = {
            row.ray_id: row.identity
            for row in trail(engine(taken), Person.only("srhea"), period or Period())
        }
        return [rows[each["RayID"]] for each in sent]

    return graded


def test_a_name_on_a_public_path_of_a_host_with_an_application_is_unconfirmed(
    graded: Graded,
) -> None:
    urls = ["/public/catalog", "/admin", "/admin/orders?x=1", "/administrator", "/ADMIN", "/"]
    requests = [at(START + timedelta(hours=1), HOST + url) for url in urls]

    found = graded(requests, [login_at(START, f"{HOST}/admin")])

    assert dict(zip(urls, found, strict=True)) == {
        "/public/catalog": "unconfirmed",
        "/admin": "access",
        "/admin/orders?x=1": "access",
        "/administrator": "unconfirmed",
        "/ADMIN": "unconfirmed",
        "/": "unconfirmed",
    }


CROOKED = (
    "/admin/../public",
    "/admin/%2e%2e/public",
    "/admin%2fx",
    "/admin//x",
    "/admin/.",
    "/x\\",
)


def test_a_path_that_access_may_read_in_another_way_is_unconfirmed(graded: Graded) -> None:
    requests = [at(START, HOST + path) for path in CROOKED]

    assert set(graded(requests, [login_at(START, f"{HOST}/admin")])) == {"unconfirmed"}
    assert set(graded(requests, [login_at(START, HOST)])) == {"access"}


@pytest.mark.parametrize(
    ("domain", "covered", "other"),
    [
        ("*.acme.example", HOST, "deep.shop.acme.example"),
        ("*.acme.example/app*", f"{HOST}/apps", f"{HOST}/ap"),
        (f"{HOST}/app/*", f"{HOST}/app/x", f"{HOST}/app"),
        (f"https://{HOST.upper()}:443/app", f"{HOST}:8443/app", f"{HOST}/"),
        (f" {HOST} ", f"{HOST}/", "acme.example/"),
    ],
)
def test_the_domain_of_a_login_may_have_wildcards(
    graded: Graded, domain: str, covered: str, other: str
) -> None:
    found = graded([at(START, covered), at(START, other)], [login_at(START, domain)])

    assert found == ["access", "unconfirmed"]


def test_a_login_proves_a_day_before_and_a_day_after_it(graded: Graded) -> None:
    moments = [START - DAY - SECOND, START - DAY, START, START + DAY - SECOND, START + DAY]

    found = graded([at(each) for each in moments], [login_at(START)])

    assert found == ["unconfirmed", "access", "access", "access", "unconfirmed"]


@pytest.mark.parametrize(("days", "between"), [(31, "access"), (31.1, "unconfirmed")])
def test_between_two_logins_within_a_month_the_application_was_there(
    graded: Graded, days: float, between: str
) -> None:
    logins = [login_at(START), login_at(START + days * DAY)]
    middle = at(START + 15 * DAY)

    assert graded([middle], logins) == [between]
    # A narrower question finds the same.
    narrow = Period(START + 14 * DAY, START + 16 * DAY)
    assert graded([middle], logins, period=narrow) == [between]


def test_logins_to_two_applications_say_nothing_of_the_time_between_them(graded: Graded) -> None:
    logins = [login_at(START), login_at(START + 9 * DAY, f"{HOST}/admin", AppUUID="other")]

    assert graded([at(START + 5 * DAY)], logins) == ["unconfirmed"]


def test_a_refused_login_proves_it_too_but_a_logout_does_not(graded: Graded) -> None:
    assert graded([at(START)], [login_at(START, Allowed=False)]) == ["access"]
    assert graded([at(START)], [login_at(START, Action="logout")]) == ["unconfirmed"]
    assert graded([at(START)], [login_at(START, Action="warpEnrollment")]) == ["unconfirmed"]


def test_a_request_without_a_time_is_unconfirmed(graded: Graded) -> None:
    timeless = {**at(START), "EdgeStartTimestamp": None, "EdgeEndTimestamp": None}

    assert graded([timeless], [login_at(START)]) == ["unconfirmed"]


def test_the_session_length_of_the_application_is_used_where_it_is_known(graded: Graded) -> None:
    # The application was listed later; what it was before is not known, but its logins are.
    later = START + 30 * DAY
    requests = [at(START + DAY + SECOND), at(START - DAY - SECOND), at(START + 2 * DAY)]

    def found(lasts: str) -> list[str]:
        held = known(
            "elsewhere.example", since=later, listed_at=later, application=SHOP, lasts=lasts
        )
        return graded(requests, [login_at(START)], [held])

    assert found("48h") == ["access", "access", "unconfirmed"]
    assert found("0s") == found("") == found("nonsense") == ["unconfirmed"] * 3


def test_the_list_decides_over_a_login_to_an_application_that_was_removed(graded: Graded) -> None:
    removed_at = START + timedelta(hours=3)
    held = known(HOST, since=START - DAY, until=removed_at, listed_at=START - DAY, application=SHOP)
    before, after = at(removed_at - SECOND), at(removed_at)

    for told in (
        login_at(START),
        login_at(START, AppUUID="unknown"),
        login_at(START, AppUUID=None),
    ):
        assert graded([before, after], [told], [held]) == ["access", "unconfirmed"]
    # It came back as another application, which is not in the list yet.
    again = login_at(removed_at + DAY, AppUUID="new", domain=f"{HOST}/new")
    found = graded([after, at(removed_at + DAY, f"{HOST}/new")], [login_at(START), again], [held])
    assert found == ["unconfirmed", "access"]


def test_the_list_decides_over_a_login_while_it_was_pulled(graded: Graded) -> None:
    """Another application changed later, so that the list was known at the time of the login."""
    first, last = START - 5 * DAY, START + 5 * DAY
    other = [
        known("a.example", since=first, until=last, listed_at=first),
        known("b.example", since=last, listed_at=last),
    ]
    moments = [first - SECOND, START, last + SECOND]
    requests = [at(each) for each in moments]

    assert graded(requests, [login_at(START)], other) == ["unconfirmed"] * 3
    every = [login_at(each) for each in (first - SECOND, START, last + SECOND)]
    assert graded(requests, every, other) == ["access", "unconfirmed", "access"]
    # Neither side of it reaches into the time of the list.
    inside = [at(first + SECOND), at(last - SECOND)]
    assert graded(inside, every, other) == ["unconfirmed", "unconfirmed"]


def test_a_path_that_the_list_leaves_open_is_unconfirmed_in_spite_of_a_login(
    graded: Graded,
) -> None:
    listed = START - 5 * DAY
    held = [known(opens=(f"{HOST}/public",), since=listed, listed_at=listed)]
    requests = [at(START, f"{HOST}/public/x"), at(START, f"{HOST}/x")]

    assert graded(requests, [login_at(START)], held) == ["unconfirmed", "access"]
