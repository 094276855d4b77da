"""Finds the anomalies of a person's period, and says which kinds could not be judged.

An anomaly that says that something is missing is claimed only for the time for which its source is
known to have told everything; see known_time.py.
"""

from collections import defaultdict

from queries.anomalies.anomaly import Anomalies, Anomaly, Kind, NotJudged
from queries.anomalies.login_anomalies import after_logout, unused_logins, without_login
from queries.anomalies.look import Look
from queries.anomalies.request_anomalies import at_once, unprotected
from queries.engine import Engine
from queries.identity.access import Access
from queries.identity.person import Person
from queries.period import Period

# Of each kind. A person reads the report; a kind that happens all the time is clear from these.
SHOWN_OF_EACH = 20

_SEARCHES = (without_login, after_logout, unused_logins, at_once, unprotected)


def anomalies(engine: Engine, person: Person, period: Period, access: Access) -> Anomalies:
    """The anomalies of a person; `access` is what Access protected in that period."""
    look = Look.of(engine, person, period, access)
    found: defaultdict[Kind, list[Anomaly]] = defaultdict(list)
    not_judged = []
    for search in _SEARCHES:
        for each in search(look):
            if isinstance(each, NotJudged):
                not_judged.append(each)
            else:
                found[each.kind].append(each)
    shown = [each for some in found.values() for each in some[:SHOWN_OF_EACH]]
    total = sum(len(some) for some in found.values())
    shown.sort(key=lambda each: (each.started_at, each.kind, each.host or ""))
    return Anomalies(found=tuple(shown), left_out=total - len(shown), not_judged=tuple(not_judged))
