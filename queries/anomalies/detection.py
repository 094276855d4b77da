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
from queries.errors import PartUnreadable, QueryFailed
from queries.identity.access import Access
from queries.identity.person import Person
from queries.period import Period

# Of each kind. A person reads the report; a kind that happens all the time is clear from these.
SHOWN_OF_EACH = 20

PASSED_A_LIMIT = "the question passed its limit of time or memory; ask for a shorter period"

_SEARCHES = {
    without_login: (Kind.NO_LOGIN,),
    after_logout: (Kind.AFTER_LOGOUT,),
    unused_logins: (Kind.UNUSED_LOGIN,),
    at_once: (Kind.TWO_DEVICES, Kind.TWO_COUNTRIES),
    unprotected: (Kind.UNPROTECTED,),
}


def anomalies(engine: Engine, person: Person, period: Period, access: Access) -> Anomalies:
    """The anomalies of a person; `access` is what Access protected in that period."""
    look = Look.of(engine, person, period, access)
    found: defaultdict[Kind, list[Anomaly]] = defaultdict(list)
    not_judged = []
    for search, kinds in _SEARCHES.items():
        try:
            for each in search(look):
                if isinstance(each, NotJudged):
                    not_judged.append(each)
                else:
                    found[each.kind].append(each)
        except PartUnreadable:
            raise
        except QueryFailed:
            # A report of ten million requests is more than its anomalies.
            not_judged += [NotJudged(kind, PASSED_A_LIMIT) for kind in kinds]
    shown = [each for some in found.values() for each in some[:SHOWN_OF_EACH]]
    total = sum(len(some) for some in found.values())
    shown.sort(key=lambda each: (each.started_at, each.kind, each.host or ""))
    return Anomalies(found=tuple(shown), left_out=total - len(shown), not_judged=tuple(not_judged))
