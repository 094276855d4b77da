"""`raytrail logins`: fetch Access logins."""

import sys
from typing import Annotated

from raytrail.command_line.parameters import Option
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    SinceOption,
    TimeZoneOption,
    UntilOption,
    calendar_of,
    opened,
    read_settings,
    tell,
)
from raytrail.errors import COULD_NOT_DO_IT, FINE, FOUND_SOMETHING_WRONG
from raytrail.progress import shown_if_slow

AccountOption = Annotated[
    str, Option("--account", help="Account name or id [RAYTRAIL_CLOUDFLARE_ACCOUNT]")
]


def pull(
    data: DataOption = None,
    account: AccountOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    time_zone: TimeZoneOption = "",
    *,
    json: JsonOption = False,
) -> None:
    """Fetch Access logins that are not stored yet.

    Starts where the last pull ended. `serve` pulls logins in the background.
    """
    from queries.period import parse_period
    from raytrail.commands.logins import words
    from raytrail.service import logins

    settings = read_settings()
    calendar = calendar_of(settings, time_zone)
    options, period = settings.api_options(), parse_period(since, until, calendar)
    named = account or settings.cloudflare_account
    with opened(settings, data) as store, shown_if_slow("pulling logins"):
        done = list(logins.pull(store, options, named, period))
    if json:
        tell({"sources": [logins.facts(each) for each in done]})
    else:
        for each in done:
            tell(words.lines(each))
    if all(each.error for each in done):
        sys.exit(COULD_NOT_DO_IT)
    sys.exit(FOUND_SOMETHING_WRONG if any(each.is_wrong for each in done) else FINE)
