"""Incidents of probing and taking."""

from collections.abc import Mapping
from dataclasses import replace

from tests.findings.world.browsers import TOOLS, tool
from tests.findings.world.days import MINUTE
from tests.findings.world.planted.place_hits import Plant
from tests.findings.world.planted.plan import Plan
from tests.findings.world.records import Asked
from tests.findings.world.sites import CRM, DECOYS, FILES, HR, JIRA

MEGABYTE = 1_000_000


def refusal_burst(plan: Plan, number: int) -> None:
    person, day = plan.take()
    client, site = plan.laptop(person, day), person.sites[0]
    paths = (*site.admin, "/admin/keys", "/api/admin/users", "/api/tokens", "/internal/metrics")
    asks = [
        Asked(host=site.host, uri=paths[place % len(paths)], status=403)
        for place in range(12 + 10 * number)
    ]
    at = plan.after_work(person, day, 10)
    plan.log_in(person, client, site.host, at - 20)
    done = plan.asks(client, at, asks, step=20 if number % 2 else 30)
    what = f"{len(done)} refusals on {len(paths)} paths of {site.host}"
    plan.hit("refusal_burst", person.name, done, what, ("admin_path_first_time", "off_hours"))


def refused_then_allowed(plan: Plan, number: int) -> None:
    person, day = plan.take()
    client, site = plan.laptop(person, day), person.sites[0]
    uri = site.admin[0] if number % 2 == 0 else "/restricted/budget"
    at = plan.after_work(person, day, 10)
    plan.log_in(person, client, site.host, at - 20)
    refused = [Asked(host=site.host, uri=uri, status=403) for _ in range(4)]
    done = plan.asks(client, at, refused, step=60)
    done += plan.asks(client, at + 25 * MINUTE, [Asked(host=site.host, uri=uri)] * 2)
    what = f"{uri} was refused four times and then opened"
    plan.hit(
        "refused_then_allowed", person.name, done, what, ("admin_path_first_time", "off_hours")
    )


def enumeration(plan: Plan, number: int) -> None:
    person, day = plan.take()
    client, site = plan.laptop(person, day), (CRM, JIRA)[number % 2]
    kind, path = (("page", "/accounts/{}"), ("call", "/rest/api/2/issue/{}"))[number % 2]
    first = plan.chance.randint(5_000, 8_000)
    asks = [
        Asked(host=site.host, uri=path.format(first + place), kind=kind)
        for place in range(80 + 40 * number)
    ]
    at = plan.after_work(person, day, 10)
    plan.log_in(person, client, site.host, at - 20)
    done = plan.asks(client, at, asks, step=4)
    what = f"{len(done)} ids of {path} one after the other"
    also = ("reads_unlike_peers", "off_hours")
    plan.hit("enumeration", person.name, done, what, also)


def mass_download(plan: Plan, number: int) -> None:
    person, day = plan.take()
    client, site = plan.laptop(person, day), (FILES, person.sites[0])[number % 2]
    asks = [
        Asked(
            host=site.host,
            uri=site.files[0](plan.chance),
            kind="file",
            size=int(plan.chance.uniform(20, 60) * MEGABYTE),
        )
        for _ in range(60)
    ]
    at = plan.after_work(person, day, 10)
    plan.log_in(person, client, site.host, at - 20)
    done = plan.asks(client, at, asks, step=45)
    what = f"{len(done)} files, {sum(each.size for each in asks) // MEGABYTE} MB"
    also = ("reads_unlike_peers", "enumeration", "off_hours")
    plan.hit("mass_download", person.name, done, what, also)


def reads_unlike_peers(plan: Plan, _number: int) -> None:
    """Somebody of another team reads what people's files say, slowly."""
    person, day = plan.take(fits=lambda person: HR not in person.sites)
    client = plan.laptop(person, day)
    begin, _ = plan.days.spans[person.number, day]
    plan.log_in(person, client, HR.host, begin + 5 * MINUTE)
    asks = [
        Asked(host=HR.host, uri=f"/{place}/{plan.chance.randint(1, 400)}")
        for place in ("employees", "salaries", "reviews", "contracts", "warnings") * 9
    ]
    done = plan.asks(client, begin + 6 * MINUTE, asks, step=150)
    what = f"{len(done)} pages of {HR.host}, which the {person.team} team does not use"
    plan.hit("reads_unlike_peers", person.name, done, what, ("enumeration",))


def admin_path_first_time(plan: Plan, number: int) -> None:
    person, day = plan.take()
    client, site = plan.laptop(person, day), person.sites[number % 2]
    at = plan.after_work(person, day, 10)
    plan.log_in(person, client, site.host, at - 20)
    asks = [Asked(host=site.host, uri=uri) for uri in site.admin * 2]
    done = plan.asks(client, at, asks)
    plan.hit("admin_path_first_time", person.name, done, f"opens {site.admin[0]}", ("off_hours",))


def decoy_path(plan: Plan, number: int) -> None:
    person, day = plan.take()
    client, site = plan.laptop(person, day), person.sites[0]
    at = plan.after_work(person, day, 10)
    plan.log_in(person, client, site.host, at - 20)
    uris = plan.chance.sample(DECOYS, 1 + number % 3)
    done = plan.asks(client, at, [Asked(host=site.host, uri=uri, status=404) for uri in uris])
    plan.hit("decoy_path", person.name, done, f"asks for {', '.join(uris)}", ("off_hours",))


def tool_user_agent(plan: Plan, number: int) -> None:
    """From the usual network, so that nothing but the tool is new."""
    person, day = plan.take()
    usual, site = plan.laptop(person, day), person.sites[0]
    client = replace(usual, device=tool(TOOLS[number % len(TOOLS)]))
    at = plan.local(person, day, 13)
    plan.log_in(person, usual, site.host, at - 60)
    plan.reads(usual, site, at - 50, pages=1)
    asks = [Asked(host=site.host, uri=site.calls[0](plan.chance), kind="call") for _ in range(12)]
    done = plan.asks(client, at, asks, step=10)
    also = ("new_device", "token_new_network")
    plan.hit("tool_user_agent", person.name, done, f"uses {client.device.tool}", also)


PLANTS: Mapping[str, Plant] = {
    "refusal_burst": refusal_burst,
    "refused_then_allowed": refused_then_allowed,
    "enumeration": enumeration,
    "mass_download": mass_download,
    "reads_unlike_peers": reads_unlike_peers,
    "admin_path_first_time": admin_path_first_time,
    "decoy_path": decoy_path,
    "tool_user_agent": tool_user_agent,
}
