"""Near misses of place and device."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.findings.world.days import MINUTE
from tests.findings.world.logs import HOUR
from tests.findings.world.people import Person
from tests.findings.world.places import (
    PLACES,
    PLANES,
    RELAYS,
    VPNS,
    WARP,
    Place,
    address,
)
from tests.findings.world.planted.plan import Plan, by_day
from tests.findings.world.records import Asked, Client
from tests.findings.world.sites import OPEN_HOST

ALL_PLACES = "travel new_country new_network atypical_country two_places_at_once session_changed_hands new_device token_new_network"


def cgnat(plan: Plan, _number: int) -> None:
    """The phone at a carrier, whose address changes, in turns with the laptop."""
    person, day = plan.take(fits=lambda person: person.phone is not None and person.relay is None)
    usual = plan.laptop(person, day)
    assert person.phone
    at = plan.after_work(person, day, 5)
    begin = at
    for turn in range(6):
        sent_from = address(100_000 + (person.mobile.asn * 8 + turn) % 1_000)
        phone = Client(person.name, sent_from, person.mobile, usual.place, person.phone, day)
        at = _turn(plan, person, (usual, phone), at)
    plan.miss(
        "CGNAT",
        ALL_PLACES,
        person.name,
        begin,
        at,
        "phone and laptop in turns, addresses of the carrier change",
    )


def plane(plan: Plan, number: int) -> None:
    """The network of an airline is where its ground station is."""
    person, day = plan.take()
    network = PLANES[number % len(PLANES)]
    place = PLACES["New York" if person.home.country != "us" else "London"]
    client = plan.elsewhere(person, day, place, network=network)
    at = plan.after_work(person, day, 100)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    plan.miss(
        "in-flight Wi-Fi",
        ALL_PLACES,
        person.name,
        at,
        done[-1][0],
        f"AS{network.asn} of an airline, said to be in {place.city}",
    )


def relay(plan: Plan, number: int) -> None:
    """The phone's addresses are those of Private Relay, in turns with the laptop."""
    person, day = plan.take(
        fits=lambda person: person.phone is not None and person.phone.system == "iPhone"
    )
    usual = plan.laptop(person, day)
    assert person.phone
    place = _other(person, "Paris", "Madrid")
    network = RELAYS[number % len(RELAYS)]
    at = begin = plan.after_work(person, day, 5)
    for _ in range(5):
        phone = plan.elsewhere(person, day, place, network=network, device=person.phone)
        at = _turn(plan, person, (usual, phone), at)
    plan.miss(
        "Private Relay",
        ALL_PLACES,
        person.name,
        begin,
        at,
        f"the phone through AS{network.asn} in {place.city}",
    )


def warp(plan: Plan, number: int) -> None:
    """The laptop switches WARP on, whose egress is in another country or on another continent."""
    person, day = plan.take()
    usual, site = plan.laptop(person, day), person.sites[0]
    place = (
        _other(person, "Dublin", "Paris") if number % 2 else _other(person, "Sydney", "Singapore")
    )
    tunnel = plan.elsewhere(person, day, place, network=WARP)
    at = begin = plan.after_work(person, day, 5)
    plan.log_in(person, usual, site.host, at)
    for client in (usual, tunnel, usual, tunnel):
        at = plan.reads(client, site, at + 60)[-1][0]
    plan.miss(
        "WARP egress",
        ALL_PLACES,
        person.name,
        begin,
        at,
        f"the laptop through WARP in {place.city}",
    )


def vpn(plan: Plan, number: int) -> None:
    """Somebody at home lets a provider of VPNs choose the country of the exit."""
    person, day = plan.take()
    place = PLACES["Sydney"] if number % 2 else PLACES["Singapore"]
    network = VPNS[number % len(VPNS)]
    client = plan.elsewhere(person, day, place, network=network)
    at = plan.after_work(person, day, 40)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    what = f"a VPN with an exit in {place.city}"
    begin, end = at, done[-1][0]
    plan.miss(
        "VPN",
        "travel two_places_at_once new_country atypical_country",
        person.name,
        begin,
        end,
        what,
    )
    if any(other.usual_tunnel == network for other in plan.people):
        plan.miss("VPN", "new_network", person.name, begin, end, f"{what}, which others use")
    else:
        plan.hit("new_network", person.name, done, what)


def short_hop(plan: Plan, _number: int) -> None:
    """A mobile carrier's gateway is in another city of the country."""
    person, day = plan.take(fits=lambda person: person.phone is not None and person.relay is None)
    assert person.phone
    usual = plan.laptop(person, day)
    others = [
        place
        for place in PLACES.values()
        if place.country == person.home.country and place != person.home
    ]
    place = others[0] if others else person.home
    sent_from = address(100_000 + (person.mobile.asn * 8 + 3) % 1_000)
    phone = Client(person.name, sent_from, person.mobile, place, person.phone, day)
    at = begin = plan.after_work(person, day, 5)
    for _ in range(4):
        at = _turn(plan, person, (usual, phone), at)
    plan.miss(
        "short hop", ALL_PLACES, person.name, begin, at, f"the carrier's gateway is in {place.city}"
    )


def flight(plan: Plan, number: int) -> None:
    """A weekend in another country of which the network is new: no travel, as planes fly so fast."""
    person, day = plan.take(is_weekend=True, fits=by_day)
    place = plan.far_away(person)
    client = plan.elsewhere(person, day, place)
    at = plan.local(person, day, 20 if day.weekday() == 5 else 12)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    plan.miss(
        "a flight",
        "travel two_places_at_once session_changed_hands",
        person.name,
        at - 30 * HOUR,
        done[-1][0] + 30 * HOUR,
        f"flies to {place.city} for a weekend",
    )
    plan.hit(
        "new_country",
        person.name,
        done,
        f"reads from {place.city} on a weekend",
        ("new_network", "off_hours", "person_at_risk"),
    )


def new_laptop(plan: Plan, _number: int) -> None:
    """A laptop of the same kind, set up in the office or at home."""
    person, day = plan.take()
    client = replace(plan.laptop(person, day), device=replace(person.laptop, delay=0))
    at = plan.after_work(person, day, 10)
    plan.log_in(person, client, person.sites[0].host, at)
    done = plan.reads(client, person.sites[0], at + 5)
    plan.miss(
        "a laptop of the same kind",
        "new_device session_changed_hands",
        person.name,
        at,
        done[-1][0],
        "another laptop of the same kind",
    )


def unnamed(plan: Plan, number: int) -> None:
    """A scanner without a name, and a customer on the open host."""
    day = plan.judged[5 + number]
    client = Client(
        "",
        address(45_000 + number),
        plan.strange_network(),
        PLACES["Hanoi"],
        plan.strange_device(plan.people[0]),
        day,
    )
    at = plan.local(plan.people[0], day, 12)
    uris = ("/.env", "/wp-login.php", "/", "/offers/1") * 10
    done = plan.asks(
        client, at, [Asked(host=OPEN_HOST, uri=uri, status=404, origin=0) for uri in uris], step=1
    )
    plan.miss(
        "a scanner without a name",
        "decoy_path forgeable_identity refusal_burst",
        "",
        at,
        done[-1][0],
        "no name is sent",
    )


def _turn(plan: Plan, person: Person, clients: Sequence[Client], at: float) -> float:
    for client in clients:
        at = plan.days.visit(person, client, person.sites[0], at + 20, plan.chance)
        at = min(at, at + 2 * MINUTE)
    return at


def _other(person: Person, *cities: str) -> Place:
    return next(PLACES[city] for city in cities if PLACES[city].country != person.home.country)


PLANTS: Sequence[Callable[[Plan, int], None]] = (
    cgnat,
    plane,
    relay,
    warp,
    vpn,
    short_hop,
    flight,
    new_laptop,
    unnamed,
)
