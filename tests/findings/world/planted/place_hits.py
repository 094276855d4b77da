"""Incidents of place and device."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from tests.findings.world.browsers import tool
from tests.findings.world.days import MINUTE
from tests.findings.world.people import Person, Trip
from tests.findings.world.places import (
    CONTINENTS,
    PLACES,
    TRIPS,
    Place,
)
from tests.findings.world.planted.plan import ANYTHING, Plan, by_day
from tests.findings.world.records import Asked
from tests.findings.world.sites import GIT

Plant = Callable[[Plan, int], None]


def new_country(plan: Plan, _number: int) -> None:
    """On a weekend, so that the flights are possible."""
    person, day = plan.take(is_weekend=True, fits=by_day)
    place = plan.far_away(person)
    client = plan.elsewhere(person, day, place)
    at = plan.local(person, day, 14)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    also = ("new_network", "off_hours", "person_at_risk")
    plan.hit("new_country", person.name, done, f"reads from {place.city} on a weekend", also)


def new_network(plan: Plan, _number: int) -> None:
    person, day = plan.take()
    client = plan.elsewhere(person, day, plan.laptop(person, day).place)
    at = plan.after_work(person, day, 45)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    what = f"reads from AS{client.network.asn}, which nobody used before"
    plan.hit("new_network", person.name, done, what, ("off_hours",))


def new_device(plan: Plan, _number: int) -> None:
    person, day = plan.take()
    client = replace(plan.laptop(person, day), device=plan.strange_device(person))
    at = plan.local(person, day, 12)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    what = f"reads with {client.device.family} on {client.device.system} from the usual network"
    plan.hit("new_device", person.name, done, what)


def atypical_country(plan: Plan, number: int) -> None:
    """A country of one visit in the first weeks, seen again after more than a month."""
    person, trip = plan.atypical[number]
    day = next(day for day in plan.judged[8:] if day.weekday() == 5)
    plan.reserve(person, [day])
    client = replace(plan.days.client(person, trip.first, at_home=False), day=day)
    at = plan.local(person, day, 14)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    what = f"reads from {trip.place.city}, where the person was in one trip, on {trip.first}"
    plan.hit("atypical_country", person.name, done, what, ("off_hours",))


def prepare_atypical(plan: Plan) -> None:
    usual = [person for person in plan.people if plan.is_usual(person)]
    for person in plan.chance.sample(usual, plan.shape.incidents):
        city = next(each for each in TRIPS if PLACES[each].country != person.home.country)
        first = plan.shape.first_day + timedelta(days=9)
        trip = Trip(PLACES[city], first, first + timedelta(days=1))
        person.leave = None
        person.trips.append(trip)
        plan.atypical.append((person, trip))


def travel(plan: Plan, number: int) -> None:
    """The usual browser, an hour later on another continent; each second one between two visits."""
    person, day = plan.take()
    place = plan.far_away(person)
    client = plan.elsewhere(person, day, place)
    begin, end = plan.days.spans[person.number, day]
    at = (end if number % 2 == 0 else begin) + 60 * MINUTE
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    also = (
        "new_country",
        "new_network",
        "off_hours",
        "two_places_at_once",
        "session_changed_hands",
        "person_at_risk",
    )
    plan.hit(
        "travel", person.name, done, f"is in {place.city} within hours of {person.home.city}", also
    )


def session_changed_hands(plan: Plan, number: int) -> None:
    """Somebody has the cookie: another network and another browser, and no login."""
    person, day = plan.take()
    usual = plan.laptop(person, day)
    own = plan.strange_device(person)
    place = usual.place if number % 2 == 0 else _near(person)
    client = plan.elsewhere(person, day, place, device=own)
    # Right after the first visit of the day, in which the person logged in.
    begin, _ = plan.days.spans[person.number, day]
    site = person.sites[0]
    plan.log_in(person, usual, site.host, begin + 2 * MINUTE)
    mine = plan.reads(usual, site, begin + 2 * MINUTE + 5, pages=4)
    done = plan.reads(client, site, mine[-1][0] + 20 * MINUTE, pages=8)
    also = (
        "new_network",
        "new_device",
        "new_country",
        "two_places_at_once",
        "travel",
        "request_without_login",
        "person_at_risk",
    )
    what = f"{own.family} on {own.system} at AS{client.network.asn} goes on with a session of {person.laptop.family}"
    plan.hit("session_changed_hands", person.name, done, what, also)


def two_places_at_once(plan: Plan, number: int) -> None:
    """In turns from home and from another country, for some ten minutes."""
    person, day = plan.take()
    usual = plan.laptop(person, day)
    place = plan.far_away(person) if number % 2 == 0 else _near(person)
    client = plan.elsewhere(person, day, place)
    at = plan.after_work(person, day, 30)
    site = person.sites[0]
    plan.log_in(person, client, site.host, at)
    done: list[tuple[float, str]] = []
    for _ in range(5):
        for each in (usual, client):
            at += 50
            done += plan.reads(each, site, at, pages=1)
    also = (
        "new_country",
        "new_network",
        "travel",
        "off_hours",
        "session_changed_hands",
        "person_at_risk",
    )
    what = f"reads in {usual.place.city} and {place.city} in turns"
    plan.hit("two_places_at_once", person.name, done, what, also)


def token_new_network(plan: Plan, number: int) -> None:
    """The token of a job is used from a network that the jobs never had."""
    person = plan.automated[number % len(plan.automated)]
    day = plan.judged[4 + 5 * number]
    plan.reserve(person, [day])
    place = PLACES["Bucharest"] if number % 2 else PLACES["Dublin"]
    client = plan.elsewhere(person, day, place, device=tool(person.tool))
    asks = [Asked(host=GIT.host, uri=GIT.calls[0](plan.chance), kind="call") for _ in range(12)]
    done = plan.asks(client, plan.local(person, day, 11), asks)
    what = f"{person.tool} with the person's token at AS{client.network.asn}"
    plan.hit("token_new_network", person.name, done, what, ANYTHING)


def prepare_automated(plan: Plan) -> None:
    """Some people have a job that runs under their token."""
    ready = [person for person in plan.people if person.tool]
    usual = [person for person in plan.people if plan.is_usual(person) and not person.is_taken]
    for person in usual[: max(0, 2 - len(ready))]:
        person.tool = "acme-ci/2.4 python-requests/2.32.5"
        ready.append(person)
    plan.automated.extend(ready)


def _near(person: Person) -> Place:
    """Another country of the same continent, at least 500 km away, or the next best."""
    here = CONTINENTS[person.home.country]
    cities = [
        place
        for place in PLACES.values()
        if CONTINENTS[place.country] == here
        and place.country != person.home.country
        and abs(place.longitude - person.home.longitude) > 12
    ]
    return cities[0] if cities else PLACES["Dubai"]


PLANTS: Mapping[str, Plant] = {
    "atypical_country": atypical_country,
    "token_new_network": token_new_network,
    "new_country": new_country,
    "new_network": new_network,
    "new_device": new_device,
    "travel": travel,
    "session_changed_hands": session_changed_hands,
    "two_places_at_once": two_places_at_once,
}
