"""Near misses of time and of logins."""

from collections.abc import Callable, Sequence

from tests.findings.world.days import MINUTE
from tests.findings.world.logs import HOUR
from tests.findings.world.planted.plan import Plan, by_day
from tests.findings.world.records import Asked
from tests.findings.world.sites import FILES, HR


def session_over(plan: Plan, _number: int) -> None:
    """The session ends: a call is refused, the person logs in, and it works."""
    person, day = plan.take()
    client, site, at = plan.laptop(person, day), person.sites[0], plan.after_work(person, day, 5)
    call = site.calls[0](plan.chance)
    begin = at
    plan.asks(
        client, at, [Asked(host=site.host, uri=call, kind="call", status=401, origin=0)] * 2, step=2
    )
    plan.log_in(person, client, site.host, at + 20)
    done = plan.asks(client, at + 25, [Asked(host=site.host, uri=call, kind="call")] * 3, step=3)
    plan.miss(
        "the session ends",
        "refused_then_allowed refusal_burst",
        person.name,
        begin,
        done[-1][0],
        "401, login, 200",
    )


def logged_out_and_in(plan: Plan, _number: int) -> None:
    """A logout, one request that was on its way, and a login before the next."""
    person, day = plan.take()
    client, site, at = plan.laptop(person, day), person.sites[0], plan.after_work(person, day, 5)
    plan.log_in(person, client, site.host, at)
    done = plan.reads(client, site, at + 3, pages=2)
    out = done[-1][0] + 60
    plan.log_in(person, client, "acme.cloudflareaccess.com", out, Action="logout")
    plan.asks(client, out + 2, [Asked(host=site.host, uri=site.calls[0](plan.chance), kind="call")])
    for place, each in enumerate(dict.fromkeys((*person.sites, FILES, HR))):
        again = out + (20 + place) * MINUTE
        plan.log_in(person, client, each.host, again)
        done = plan.reads(client, each, again + 3, pages=2)
    plan.miss(
        "a login after the logout",
        "after_logout request_without_login login_without_requests",
        person.name,
        at,
        done[-1][0],
        "logs out, and in again",
    )


def login_in_silence(plan: Plan, number: int) -> None:
    """A login while no requests were logged: nothing is known of what followed."""
    if not plan.silent_hours or not plan.shape.has_logins:
        return
    since, until = plan.silent_hours[number % len(plan.silent_hours)]
    person, _ = plan.take()
    client = plan.laptop(person, plan.judged[8])
    at = since + 0.7 * (until - since) + number
    # The silence is of the requests alone.
    silent, plan.log.silent = plan.log.silent, []
    plan.log_in(person, client, person.sites[0].host, at)
    plan.log.silent = silent
    plan.miss(
        "no data in this hour",
        "login_without_requests",
        person.mail,
        since,
        until,
        "requests were not logged",
    )


def late(plan: Plan, _number: int) -> None:
    """Requests arrive two days late, and so does the login before them."""
    person, day = plan.take()
    client, site, at = plan.laptop(person, day), person.sites[0], plan.after_work(person, day, 5)
    plan.log_in(person, client, site.host, at)
    begin = at
    for _ in range(6):
        at += 30
        plan.log.ask(
            client,
            at,
            Asked(host=site.host, uri=site.pages[-1](plan.chance)),
            arrives=at + 50 * HOUR,
        )
    plan.miss(
        "late data",
        "login_without_requests request_without_login clock silent_source",
        person.name,
        begin,
        at,
        "requests arrive two days late",
    )


def overtime(plan: Plan, number: int) -> None:
    """Once until late at night, with nothing else unusual."""
    person, day = plan.take(is_weekend=number % 2 == 1, fits=by_day)
    client, site = plan.days.client(person, day, at_home=True), person.sites[0]
    at = plan.local(person, day, 23.4)
    plan.log_in(person, client, site.host, at)
    done = plan.reads(client, site, at + 5)
    plan.miss(
        "overtime",
        "off_hours",
        person.name,
        at,
        done[-1][0],
        "works until late, at home, with the usual laptop",
    )


PLANTS: Sequence[Callable[[Plan, int], None]] = (
    session_over,
    logged_out_and_in,
    login_in_silence,
    late,
    overtime,
)
