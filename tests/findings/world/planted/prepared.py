"""What has to be known before the ordinary days are made: near misses of the whole company, and
people whose life is unusual.
"""

from datetime import date, timedelta
from random import Random

from tests.findings.world.browsers import Device
from tests.findings.world.days import midnight
from tests.findings.world.logs import DAY, HOUR
from tests.findings.world.people import Office
from tests.findings.world.places import FIRST_ASN, PLACES, Kind, Network
from tests.findings.world.planted import place_hits, time_hits
from tests.findings.world.planted.plan import Plan
from tests.findings.world.records import Asked, Client
from tests.findings.world.sites import CHAT, FILES, WIKI

NEW_PROVIDER = FIRST_ASN + 2_000
KIOSK = Device("Firefox", "Linux", delay=2)
# Both changes of the clocks in the year of the company.
CLOCKS_CHANGE = (date(2026, 10, 25), date(2026, 11, 1))


def prepare(plan: Plan) -> None:
    homes = plan.days.known_homes
    for person in plan.people:
        is_home = not person.usual_tunnel and (not person.office or plan.shape.days_at_home > 0.1)
        if is_home and person.pattern == "days" and person.first_day == plan.shape.first_day:
            homes[person.home.country].add(person.home_network)
    place_hits.prepare_atypical(plan)
    place_hits.prepare_automated(plan)
    time_hits.prepare_dormant(plan)
    time_hits.prepare_logging(plan)
    time_hits.prepare_silent_source(plan)
    _new_application(plan)
    _new_provider(plan)
    _moved_by_geoip(plan)
    _heavy_readers(plan)
    for person in plan.people:
        _whole_weeks(plan, person.number)
    _of_everybody(plan)


def _new_application(plan: Plan) -> None:
    day = plan.judged[7]
    plan.days.added_site = (day, CHAT)
    since = midnight("UTC", day)
    plan.miss(
        "new application for everybody",
        "reads_unlike_peers admin_path_first_time",
        None,
        since,
        since + 3 * DAY,
        f"{CHAT.host} is introduced on {day}",
    )


def _new_provider(plan: Plan) -> None:
    if not plan.shape.offices:
        return
    city, day = plan.shape.offices[0], plan.judged[9]
    moved = Office(PLACES[city], Network(NEW_PROVIDER, Kind.OFFICE), "203.0.113.200")
    plan.days.office_moves.append((day, city, moved))
    since = midnight(PLACES[city].zone, day)
    for person in plan.people:
        if person.office == city:
            plan.note(person, day, f"the office in {city} has a new provider")
            plan.miss(
                "the office changes its provider",
                "new_network travel new_country session_changed_hands token_new_network",
                person.name,
                since,
                since + DAY,
                f"AS{NEW_PROVIDER} in {city}",
            )


def _moved_by_geoip(plan: Plan) -> None:
    """A network of homes is said to be elsewhere for three days."""
    chosen = max(
        ((person.home_network, person.home) for person in plan.people if not person.usual_tunnel),
        key=lambda home: sum(person.home_network == home[0] for person in plan.people),
    )
    network, home = chosen
    there = PLACES["Tokyo" if home.country != "jp" else "Paris"]
    first, last = plan.judged[12], plan.judged[14]
    plan.days.geo_moves.append((first, last, network, there))
    since, until = midnight(home.zone, first), midnight(home.zone, last) + DAY
    for person in plan.people:
        if person.home_network == network:
            plan.note(person, first, f"AS{network.asn} is said to be in {there.city} until {last}")
            plan.reserve(person, plan.judged[12:15])
            plan.miss(
                "GeoIP moves a network",
                "travel new_country atypical_country two_places_at_once",
                person.name,
                since,
                until,
                f"AS{network.asn} said to be in {there.city}",
            )


def _heavy_readers(plan: Plan) -> None:
    """Whose work is to take many large files each day."""
    usual = [person for person in plan.people if plan.is_usual(person)]
    for person in plan.chance.sample(usual, plan.shape.near_misses):
        person.is_taken = True
        plan.heavy.append(person)


def heavy_days(plan: Plan) -> None:
    for person in plan.heavy:
        for (number, day), (_, end) in list(plan.days.spans.items()):
            if number != person.number:
                continue
            chance = Random(f"heavy {number} {day}")
            client = plan.laptop(person, day)
            at = plan.days.sign_in(person, client, FILES.host, end + 60, "laptop")
            for _ in range(chance.randint(25, 40)):
                size = int(chance.uniform(20, 60) * 1_000_000)
                plan.log.ask(
                    client,
                    at,
                    Asked(host=FILES.host, uri=FILES.files[0](chance), kind="file", size=size),
                )
                at += 45
        since, until = plan.judged_span()
        plan.miss(
            "many files each day",
            "mass_download enumeration",
            person.name,
            since,
            until,
            "takes some 30 large files each day",
        )


def _whole_weeks(plan: Plan, number: int) -> None:
    """Near misses that last for all the judged weeks."""
    person = plan.people[number]
    since, until = plan.judged_span()
    if person.tool:
        plan.miss(
            "CI under a person's token",
            "tool_user_agent two_places_at_once travel off_hours session_changed_hands enumeration new_device dormant_returns",
            person.name,
            since,
            until,
            f"{person.tool} runs day and night",
        )
    if person.pattern == "shift":
        plan.miss("shifts", "off_hours", person.name, since, until, "another shift each week")
    if len(person.trips) > 1:
        plan.miss(
            "a traveller by plane",
            "travel new_country two_places_at_once new_network atypical_country",
            person.name,
            since,
            until,
            f"flies to {person.trips[0].place.city} every three weeks",
        )
    if person.first_day > plan.shape.first_day:
        plan.miss(
            "a newcomer",
            "new_country new_network new_device off_hours admin_path_first_time mass_download reads_unlike_peers dormant_returns",
            person.name,
            since,
            until,
            f"is here since {person.first_day}",
        )
    if person.leave and not person.is_taken and person.leave[1] >= plan.judged[0]:
        back = midnight(person.home.zone, person.leave[1])
        plan.miss(
            "back from leave",
            "dormant_returns new_network new_device",
            person.name,
            back,
            back + 7 * DAY,
            "was away for at most three weeks",
        )


def _of_everybody(plan: Plan) -> None:
    update = plan.shape.first_day + timedelta(days=50)
    since = midnight("UTC", update)
    plan.miss(
        "browser update day",
        "new_device session_changed_hands",
        None,
        since,
        since + 6 * DAY,
        "Chrome's JA4 changes within five days",
    )
    for day in CLOCKS_CHANGE:
        since = midnight("UTC", day)
        plan.miss("daylight saving", "off_hours", None, since, since + 7 * DAY, "the clocks change")
    for day in plan.judged:
        if day.weekday() == 5:
            since = midnight("UTC", day)
            plan.miss(
                "a weekend",
                "silent_source",
                None,
                since + 3 * HOUR,
                since + 36 * HOUR,
                "nobody works",
            )


def kiosk(plan: Plan) -> None:
    """A shared browser in an office, which people use after each other with logins of their own."""
    if not plan.shape.offices:
        return
    city = plan.shape.offices[0]
    here = [person for person in plan.people if person.office == city and not person.is_taken]
    count = max(1, plan.shape.people // plan.shape.people_a_kiosk)
    groups = [here[number::count] for number in range(count)]
    for number, group in enumerate(groups):
        chance = Random(f"kiosk {number}")
        regulars, guests = (
            group[: max(1, len(group) * 2 // 3)],
            group[max(1, len(group) * 2 // 3) :],
        )
        for (owner, day), (begin, _) in sorted(plan.days.spans.items(), key=lambda item: item[1]):
            person = plan.people[owner]
            is_guest = person in guests and day >= plan.judged[3] and chance.random() < 0.05
            if (owner, day) not in plan.days.in_office or not (
                is_guest or (person in regulars and chance.random() < 0.2)
            ):
                continue
            office = plan.days.office_on(city, day)
            at = begin + chance.uniform(0.1, 6) * HOUR
            client = Client(person.name, office.address, office.network, office.place, KIOSK, day)
            plan.log_in(person, client, WIKI.host, at)
            plan.reads(client, WIKI, at + 5, pages=2)
            plan.note(person, day, "uses the kiosk")
            if day >= plan.judged[0]:
                plan.miss(
                    "a kiosk",
                    "new_device new_network two_places_at_once session_changed_hands",
                    person.name,
                    at,
                    at + HOUR,
                    "uses the kiosk with a login of its own",
                )
