"""Incidents of time and login, and of trust in the log."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from tests.findings.world.browsers import tool
from tests.findings.world.days import MINUTE, midnight, moment
from tests.findings.world.logs import DAY, HOUR
from tests.findings.world.planted.place_hits import Plant
from tests.findings.world.planted.plan import ANYTHING, Plan, by_day
from tests.findings.world.records import Asked
from tests.findings.world.sites import CRM, DECOYS, FILES, GIT, OPEN_HOST

# The Logpush jobs of the company.
JOB = 4711
# Of the 45 days of silence that make somebody dormant, and 14 active days before.
ACTIVE_DAYS = 17


def off_hours(plan: Plan, number: int) -> None:
    """At three at night, with a strange browser or from a strange network."""
    person, day = plan.take(fits=by_day)
    usual = plan.laptop(person, day)
    own = plan.strange_device(person)
    client = (
        replace(usual, device=own) if number % 2 == 0 else plan.elsewhere(person, day, usual.place)
    )
    at = plan.local(person, day, 3)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    also = ("new_device", "new_network", "person_at_risk")
    plan.hit("off_hours", person.name, done, "works at three at night, with something new", also)


def prepare_dormant(plan: Plan) -> None:
    """Some work each day for the first weeks, and then nothing until the last days."""
    usual = [person for person in plan.people if plan.is_usual(person)]
    for number, person in enumerate(plan.chance.sample(usual, plan.shape.incidents)):
        person.is_taken = True
        person.weekdays = frozenset(range(7))
        last = plan.shape.first_day + timedelta(days=ACTIVE_DAYS)
        person.leave = (last, plan.shape.last_day)
        plan.dormant.append((person, plan.shape.last_day - timedelta(days=number % 2)))


def dormant_returns(plan: Plan, number: int) -> None:
    person, day = plan.dormant[number]
    client = plan.days.client(person, day, at_home=True)
    at = plan.local(person, day, 11)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    also = ("off_hours", "new_network")
    plan.hit("dormant_returns", person.name, done, f"is back after {person.leave}", also)


def request_without_login(plan: Plan, _number: int) -> None:
    """On a Sunday, of somebody who works on weekdays: the session of Friday is over."""
    person, day = plan.take(is_weekend=True, fits=by_day)
    day += timedelta(days=6 - day.weekday())
    client = plan.laptop(person, day)
    site = CRM if CRM in person.sites else FILES
    done = plan.reads(client, site, plan.local(person, day, 15), pages=8)
    what = "requests passed Access, and the last login is days ago"
    plan.hit("request_without_login", person.name, done, what, ("off_hours",))


def after_logout(plan: Plan, _number: int) -> None:
    """After the logout of the evening the same browser goes on; then comes a login."""
    person, day = plan.take()
    client, site = plan.laptop(person, day), person.sites[0]
    at = plan.after_work(person, day, 10)
    plan.log_in(person, client, site.host, at - 3 * MINUTE)
    plan.reads(client, site, at - 2.9 * MINUTE, pages=2)
    plan.log_in(person, client, "acme.cloudflareaccess.com", at, Action="logout")
    done = plan.reads(client, site, at + 8 * MINUTE, pages=8)
    for place, each in enumerate(dict.fromkeys(person.sites)):
        again = done[-1][0] + (5 + place) * MINUTE
        plan.log_in(person, client, each.host, again)
        plan.reads(client, each, again + 3, pages=2)
    also = ("request_without_login", "off_hours")
    plan.hit("after_logout", person.name, done, "requests after the logout", also)


def login_without_requests(plan: Plan, _number: int) -> None:
    person, day = plan.take()
    client = plan.elsewhere(person, day, plan.laptop(person, day).place)
    at = plan.after_work(person, day, 90)
    ray = plan.log_in(person, client, person.sites[0].host, at)
    what = "an allowed login that no request follows"
    plan.hit("login_without_requests", person.mail, [(at, ray)], what, ("off_hours", "new_network"))


def forgeable_identity(plan: Plan, number: int) -> None:
    """Somebody sends the person's name to a host that no application covers."""
    person, day = plan.take()
    usual = plan.laptop(person, day)
    device = plan.strange_device(person) if number % 2 == 0 else tool("curl/8.16.0")
    client = plan.elsewhere(person, day, usual.place, device=device)
    asks = [Asked(host=OPEN_HOST, uri=f"/offers/{place}") for place in range(5)]
    done = plan.asks(client, plan.local(person, day, 11), asks)
    plan.hit("forgeable_identity", person.name, done, f"the name on {OPEN_HOST}", ANYTHING)


def person_at_risk(plan: Plan, _number: int) -> None:
    """Everything at once: a strange place, browser and hour, refusals and a decoy."""
    person, day = plan.take(fits=by_day)
    usual, site = plan.laptop(person, day), person.sites[0]
    client = plan.elsewhere(person, day, usual.place, device=plan.strange_device(person))
    at = plan.local(person, day, 3)
    plan.log_in(person, client, site.host, at)
    done = plan.reads(client, site, at + 5, pages=3)
    paths = (*site.admin, "/admin/keys", "/api/admin/users", "/api/tokens", DECOYS[0])
    asks = [Asked(host=site.host, uri=paths[place % len(paths)], status=403) for place in range(20)]
    done += plan.asks(client, done[-1][0] + 60, asks, step=15)
    what = "a strange browser and network at three at night, refusals and a decoy"
    plan.hit("person_at_risk", person.name, done, what, ANYTHING)


def logging_turned_off(plan: Plan, number: int) -> None:
    """Somebody switches the job off or deletes it, and for some hours nothing is logged."""
    person, since = plan.switched_off[number]
    what = ("Disable Logpush job", "Delete Logpush job")[number % 2]
    plan.log.act(person.mail, person.home_address, since - 60, what, JOB + number % 2)
    until = since + 3 * HOUR
    done = [(since - 60, ""), (until, "")]
    plan.hit("logging_turned_off", person.mail, done, what, ("silent_source",))


def prepare_logging(plan: Plan) -> None:
    usual = [person for person in plan.people if plan.is_usual(person)]
    days = [day for day in plan.judged if day.weekday() == 1]
    for number in range(min(plan.shape.incidents, 2)):
        since = plan.local(usual[number], days[1 + number % 2], 13)
        plan.switched_off.append((usual[number], since))
        plan.log.silent.append((since, since + 3 * HOUR, ""))
        plan.silent_hours.append((since, since + 3 * HOUR))


def prepare_silent_source(plan: Plan) -> None:
    """One host is not logged for days on which people work."""
    for number in range(min(plan.shape.incidents, 2)):
        # From the evening of a day on which logging is off for some hours, all of the next day.
        since = midnight("UTC", plan.judged[8 + 7 * number]) + 21 * HOUR
        until = since + 27 * HOUR
        host = (FILES.host, GIT.host)[number % 2]
        plan.log.silent.append((since, until, host))
        plan.silent_hosts.append((since, until, host))


def silent_source(plan: Plan, number: int) -> None:
    since, until, host = plan.silent_hosts[number]
    done = [(since, ""), (until, "")]
    plan.hit("silent_source", None, done, f"nothing of {host} until {moment(until)}", ANYTHING)


def clock(plan: Plan, _number: int) -> None:
    """Records of the day after tomorrow arrive today."""
    person, day = plan.take()
    client, site = plan.laptop(person, day), person.sites[0]
    at = plan.local(person, day, 12) + 2 * DAY
    done = []
    for place in range(6):
        asked = Asked(host=site.host, uri=site.pages[0](plan.chance))
        when = at + place * 30
        done.append((when, plan.log.ask(client, when, asked, arrives=when - 2 * DAY)))
    plan.hit(
        "clock", person.name, done, "requests that began two days after they arrived", ANYTHING
    )


PLANTS: Mapping[str, Plant] = {
    "dormant_returns": dormant_returns,
    "off_hours": off_hours,
    "request_without_login": request_without_login,
    "after_logout": after_logout,
    "login_without_requests": login_without_requests,
    "forgeable_identity": forgeable_identity,
    "person_at_risk": person_at_risk,
    "logging_turned_off": logging_turned_off,
    "silent_source": silent_source,
    "clock": clock,
}
