"""Anomalies in words. Logged text goes through the `name` that a caller gives, which escapes it."""

from collections.abc import Callable, Iterator

from queries.anomalies.anomaly import Anomalies, Anomaly, Evidence, Kind
from queries.report.times import TIMES_IN_UTC, Times
from queries.report.wording import counted, number

MEANING = (
    "What is odd about the logins and requests of this person, with records to look at. None of it "
    "proves anything by itself."
)

TITLES = {
    Kind.NO_LOGIN: "no login",
    Kind.AFTER_LOGOUT: "traffic after a logout",
    Kind.UNUSED_LOGIN: "login without requests",
    Kind.TWO_DEVICES: "two devices at once",
    Kind.TWO_COUNTRIES: "two countries at once",
    Kind.UNPROTECTED: "identity on an unprotected host",
}


def title(anomaly: Anomaly) -> str:
    """As it begins a sentence."""
    words = TITLES[anomaly.kind]
    return f"{words[0].upper()}{words[1:]}"


Name = Callable[[str | None], str]


def sentence(anomaly: Anomaly, name: Name) -> str:
    """What happened."""
    requests = counted(anomaly.requests or 0, "request")
    host = name(anomaly.host)
    values = " and ".join(name(each) for each in anomaly.values) or "an application"
    match anomaly.kind:
        case Kind.NO_LOGIN:
            return f"{requests} to {host} passed Access, and no login that allowed it is known"
        case Kind.AFTER_LOGOUT:
            return f"{requests} to {host} after the logout from {values} and before the next login"
        case Kind.UNUSED_LOGIN:
            return f"no request followed the login to {values} within ten minutes"
        case Kind.TWO_DEVICES | Kind.TWO_COUNTRIES:
            return f"requests from {values} took turns"
        case Kind.UNPROTECTED:
            return (
                f"{requests} to {host} where no application covered host and path: anybody could "
                "send this name"
            )


def evidence(each: Evidence, name: Name, times: Times = TIMES_IN_UTC) -> str:
    return f"{each.what} at {times.moment(each.seen_at)}, Ray ID {name(each.ray_id)}"


def remarks(found: Anomalies) -> Iterator[str]:
    """What is not listed, and why."""
    if found.left_out:
        yield f"{number(found.left_out)} more of the same kinds are not listed."
    for each in found.not_judged:
        yield f"Not judged: {TITLES[each.kind]}; {each.why}."
