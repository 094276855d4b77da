"""Commands that explain: `raytrail explain`, `visitors`, `compare`."""

from typing import Annotated

from raytrail.command_line.parameters import Argument, Option
from raytrail.commands.options import (
    DataOption,
    ExactlyOption,
    JsonOption,
    PeriodOption,
    SinceOption,
    TimeZoneOption,
    UntilOption,
    UserFromOption,
    WithoutDamagedOption,
    calendar_of,
    demand_user,
    layout_of,
    read_store_settings,
)

AccountOption = Annotated[
    str, Option("--account", help="Account name or id [RAYTRAIL_CLOUDFLARE_ACCOUNT]")
]


def explain(
    ray_id: Annotated[
        str,
        Argument(
            metavar="RAYID", help="Ray ID from the page of a refusal, the header CF-Ray, or a log"
        ),
    ],
    data: DataOption = None,
    account: AccountOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    period: PeriodOption = "",
    time_zone: TimeZoneOption = "",
    *,
    exactly: ExactlyOption = False,
    json: JsonOption = False,
    without_damaged: WithoutDamagedOption = False,
) -> None:
    """Explain one request: who sent it, with which login, and why it was answered as it was.

    Names every record with the Ray ID, and the sources that are missing. Asks Cloudflare for its
    login event if an API token is set and the store has none.
    """
    from queries.explanation.explain import parse_ray_id
    from queries.period import parse_period
    from raytrail.commands.explanation.explain import Asked, show

    settings = read_store_settings()
    asked = Asked(
        layout_of(settings, data),
        parse_ray_id(ray_id),
        parse_period(since, until, calendar_of(settings, time_zone), period=period),
        settings.known_access_hosts(),
        without_damaged,
        exactly,
        settings.linked_names(),
        settings.template_rules(),
    )
    show(asked, settings, account or settings.cloudflare_account, as_json=json)


def visitors(
    host: Annotated[str, Argument(help="Host name, with or without port; or a URL")],
    path: Annotated[
        str,
        Argument(help="Path with all below it; /browse/{key} is compared with templates"),
    ] = "",
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    period: PeriodOption = "",
    time_zone: TimeZoneOption = "",
    *,
    json: JsonOption = False,
    without_damaged: WithoutDamagedOption = False,
) -> None:
    """List who visited a host or a path of it, the most requests first.

    Shows each name with its grade, requests by kind, and the first and last time.
    """
    from queries.period import parse_period
    from queries.visitors.visitors import parse_place
    from raytrail.commands.explanation.visitors import Asked, show

    settings = read_store_settings()
    asked = Asked(
        layout_of(settings, data),
        parse_place(host, path),
        parse_period(since, until, calendar_of(settings, time_zone), period=period),
        settings.known_access_hosts(),
        without_damaged,
        settings.linked_names(),
        settings.template_rules(),
    )
    show(asked, as_json=json)


def compare(
    user: Annotated[str, Argument(help="User name exactly as logged")] = "",
    user_from: UserFromOption = None,
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    period: PeriodOption = "",
    time_zone: TimeZoneOption = "",
    with_since: Annotated[
        str, Option("--with-since", help="Start of the other period [right before this one]")
    ] = "",
    with_until: Annotated[
        str, Option("--with-until", help="End of the other period [of the same length]")
    ] = "",
    *,
    exactly: ExactlyOption = False,
    json: JsonOption = False,
    without_damaged: WithoutDamagedOption = False,
) -> None:
    """Compare one period of a person with another: counts by kind, and what is new and gone.

    The other period is the one of the same length right before, unless you choose another.
    """
    from queries.period import parse_period
    from raytrail.commands.explanation.compare import show
    from raytrail.commands.questions.asked import Asked

    who = demand_user(user, user_from)
    settings = read_store_settings()
    calendar = calendar_of(settings, time_zone)
    asked = Asked(
        layout_of(settings, data),
        who,
        parse_period(since, until, calendar, period=period),
        settings.known_access_hosts(),
        without_damaged,
        exactly,
        settings.linked_names(),
        settings.template_rules(),
        calendar.zone,
    )
    show(asked, parse_period(with_since, with_until, calendar), as_json=json)
