"""What a made-up company is like: every parameter is drawn from a seed."""

import random
from dataclasses import dataclass
from typing import Self

HOUR, MINUTE = 3600.0, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Shares are of people, unless said otherwise; times are in seconds."""

    seed: int
    people: int = 300
    offices: int = 4
    days: int = 20
    hosts: int = 5
    # Who has no office, and who works at home on a day.
    only_at_home: float = 0.15
    day_at_home: float = 0.3
    # Arrival: how people differ, and how the days of one person differ.
    arrival_people: float = 25 * MINUTE
    arrival_days: float = 8 * MINUTE
    # Visits of one person to one host on one day, and requests in a visit.
    visits: float = 2.5
    requests: int = 12
    pause: float = 45.0
    sessions: tuple[float, ...] = (8 * HOUR, 24 * HOUR)
    # The wait between a login and the first request after it.
    lag: float = 30.0
    skew: float = 0.0
    # People who come in pairs, within this time of each other, to the same hosts.
    lockstep: float = 0.05
    lockstep_apart: float = 40.0
    # Accounts that are not one person with one name.
    mail_names: float = 0.05
    two_mails: float = 0.0
    shared_accounts: float = 0.0
    never_appears: float = 0.03
    never_logs_in: float = 0.03
    kiosks: int = 0
    attackers: int = 0
    # Everybody's traffic leaves from one address on such a day of a person.
    vpn: float = 0.0
    ipv6_homes: float = 0.3
    # Records that are missing, by record.
    lost_logins: float = 0.0
    lost_requests: float = 0.0
    # First requests that come long after their login.
    late: float = 0.0

    @classmethod
    def plain(cls, seed: int) -> Self:
        """300 people in four offices, and nothing unusual but what every company has."""
        return cls(seed=seed)

    @classmethod
    def hard(cls, seed: int) -> Self:
        """A relative of the plain one with every parameter drawn."""
        chance = random.Random(seed)
        pick, between = chance.choice, chance.uniform
        return cls(
            seed=seed,
            people=pick((20, 60, 120, 300)),
            offices=pick((1, 2, 4)),
            days=pick((2, 3, 5, 10, 20)),
            hosts=pick((1, 2, 4, 8)),
            only_at_home=between(0, 0.4),
            day_at_home=pick((0.0, 0.1, 0.4)),
            arrival_people=pick((1, 5, 20, 60)) * MINUTE,
            arrival_days=pick((0.3, 1, 3, 10, 30)) * MINUTE,
            visits=pick((0.7, 1.5, 3.0)),
            requests=pick((2, 5, 12)),
            pause=pick((10.0, 40.0, 120.0)),
            sessions=pick(((8 * HOUR,), (24 * HOUR,), (8 * HOUR, 24 * HOUR), (0.5 * HOUR,))),
            lag=pick((2.0, 15.0, 40.0, 120.0, 240.0)),
            skew=pick((0.0, -4.0, 4.0)),
            lockstep=pick((0.0, 0.1, 0.5)),
            lockstep_apart=pick((3.0, 20.0, 60.0)),
            mail_names=pick((0.0, 0.2)),
            two_mails=pick((0.0, 0.1)),
            shared_accounts=pick((0.0, 0.1)),
            never_appears=pick((0.0, 0.05, 0.2)),
            never_logs_in=pick((0.0, 0.05, 0.2)),
            kiosks=pick((0, 2)),
            attackers=pick((0, 3)),
            vpn=pick((0.0, 0.3, 1.0)),
            ipv6_homes=pick((0.0, 0.5)),
            lost_logins=pick((0.0, 0.1, 0.4)),
            lost_requests=pick((0.0, 0.3, 0.9)),
            late=pick((0.0, 0.2)),
        )
