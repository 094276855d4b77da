"""Commands that fill gaps: `raytrail import` from archives, `raytrail backfill` from Logpull."""

import logging
import sys
from contextlib import AbstractContextManager
from typing import Annotated

from raytrail.command_line.parameters import Argument, Option
from raytrail.commands.options import (
    DataOption,
    JsonOption,
    SinceOption,
    TimeZoneOption,
    UntilOption,
    calendar_of,
    layout_of,
    opened,
    read_settings,
    tell,
)
from raytrail.errors import FINE, FOUND_SOMETHING_WRONG, CannotDo
from raytrail.progress import shown_if_slow


def import_archives(
    places: Annotated[
        list[str], Argument(metavar="PATH...", help="Files, folders, or s3://bucket/prefix")
    ],
    data: DataOption = None,
    dataset: Annotated[
        str, Option(help="Dataset of all files [taken from folder names or records]")
    ] = "",
    *,
    new: Annotated[bool, Option("--new", help="Create a store in a folder that has none")] = False,
    new_dataset: Annotated[
        bool,
        Option(
            "--new-dataset", help="Accept a dataset that is neither documented nor in the store"
        ),
    ] = False,
    again: Annotated[
        bool, Option("--again", help="Also read files that were imported before")
    ] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Count the files; change nothing")] = False,
    json: JsonOption = False,
) -> None:
    """Import Logpush archives from files, folders or S3.

    Batches that are already in the store are skipped. New rows are merged into day and month files.
    """
    from archives import import_run
    from raytrail.commands.archives import import_words, merging
    from raytrail.commands.archives.import_target import opened_to_fill
    from raytrail.service import log
    from store.store import Store
    from store.timestamps import system_clock

    settings = read_settings()
    request = import_run.import_request(places, settings.bucket_options(), dataset, is_again=again)
    logger = log.configure("import", logging.WARNING)
    layout, limits = layout_of(settings, data), settings.intake_limits()
    shell = settings.shell_options()
    # A dry run creates nothing.
    target: AbstractContextManager[Store] = (
        Store.open(layout, system_clock, limits, shell)
        if dry_run
        else opened_to_fill(layout, system_clock, limits, shell, is_new=new)
    )
    with target as store, shown_if_slow("listing the archive") as update:
        if not new_dataset:
            import_run.demand_known_dataset(store, request)
        if dry_run:
            planned = import_run.plan(store, request)
            result = import_words.plan_object(planned) if json else import_words.plan_lines(planned)
            is_wrong = False
        else:
            done = import_run.run(store, request, logger, update)
            # Where a service loads the rows, it merges them as well.
            is_ours = done.is_loaded and done.batches > 0
            merged = merging.merge_imported(store, update) if is_ours else None
            show = import_words.as_object if json else import_words.lines
            result = show(done, merged)
            is_empty = new and not store.status().batches
            is_wrong = bool(done.damaged) or is_empty or bool(done.left_out and not done.objects)
    tell(result)
    sys.exit(FOUND_SOMETHING_WRONG if is_wrong else FINE)


def backfill(
    zone: Annotated[str, Option(help="Zone name or id")],
    since: SinceOption,
    until: UntilOption = "",
    data: DataOption = None,
    time_zone: TimeZoneOption = "",
    *,
    again: Annotated[
        bool, Option("--again", help="Also fetch hours that were fetched before")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Fetch missing requests of a zone with Cloudflare Logpull.

    Requests that are already in the store are skipped. Logpull keeps seven days.
    """
    from archives import backfill as backfilling
    from queries.period import parse_period
    from raytrail.commands.archives import backfill_words
    from raytrail.service import log

    settings = read_settings()
    options = settings.api_options()
    period = parse_period(since, until, calendar_of(settings, time_zone))
    if period.since is None:
        raise CannotDo("--since: give the start of the period; Logpull keeps seven days")
    request = backfilling.BackfillRequest(
        zone=zone, since=period.since, until=period.until, is_again=again
    )
    logger = log.configure("backfill", logging.WARNING)
    with opened(settings, data) as store, shown_if_slow("asking Cloudflare") as update:
        done = backfilling.run(store, request, options, logger, update)
    tell(backfill_words.as_object(done) if json else backfill_words.lines(done))
