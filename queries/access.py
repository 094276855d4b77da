"""Which hosts are Access applications: only there is a user's name more than a claim."""

from collections.abc import Iterable

from queries.engine import Engine


def access_hosts(engine: Engine, configured: Iterable[str] = ()) -> tuple[str, ...]:
    """Hosts of the applications that anybody logged in to, and of those in the settings.

    An application that covers only a path of its host vouches for the whole host here;
    list hosts in the settings only if Access covers all of them.
    """
    answer = engine.ask("access_hosts", {"configured": list(configured)})
    return tuple(host for (host,) in answer.rows)
