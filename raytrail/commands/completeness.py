"""Commands that find missing records: `raytrail coverage` and `raytrail canary`."""

import signal
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
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, BadConfiguration
from raytrail.progress import shown_if_slow


def coverage(
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    time_zone: TimeZoneOption = "",
    zone: Annotated[
        list[str] | None,
        Option(help="Zone in addition to those of RAYTRAIL_CLOUDFLARE_ZONES; repeatable"),
    ] = None,
    account: Annotated[str, Option(help="Account name or id [RAYTRAIL_CLOUDFLARE_ACCOUNT]")] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Compare stored records with Cloudflare's counts, by hour.

    The default period is the last day.
    """
    from completeness import coverage as coverage_check
    from completeness import report
    from queries.period import parse_period
    from store.timestamps import system_clock

    settings = read_settings()
    period = parse_period(since, until, calendar_of(settings, time_zone))
    span = coverage_check.whole_hours(period, system_clock())
    with opened(settings, data) as store, shown_if_slow("asking Cloudflare"):
        if settings.has_api():
            zones = (*settings.zones(), *(zone or ()))
            account = account or settings.cloudflare_account
            if not zones and not account:
                raise BadConfiguration("RAYTRAIL_CLOUDFLARE_ZONES: name the zones that send here")
            selection = coverage_check.JobSelection(zones, account, settings.public_host())
            found = coverage_check.check(store, settings.api_options(), selection, *span)
        else:
            found = coverage_check.received_only(store, *span)
    tell(report.as_object(found) if json else report.lines(found))
    sys.exit(FOUND_SOMETHING_WRONG if report.is_wrong(found) else FINE)


def canary(
    data: DataOption = None,
    *,
    check: Annotated[
        bool, Option("--check", help="Send nothing; only look for earlier test requests")
    ] = False,
    watch: Annotated[
        bool, Option("--watch", help="Send one every RAYTRAIL_CANARY_MINUTES, until stopped")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Send a test request and check that it arrives as a row.

    The request goes to RAYTRAIL_CANARY_URL, a page on a host protected by Access.
    """
    from completeness import canaries

    settings = read_settings()
    options = None if check else settings.canary_options()
    with opened(settings, data) as store:
        if watch and options:
            from raytrail.service import companions

            watching = companions.companion(companions.CANARY, store, settings)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: watching.stop.set())
            sys.exit(watching.forever())
        flown = canaries.send_one(store, options) if options else None
        found = canaries.check(store)
    tell(canaries.as_object(found, flown) if json else canaries.lines(found, flown))
    sys.exit(FOUND_SOMETHING_WRONG if canaries.is_wrong(found) else FINE)
