"""Access logins: pulled out of Cloudflare's API, and one of them explained."""

from typing import Annotated

import orjson
import typer

from raytrail.commands.options import (
    DataOption,
    JsonOption,
    SinceOption,
    UntilOption,
    opened,
    tell,
)
from raytrail.errors import COULD_NOT_DO_IT, FINE, FOUND_SOMETHING_WRONG
from raytrail.progress import shown_if_slow
from raytrail.settings import Settings

AccountOption = Annotated[
    str, typer.Option("--account", help="Id or name [RAYTRAIL_CLOUDFLARE_ACCOUNT]")
]


def pull(
    data: DataOption = None,
    account: AccountOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Pull Access logins, from where the last time ended; `serve` does it by itself."""
    from queries.period import parse_period
    from raytrail.commands.logins import logins

    settings = Settings.read()
    options, period = settings.api_options(), parse_period(since, until)
    named = account or settings.cloudflare_account
    with opened(settings, data) as store, shown_if_slow("pulling logins"):
        done = list(logins.pull(store, options, named, period))
    if json:
        tell({"sources": [logins.outcome_object(each) for each in done]})
    else:
        for each in done:
            tell(logins.outcome_lines(each))
    if all(each.error for each in done):
        raise typer.Exit(COULD_NOT_DO_IT)
    raise typer.Exit(FOUND_SOMETHING_WRONG if any(each.is_wrong for each in done) else FINE)


def ray(
    ray_id: Annotated[str, typer.Argument(metavar="RAYID", help="As the page of the 403 shows it")],
    data: DataOption = None,
    account: AccountOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Why Access refused this request, or let it in."""
    from queries.period import parse_period
    from raytrail.commands.logins import logins

    settings = Settings.read()
    options, period = settings.api_options(), parse_period(since, until)
    wanted = logins.demand_ray_id(ray_id)
    named = account or settings.cloudflare_account
    with opened(settings, data) as store, shown_if_slow("asking Cloudflare"):
        found = logins.look_up_ray(store, options, named, wanted, period)
    if json:
        for event in found.events:
            typer.echo(orjson.dumps(event).decode())
    else:
        tell(logins.ray_lines(found))
    raise typer.Exit(FINE if found.events else FOUND_SOMETHING_WRONG)
