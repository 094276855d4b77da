"""Near misses of probing and taking."""

from collections.abc import Callable, Sequence

from tests.findings.world.logs import HOUR
from tests.findings.world.planted.plan import Plan
from tests.findings.world.records import Asked
from tests.findings.world.sites import FILES, WIKI

# Incidents of which admin pages are a part: those people are no administrators.
OF_ADMIN = {"admin_path_first_time", "refused_then_allowed", "refusal_burst"}
TAKING = "mass_download enumeration reads_unlike_peers refusal_burst"


def prefetch(plan: Plan, _number: int) -> None:
    """The browser fetches ahead what a long list links to; nobody opens it."""
    if not plan.shape.has_browser_fields:
        return
    person, day = plan.take()
    client, at = plan.laptop(person, day), plan.after_work(person, day, 5)
    plan.log_in(person, client, WIKI.host, at - 20)
    asks = [Asked(host=WIKI.host, uri="/index")]
    referer = f"https://{WIKI.host}/index"
    for place in range(80):
        uri = f"/display/OPS/Incident+{place}" if place % 2 else f"/items/{place}"
        asks.append(Asked(host=WIKI.host, uri=uri, purpose="prefetch", referer=referer))
    asks += [
        Asked(host=WIKI.host, uri=uri, purpose="prefetch", referer=referer) for uri in WIKI.admin
    ]
    done = plan.asks(client, at, asks, step=0.3)
    plan.miss(
        "prefetch",
        f"{TAKING} admin_path_first_time",
        person.name,
        at,
        done[-1][0],
        "80 links of a list, fetched ahead",
    )


def pictures(plan: Plan, _number: int) -> None:
    """A page with many pictures of people."""
    person, day = plan.take()
    client, at = plan.laptop(person, day), plan.after_work(person, day, 5)
    plan.log_in(person, client, WIKI.host, at - 20)
    referer = f"https://{WIKI.host}/people"
    asks = [Asked(host=WIKI.host, uri="/people")]
    asks += [
        Asked(host=WIKI.host, uri=f"/avatars/{place}.png", kind="image", referer=referer)
        for place in range(120)
    ]
    done = plan.asks(client, at, asks, step=0.2)
    plan.miss(
        "pictures of a page", TAKING, person.name, at, done[-1][0], "120 pictures of one page"
    )


def resumed(plan: Plan, _number: int) -> None:
    """One large file, in hundreds of pieces."""
    person, day = plan.take()
    client, at = plan.laptop(person, day), plan.after_work(person, day, 5)
    plan.log_in(person, client, FILES.host, at - 20)
    pieces = [
        Asked(
            host=FILES.host,
            uri="/files/77/download/film.zip",
            kind="file",
            status=206,
            size=1_500_000,
        )
    ] * 300
    done = plan.asks(client, at, pieces, step=1.5)
    plan.miss(
        "a resumed download",
        f"{TAKING} refused_then_allowed",
        person.name,
        at,
        done[-1][0],
        "one file in 300 pieces",
    )


def resends(plan: Plan, _number: int) -> None:
    """Four refusals and eight files that arrive in four batches each."""
    person, day = plan.take()
    client, site, at = plan.laptop(person, day), person.sites[0], plan.after_work(person, day, 5)
    plan.log_in(person, client, site.host, at - 20)
    asks = [Asked(host=site.host, uri=f"/closed{place}/page", status=403) for place in range(4)]
    asks += [
        Asked(host=site.host, uri=site.files[0](plan.chance), kind="file", size=30_000_000)
        for _ in range(8)
    ]
    start = at
    for each in asks:
        plan.log.ask(client, at, each)
        for later in (25, 50, 75):
            plan.log.resend(at + later * HOUR)
        at += 20
    plan.miss("resends", TAKING, person.name, start, at, "12 requests, each in four batches")


def poll(plan: Plan, _number: int) -> None:
    """A page asks every few seconds for something that is refused; its pictures are refused too."""
    person, day = plan.take()
    client, site, at = plan.laptop(person, day), person.sites[0], plan.after_work(person, day, 5)
    plan.log_in(person, client, site.host, at - 20)
    referer = f"https://{site.host}/home"
    asks = [Asked(host=site.host, uri="/home")]
    for place in range(60):
        asks.append(
            Asked(host=site.host, uri="/api/presence", kind="call", status=403, referer=referer)
        )
        asks.append(
            Asked(
                host=site.host,
                uri=f"/pictures/a{place % 5}/x.png",
                kind="image",
                status=403,
                referer=referer,
            )
        )
    done = plan.asks(client, at, asks, step=4)
    plan.miss(
        "a page that polls",
        f"{TAKING} refused_then_allowed",
        person.name,
        at,
        done[-1][0],
        "one refused address again and again",
    )


def own_admin(plan: Plan, _number: int) -> None:
    """An administrator, for whom the admin pages are daily work."""
    others = {one.user for one in plan.incidents if one.rule in OF_ADMIN}
    person, last = plan.take(fits=lambda person: person.name not in others)
    for (number, day), (_, end) in list(plan.days.spans.items()):
        if number == person.number and day <= last:
            client, site = plan.laptop(person, day), person.sites[0]
            at = plan.days.sign_in(person, client, site.host, end + 30, "laptop")
            plan.asks(client, at, [Asked(host=site.host, uri=uri) for uri in site.admin])
    since, until = plan.judged_span()
    plan.miss(
        "an administrator",
        "admin_path_first_time",
        person.name,
        since,
        until,
        "opens admin pages each day",
    )


PLANTS: Sequence[Callable[[Plan, int], None]] = (
    prefetch,
    pictures,
    resumed,
    resends,
    poll,
    own_admin,
)
