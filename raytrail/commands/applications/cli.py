"""Which hosts Access stands in front of, and since when."""

from typing import Annotated

import orjson
import typer

from raytrail.commands.options import DataOption, JsonOption, opened, tell
from raytrail.progress import shown_if_slow
from raytrail.settings import Settings


def pull(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Ask Cloudflare for the account's applications, and remember what changed."""
    from raytrail.commands.applications import applications

    settings = Settings.read()
    options = settings.api_options()
    with opened(settings, data) as store, shown_if_slow("asking Cloudflare"):
        change = applications.pull(store, options, settings.cloudflare_account)
    tell(applications.change_object(change) if json else applications.change_lines(change))


def list_applications(
    data: DataOption = None,
    at: Annotated[str, typer.Option(help="As of this time, RFC 3339 or a day; else now")] = "",
    *,
    json: JsonOption = False,
) -> None:
    """The applications as they were at a moment."""
    from queries.period import parse_period
    from raytrail.commands.applications import applications

    with opened(Settings.read(), data) as store:
        found = applications.listed(store, parse_period(since=at).since)
    if json:
        for held in found:
            typer.echo(orjson.dumps(applications.as_object(held)).decode())
        return
    tell(applications.lines(found))
