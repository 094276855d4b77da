"""`raytrail applications`: fetch and list the hosts that Access protects."""

from typing import Annotated

from raytrail.command_line.parameters import Option
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    TimeZoneOption,
    calendar_of,
    opened,
    read_settings,
    tell,
    tell_rows,
)
from raytrail.progress import shown_if_slow


def pull(data: DataOption = None, *, json: JsonOption = False) -> None:
    """Fetch the account's applications and record changes."""
    from raytrail.commands.applications import applications

    settings = read_settings()
    options = settings.api_options()
    with opened(settings, data) as store, shown_if_slow("asking Cloudflare"):
        change = applications.pull(store, options, settings.cloudflare_account)
    tell(applications.change_object(change) if json else applications.change_lines(change))


def list_applications(
    data: DataOption = None,
    at: Annotated[str, Option(help="Point in time: a day or an RFC 3339 time [now]")] = "",
    time_zone: TimeZoneOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """List the applications known at a point in time."""
    from queries.period import parse_period
    from raytrail.commands.applications import applications

    settings = read_settings()
    moment = parse_period(at, calendar=calendar_of(settings, time_zone)).since
    with opened(settings, data) as store:
        found = applications.listed(store, moment)
    if json:
        tell_rows(applications.as_object(held) for held in found)
    else:
        tell(applications.lines(found))
