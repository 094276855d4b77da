"""What is missing: hours that are not complete, and canaries that do not come back."""

import signal
from typing import Annotated

import typer

from raytrail.commands.options import DataOption, JsonOption, SinceOption, UntilOption, opened, tell
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, BadConfiguration
from raytrail.progress import shown_if_slow
from raytrail.settings import Settings


def coverage(
    data: DataOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    zone: Annotated[
        list[str] | None, typer.Option(help="Also this zone [RAYTRAIL_CLOUDFLARE_ZONES]")
    ] = None,
    account: Annotated[str, typer.Option(help="The account [RAYTRAIL_CLOUDFLARE_ACCOUNT]")] = "",
    *,
    json: JsonOption = False,
) -> None:
    """How complete each hour is, by what Cloudflare counted; the last day if nothing is said."""
    from completeness import coverage as coverage_check
    from completeness import report
    from store.timestamps import system_clock

    settings = Settings.read()
    span = coverage_check.whole_hours(since, until, system_clock())
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
    raise typer.Exit(FOUND_SOMETHING_WRONG if report.is_wrong(found) else FINE)


def canary(
    data: DataOption = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Send none; only look for those sent before")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="One every RAYTRAIL_CANARY_MINUTES, until stopped")
    ] = False,
    json: JsonOption = False,
) -> None:
    """A marked request through a protected host must come back as a row: how long, how many."""
    from completeness import canaries
    from raytrail.service import companions

    settings = Settings.read()
    options = None if check else settings.canary_options()
    with opened(settings, data) as store:
        if watch and options:
            watching = companions.companion(companions.CANARY, store, settings)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: watching.stop.set())
            raise typer.Exit(watching.forever())
        flown = canaries.send_one(store, options) if options else None
        found = canaries.check(store)
    tell(canaries.as_object(found, flown) if json else canaries.lines(found, flown))
    raise typer.Exit(FOUND_SOMETHING_WRONG if canaries.is_wrong(found) else FINE)
