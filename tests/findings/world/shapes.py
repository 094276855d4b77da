"""What a made-up company is like. The seed decides everything that a shape leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

DAYS = 63
# Incidents and near misses are in the last three weeks.
JUDGED_DAYS = 21
# Europe changes its clocks on 25 October and the United States on 1 November, in the judged weeks.
LAST_DAY = date(2026, 11, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Shares are of people unless said otherwise, between 0 and 1."""

    people: int = 60
    requests_a_day: float = 60.0
    # The cities of the offices; a share of the people works without one, in any of these countries.
    offices: tuple[str, ...] = ("Prague", "London", "Austin")
    remote_cities: tuple[str, ...] = ("Berlin", "Lisbon", "Warsaw", "Toronto")
    remote: float = 0.2
    days_at_home: float = 0.3
    shifts: float = 0.05
    part_time: float = 0.06
    newcomers: float = 0.04
    on_leave: float = 0.1
    phones: float = 0.6
    phone_days: float = 0.4
    warp: float = 0.1
    relay: float = 0.08
    vpn: float = 0.04
    cafes: float = 0.02
    travellers: float = 0.08
    automation: float = 0.05
    # One kiosk for so many people with shifts; at least one.
    people_a_kiosk: int = 100
    ipv6_homes: float = 0.3
    has_ja4: bool = True
    has_position: bool = True
    has_browser_fields: bool = True
    has_logins: bool = True
    # Whose name on requests is the mail address that they log in with.
    mail_names: float = 1.0
    # How many incidents of each rule, and how many near misses of each kind.
    incidents: int = 2
    near_misses: int = 2
    last_day: date = LAST_DAY

    @property
    def first_day(self) -> date:
        return self.last_day - timedelta(days=DAYS - 1)

    @property
    def judged_from(self) -> date:
        return self.last_day - timedelta(days=JUDGED_DAYS - 1)


SHAPES: Mapping[str, Shape] = {
    "offices": Shape(),
    "one_office": Shape(
        offices=("Prague",), remote_cities=("Prague",), remote=0.05, warp=0.0, relay=0.02
    ),
    "global": Shape(
        offices=(),
        remote_cities=(
            "Berlin",
            "Lisbon",
            "Austin",
            "Bengaluru",
            "Tokyo",
            "Sydney",
            "Nairobi",
            "Toronto",
        ),
        remote=1.0,
        warp=0.3,
        cafes=0.06,
        travellers=0.15,
    ),
    "hospital": Shape(
        offices=("Warsaw", "Berlin"),
        remote=0.03,
        remote_cities=("Warsaw",),
        days_at_home=0.02,
        shifts=0.6,
        part_time=0.15,
        phones=0.3,
        travellers=0.02,
        people_a_kiosk=30,
    ),
    "no_ja4": Shape(has_ja4=False),
    "no_position": Shape(has_position=False),
    "few_fields": Shape(has_ja4=False, has_position=False, has_browser_fields=False),
    "names": Shape(mail_names=0.0),
    "no_logins": Shape(mail_names=0.0, has_logins=False),
}


def drawn(seed: int, people: int) -> Shape:
    """A company of which every parameter is drawn from the seed."""
    chance = Random(f"shape {seed}")
    between = chance.uniform
    base = SHAPES[chance.choice(("offices", "one_office", "global", "hospital"))]
    return replace(
        base,
        people=people,
        requests_a_day=between(15, 50),
        remote=1.0 if not base.offices else between(0, 0.4),
        days_at_home=between(0, 0.5),
        shifts=between(0, 0.5),
        part_time=between(0, 0.15),
        newcomers=between(0, 0.08),
        on_leave=between(0, 0.2),
        phones=between(0.1, 0.9),
        warp=between(0, 0.5),
        relay=between(0, 0.15),
        vpn=between(0, 0.1),
        cafes=between(0, 0.05),
        travellers=between(0, 0.15),
        automation=between(0, 0.1),
        ipv6_homes=between(0, 0.6),
        has_ja4=chance.random() < 0.7,
        has_position=chance.random() < 0.7,
        has_browser_fields=chance.random() < 0.7,
        mail_names=chance.choice((1.0, 1.0, 0.5)),
    )
